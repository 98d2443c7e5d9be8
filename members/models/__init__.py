"""Members and what is known of them."""

from members.models.attributes import Attribute, AttributeValue
from members.models.event import Event
from members.models.feed import Activity, Touch
from members.models.imports import ImportReject, ImportRun
from members.models.inbox import InboxMessage
from members.models.levels import Level
from members.models.orders import Order, OrderItem, Refund
from members.models.people import ErasedUid, Identity, Member, UsedToken
from members.models.provider import WechatLoan
from members.models.standing import LevelChange, MemberLevel, PaidPeriod
from members.models.totals import DailyTotal, MemberMetrics

__all__ = [
    "Activity",
    "Attribute",
    "AttributeValue",
    "DailyTotal",
    "ErasedUid",
    "Event",
    "Identity",
    "ImportReject",
    "ImportRun",
    "InboxMessage",
    "Level",
    "LevelChange",
    "Member",
    "MemberLevel",
    "MemberMetrics",
    "Order",
    "OrderItem",
    "PaidPeriod",
    "Refund",
    "Touch",
    "UsedToken",
    "WechatLoan",
]
