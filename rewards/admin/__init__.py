"""Rewards in the admin: gifts, pools and earning rules are edited, what was given is only looked at."""

from rewards.admin import adjustments, budgets, earning, gifts, pools, records, units

__all__ = ["adjustments", "budgets", "earning", "gifts", "pools", "records", "units"]
