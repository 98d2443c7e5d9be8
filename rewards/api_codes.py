"""The error codes of this app's API."""

from django.utils.translation import gettext_lazy as _

from operations.error_codes import INVALID, UNKNOWN_MEMBER, Code, Remedy, coded
from rewards import checking_off, receipts, vouchers
from rewards.mall_refusals import WORDINGS as MALL_WORDINGS
from rewards.mall_refusals import MallRefusal

OF_AUDIENCES = (
    "locked",
    "level",
    "tag_group",
    "tags_any",
    "tags_all",
    "tags_none",
    "segment_in",
    "segment_not_in",
    "profiling_refused",
)
TO_TILL = _("Show `message` at the till. `fields` says when and where it was used, if it was.")
REDEEM = (
    Code("unknown_outlet", 404, _("There is no outlet with this key."), Remedy.NAME),
    # The words of some name a time and a place, which only an answer knows.
    Code("redeemed", 409, _("The award was used already."), TO_TILL),
    Code("reversed", 409, _("The award was taken back."), TO_TILL),
    Code("expired", 409, _("The award has expired."), TO_TILL),
    Code("not_yet_usable", 409, _("The award cannot be used yet."), TO_TILL),
    Code("other_outlet", 409, _("The award is used at other outlets."), TO_TILL),
    *coded(
        409,
        {
            refusal.value: checking_off.WORDINGS[refusal]
            for refusal in (
                checking_off.Refusal.NOT_STAFF,
                checking_off.Refusal.INACTIVE_OUTLET,
                checking_off.Refusal.NOTHING_TO_USE,
                checking_off.Refusal.OUTLET_NEEDED,
                checking_off.Refusal.CHANGED,
            )
        },
        TO_TILL,
    ),
)
BY_NUMBER = coded(404, {refusal.value: words for refusal, words in vouchers.WORDINGS.items()}, TO_TILL)
_UNKNOWN = {refusal: words for refusal, words in receipts.WORDINGS.items() if refusal in receipts.UNKNOWN}
_KNOWN = {refusal: words for refusal, words in receipts.WORDINGS.items() if refusal not in receipts.UNKNOWN}
RECEIPT = (
    INVALID,
    *coded(404, _UNKNOWN, Remedy.NAME),
    *coded(409, _KNOWN, _("What `message` says. Sent again, it is refused until things have changed.")),
)
MALL_ORDER = (
    INVALID,
    UNKNOWN_MEMBER,
    *coded(404, {MallRefusal.UNKNOWN_ITEM: MALL_WORDINGS[MallRefusal.UNKNOWN_ITEM]}, Remedy.NAME),
    *coded(409, {code: words for code, words in MALL_WORDINGS.items() if code is not MallRefusal.UNKNOWN_ITEM}),
    # By whose audience the item has: the app above reads it.
    *coded(409, dict.fromkeys(OF_AUDIENCES, _("The item is for other members."))),
)
