"""Rewards in the admin: gifts, pools and earning rules are edited, what was given is only looked at."""

from rewards.admin import adjustments, awards, codes, earning, gifts, outlets, pools, records, units

__all__ = ["adjustments", "awards", "codes", "earning", "gifts", "outlets", "pools", "records", "units"]
