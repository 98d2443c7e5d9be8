"""Rewards in the admin: gifts, pools and earning rules are edited, what was given is only looked at."""

from rewards.admin import (
    adjustments,
    awards,
    budgets,
    codes,
    deliveries,
    earning,
    gifts,
    mall,
    outlets,
    pool_listings,
    pool_versions,
    pools,
    receipts,
    records,
    shipping,
    units,
)

__all__ = [
    "adjustments",
    "awards",
    "budgets",
    "codes",
    "deliveries",
    "earning",
    "gifts",
    "mall",
    "outlets",
    "pool_listings",
    "pool_versions",
    "pools",
    "receipts",
    "records",
    "shipping",
    "units",
]
