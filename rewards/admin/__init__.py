"""Rewards in the admin: gifts and pools are edited, what was given is only looked at."""

from rewards.admin import gifts, pools, records, units

__all__ = ["gifts", "pools", "records", "units"]
