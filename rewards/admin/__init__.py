"""Rewards in the admin: gifts, pools and earning rules are edited, what was given is only looked at."""

from rewards.admin import adjustments, earning, gifts, pool_listings, pool_versions, pools, records, units

__all__ = ["adjustments", "earning", "gifts", "pool_listings", "pool_versions", "pools", "records", "units"]
