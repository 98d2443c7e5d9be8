"""Rewards in the admin: gifts and pools are edited, what was given is only looked at."""

from rewards.admin import gifts, pools, records

__all__ = ["gifts", "pools", "records"]
