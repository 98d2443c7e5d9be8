"""Value: the ledger, gifts and their codes, prize pools, chances, draws and awards.

Nothing here knows a campaign: a `scope` such as "campaign:double-eleven" names what chances and draws belong to.
Foreign keys that lead a composite index have none of their own: each index is paid for at every draw.
"""

from rewards.models.adjustments import Adjustment
from rewards.models.award_batches import AwardBatch
from rewards.models.awards import Award
from rewards.models.budgets import Budget, BudgetUse, BudgetWarning
from rewards.models.catalogue import CatalogueEdition
from rewards.models.codes import CodeBatch, CouponCode
from rewards.models.deliveries import Delivery
from rewards.models.draws import ChanceGrant, Chances, Draw, DrawGate, Streak
from rewards.models.earning import Earning, EarningRule
from rewards.models.gifts import Gift
from rewards.models.ledger import Account, Entry, ExpiryNotice, Lot, LotUse, PendingEntry, Unit
from rewards.models.mall import MallItem, MallOrder
from rewards.models.outlets import AwardNotice, CheckOff, Outlet, WrongNumbers
from rewards.models.pools import PoolListing, PoolVersion, PoolVersionPrize, Prize, PrizePool, PrizeStock, Stage
from rewards.models.quotas import Quota
from rewards.models.receipts import ReceiptSender
from rewards.models.shipping import Shipment, ShippingBatch

__all__ = [
    "Account",
    "Adjustment",
    "Award",
    "AwardBatch",
    "AwardNotice",
    "Budget",
    "BudgetUse",
    "BudgetWarning",
    "CatalogueEdition",
    "ChanceGrant",
    "Chances",
    "CheckOff",
    "CodeBatch",
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
    "MallItem",
    "MallOrder",
    "Outlet",
    "PendingEntry",
    "PoolListing",
    "PoolVersion",
    "PoolVersionPrize",
    "Prize",
    "PrizePool",
    "PrizeStock",
    "Quota",
    "ReceiptSender",
    "Shipment",
    "ShippingBatch",
    "Stage",
    "Streak",
    "Unit",
    "WrongNumbers",
]
