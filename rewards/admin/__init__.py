"""Rewards in the admin: gifts, pools and earning rules are edited, what was given is only looked at."""

from rewards.admin import adjustments, deliveries, earning, gifts, pools, records, shipping, units

__all__ = ["adjustments", "deliveries", "earning", "gifts", "pools", "records", "shipping", "units"]
