"""What a gift of each kind must have, may have and never has. Pure: fields in, faults out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.models import Gift

Kind = Gift.Kind
Fault = tuple[str, str | Promise]

COUNTED = frozenset({Kind.POINTS, Kind.GROWTH, Kind.CHANCES})
COUPONS = frozenset({Kind.COUPON, Kind.SHARED_COUPON})
USED_LATER = COUPONS | {Kind.PHYSICAL, Kind.RED_PACKET, Kind.LINK}
ALL_BUT_THANKS = frozenset(Kind) - {Kind.THANKS}

# Fields that only some kinds have. What is given for another kind is emptied.
KINDS_WITH: Mapping[str, frozenset[Kind]] = {
    "amount": COUNTED,
    "draws_in": frozenset({Kind.CHANCES}),
    "shared_code": frozenset({Kind.SHARED_COUPON}),
    "link": frozenset({Kind.LINK}),
    "provider": frozenset({Kind.RED_PACKET}),
    "threshold": COUPONS,
    "face_value": ALL_BUT_THANKS,
    "cost": ALL_BUT_THANKS,
    "valid_days": USED_LATER,
    "valid_from": USED_LATER,
    "valid_until": USED_LATER,
    "stock": ALL_BUT_THANKS,
    "per_member": ALL_BUT_THANKS,
    "low_stock_at": ALL_BUT_THANKS,
}
EMPTY: Mapping[str, Any] = {"draws_in": "", "shared_code": "", "link": "", "provider": "", "face_value": 0, "cost": 0}
# Within the calendar whatever the day it is given.
MOST_DAYS = 36_500
# Counted to this on every list.
HIGHEST_ALERT = 100_000


def emptied(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with those emptied that the kind does not have."""
    return {name: value if kind in KINDS_WITH.get(name, Kind) else EMPTY.get(name) for name, value in fields.items()}


def faults(kind: str, fields: Mapping[str, Any], *, now: datetime) -> Iterator[Fault]:
    """Yield (field, what is wrong with it). A field that is not given was refused before."""
    yield from _missing(kind, fields)
    yield from _of_money(fields)
    yield from _of_validity(fields, now)
    yield from _of_stock(kind, fields)


def _missing(kind: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    if kind in COUNTED and "amount" in fields and not fields["amount"]:
        yield "amount", _("Points, growth value and draw chances need an amount; other gifts have none.")
    if kind == Kind.SHARED_COUPON and fields.get("shared_code") == "":
        yield "shared_code", _("A shared coupon needs its code; other gifts have none.")
    if kind == Kind.LINK and fields.get("link") == "":
        yield "link", _("A link needs its address; other gifts have none.")
    if kind == Kind.RED_PACKET:
        if fields.get("provider") == "":
            yield "provider", _("Say who pays the red packet out.")
        if "face_value" in fields and not fields["face_value"]:
            yield "face_value", _("A red packet is worth its face value: give one.")


def _of_money(fields: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("face_value", "cost"):
        if (fields.get(name) or 0) < 0:
            yield name, _("Money cannot be less than nothing.")
    threshold, face_value = fields.get("threshold"), fields.get("face_value")
    if threshold is None:
        return
    if threshold <= 0:
        yield "threshold", _("Leave it empty for a coupon that is usable from any amount.")
    elif face_value is not None and face_value > threshold:
        # ¥50 off from ¥20 would pay the customer for buying.
        yield "face_value", _("The face value is more than the amount from which the coupon is usable.")


def _of_validity(fields: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    days, start, end = (fields.get(name) for name in ("valid_days", "valid_from", "valid_until"))
    if days is not None and not 1 <= days <= MOST_DAYS:
        yield "valid_days", _("From 1 to 36,500 days.")
    if days is not None and end is not None:
        yield "valid_until", _("Either valid for days after it is given, or until a fixed time; not both.")
    if start is not None and end is not None and end <= start:
        yield "valid_until", _("The end must be after the start.")
    elif end is not None and end <= now:
        yield "valid_until", _("That time is over: nobody could use it.")


def _of_stock(kind: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    stock, alert = fields.get("stock"), fields.get("low_stock_at")
    if fields.get("per_member") == 0:
        yield "per_member", _("Leave it empty for no limit.")
    if alert is None:
        return
    if alert > HIGHEST_ALERT:
        yield "low_stock_at", _("At most 100,000.")
    elif stock is None and kind != Kind.COUPON:
        yield "low_stock_at", _("A gift without a stock never runs low.")
    elif stock is not None and alert > stock:
        yield "low_stock_at", _("That is more than the stock.")
