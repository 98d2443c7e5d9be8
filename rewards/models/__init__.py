"""Value: the ledger, gifts and their codes, prize pools, chances, draws and awards.

Nothing here knows a campaign: a `scope` such as "campaign:double-eleven" names what chances and draws belong to.
Foreign keys that lead a composite index have none of their own: each index is paid for at every draw.
"""

from rewards.models.adjustments import Adjustment
from rewards.models.awards import Award
from rewards.models.budgets import Budget, BudgetUse
from rewards.models.deliveries import Delivery
from rewards.models.draws import ChanceGrant, Chances, Draw, DrawGate, Streak
from rewards.models.earning import Earning, EarningRule
from rewards.models.gifts import CouponCode, Gift
from rewards.models.ledger import Account, Entry, ExpiryNotice, Lot, LotUse, PendingEntry, Unit
from rewards.models.pools import PoolListing, PoolVersion, PoolVersionPrize, Prize, PrizePool, PrizeStock
from rewards.models.quotas import Quota
from rewards.models.shipping import Shipment, ShippingBatch

__all__ = [
    "Account",
    "Adjustment",
    "Award",
    "Budget",
    "BudgetUse",
    "ChanceGrant",
    "Chances",
    "CouponCode",
    "Delivery",
    "Draw",
    "DrawGate",
    "Earning",
    "EarningRule",
    "Entry",
    "ExpiryNotice",
    "Gift",
    "Lot",
    "LotUse",
    "PendingEntry",
    "PoolListing",
    "PoolVersion",
    "PoolVersionPrize",
    "Prize",
    "PrizePool",
    "PrizeStock",
    "Quota",
    "Shipment",
    "ShippingBatch",
    "Streak",
    "Unit",
]
