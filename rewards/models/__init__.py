"""Value: the ledger, gifts and their codes, prize pools, chances, draws and awards.

Nothing here knows a campaign: a `scope` such as "campaign:double-eleven" names what chances and draws belong to.
Foreign keys that lead a composite index have none of their own: each index is paid for at every draw.
"""

from rewards.models.adjustments import Adjustment
from rewards.models.draws import ChanceGrant, Chances, Draw
from rewards.models.earning import Earning, EarningRule
from rewards.models.gifts import Award, CouponCode, Gift
from rewards.models.ledger import Account, Entry, ExpiryNotice, Lot, LotUse, PendingEntry, Unit
from rewards.models.pools import PoolVersion, PoolVersionPrize, Prize, PrizePool, PrizeStock

__all__ = [
    "Account",
    "Adjustment",
    "Award",
    "ChanceGrant",
    "Chances",
    "CouponCode",
    "Draw",
    "Earning",
    "EarningRule",
    "Entry",
    "ExpiryNotice",
    "Gift",
    "Lot",
    "LotUse",
    "PendingEntry",
    "PoolVersion",
    "PoolVersionPrize",
    "Prize",
    "PrizePool",
    "PrizeStock",
    "Unit",
]
