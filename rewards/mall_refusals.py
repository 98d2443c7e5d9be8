"""Why a member cannot have an item of the mall: one code each, in one wording."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.admission import Locked


class MallRefusal(StrEnum):
    """`rewards_redeem_item` answers with the same codes. Those of an audience are the app's that reads it."""

    UNKNOWN_ITEM = "unknown_item"
    OFF_SALE = "off_sale"
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    PRICE_CHANGED = "price_changed"
    MEMBER_LIMIT = "member_limit"
    SOLD_OUT = "sold_out"
    GIFT_OUT_OF_STOCK = "gift_out_of_stock"
    NO_CODE = "no_code"
    POINTS_SHORT = "points_short"


WORDINGS: dict[MallRefusal, Promise] = {
    MallRefusal.UNKNOWN_ITEM: _("There is no such item in the mall."),
    MallRefusal.OFF_SALE: _("This item is not on sale any more."),
    MallRefusal.NOT_OPEN: _("This item is not on sale yet."),
    MallRefusal.CLOSED: _("The sale of this item is over."),
    MallRefusal.PRICE_CHANGED: _("The price has just changed. Please look at it again."),
    MallRefusal.MEMBER_LIMIT: _("You have had as many of this as one may."),
    MallRefusal.SOLD_OUT: _("This item is sold out."),
    MallRefusal.GIFT_OUT_OF_STOCK: _("This item is sold out."),
    MallRefusal.NO_CODE: _("This item is sold out."),
    MallRefusal.POINTS_SHORT: _("You have too few points for this."),
}

# Nothing is left for anybody, whichever of them is the reason.
GONE = frozenset({MallRefusal.SOLD_OUT, MallRefusal.GIFT_OUT_OF_STOCK, MallRefusal.NO_CODE})


class OrderRefused(Exception):
    """Nothing was ordered and nothing was taken, for a reason with a code and its words."""

    def __init__(self, reason: Locked) -> None:
        super().__init__(reason.code)
        self.code = reason.code
        self.words = reason.words


def locked(refusal: MallRefusal) -> Locked:
    """Return the refusal with its words in the language that is active."""
    return Locked(refusal.value, str(WORDINGS[refusal]))
