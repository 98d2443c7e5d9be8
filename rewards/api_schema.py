"""The shapes of this app's API for OpenAPI."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from operations.api_schema import (
    FLAG,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_TIME,
    NUMBER,
    TEXT,
    TIME,
    object_of,
    page_of,
)

EXPIRING = object_of(nullable=True, amount=NUMBER, at=TIME)
HOLDING = object_of(balance=NUMBER, pending=NUMBER, debt=NUMBER, earned=NUMBER, expiring=EXPIRING)
UNITS = {"type": "object", "additionalProperties": HOLDING}
POINTS = object_of(uid=TEXT, units=UNITS)
AWARD = object_of(
    id=NUMBER,
    gift=TEXT,
    kind=TEXT,
    picture=MAYBE_TEXT,
    amount=MAYBE_NUMBER,
    state=TEXT,
    granted_at=TIME,
    expires_at=MAYBE_TIME,
)
AWARDS = page_of("awards", AWARD, uid=TEXT)
REDEEM = {"type": "object", "properties": {"outlet": MAYBE_TEXT}, "additionalProperties": False}
REDEEM_BY_NUMBER = {
    "type": "object",
    "properties": {"voucher": MAYBE_TEXT, "code": MAYBE_TEXT, "outlet": MAYBE_TEXT},
    "additionalProperties": False,
}
REDEEMED = object_of(award=NUMBER, gift=TEXT, name=TEXT, state=TEXT, redeemed_at=TIME, outlet=MAYBE_TEXT)
REASON = object_of(nullable=True, code=TEXT, message=TEXT)
MALL_ITEM = object_of(
    slug=TEXT,
    name=TEXT,
    description=TEXT,
    kind=TEXT,
    picture=MAYBE_TEXT,
    shelf=TEXT,
    price=NUMBER,
    left=MAYBE_NUMBER,
    may_have=MAYBE_NUMBER,
    opens_at=MAYBE_TIME,
    closes_at=MAYBE_TIME,
    reason=REASON,
)
MALL_ITEMS = page_of("items", MALL_ITEM, uid=MAYBE_TEXT)
MALL_ORDER_REQUEST = {
    "type": "object",
    "properties": {"price": {"type": "integer", "minimum": 1, "description": _("What the member was shown.")}},
    "additionalProperties": False,
}
MALL_ORDER_PLACED = object_of(order=NUMBER, item=TEXT, price=NUMBER, award=NUMBER, points_left=NUMBER)
MALL_ORDER = object_of(
    order=NUMBER,
    item=TEXT,
    name=TEXT,
    price=NUMBER,
    state=TEXT,
    award=NUMBER,
    award_state=TEXT,
    ordered_at=TIME,
    cancelled_at=MAYBE_TIME,
)
MALL_ORDERS = page_of("orders", MALL_ORDER, uid=TEXT)
GIVEN_AWARD = object_of(
    id=NUMBER,
    uid=TEXT,
    gift=TEXT,
    name=TEXT,
    kind=TEXT,
    amount=MAYBE_NUMBER,
    state=TEXT,
    campaign=MAYBE_TEXT,
    scope=TEXT,
    source=TEXT,
    granted_at=TIME,
    usable_from=MAYBE_TIME,
    expires_at=MAYBE_TIME,
    changed_at=MAYBE_TIME,
)
GIVEN = page_of("awards", GIVEN_AWARD)
DRAW = object_of(
    draw=NUMBER,
    uid=TEXT,
    campaign=MAYBE_TEXT,
    scope=TEXT,
    pool=TEXT,
    version=NUMBER,
    bucket=TEXT,
    prize=TEXT,
    fallback={"type": "string", "description": _("Why it is not the prize that was rolled; empty where it is.")},
    gift=TEXT,
    kind=TEXT,
    award=NUMBER,
    price=NUMBER,
    drawn_at=TIME,
)
DRAWS = page_of("draws", DRAW)
ENTRY = object_of(
    id=NUMBER,
    uid=TEXT,
    unit=TEXT,
    kind=TEXT,
    amount=NUMBER,
    to_balance=NUMBER,
    to_pending=NUMBER,
    to_debt=NUMBER,
    to_earned=NUMBER,
    balance={"type": "integer", "description": _("The balance after it.")},
    of_entry={"type": ["integer", "null"], "description": _("The entry that it matures, reverses or answers.")},
    reason=TEXT,
    reference=TEXT,
    posted_at=TIME,
)
ENTRIES = page_of("entries", ENTRY)
MEMBER_ENTRIES = page_of("entries", ENTRY, uid=TEXT)
GIFT: dict[str, Any] = object_of(
    slug=TEXT,
    name=TEXT,
    kind=TEXT,
    description=TEXT,
    picture=MAYBE_TEXT,
    amount=MAYBE_NUMBER,
    face_value=TEXT,
    threshold=MAYBE_TEXT,
    valid_days=MAYBE_NUMBER,
    valid_from=MAYBE_TIME,
    valid_until=MAYBE_TIME,
)
LEFT = object_of(nullable=True, count=NUMBER, more=FLAG) | {
    "description": _("With the scope `rewards` only; null where nothing limits it. `more`: there are more than that.")
}
GIFT["properties"]["left"] = LEFT
GIFTS = page_of("gifts", GIFT)

_PAYMENT_RECEIPT = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "maxLength": 32, "description": _("The key with which the payment came.")},
        "state": {"type": "string", "enum": ["delivered", "failed"]},
        "reference": {"type": ["string", "null"], "maxLength": 100},
        "error": {"type": ["string", "null"], "maxLength": 500},
        "final": {"type": ["boolean", "null"], "description": _("Another attempt would fail too.")},
    },
    "required": ["key", "state"],
    "additionalProperties": False,
}
_PARCEL_RECEIPT = {
    "type": "object",
    "properties": {
        "award": {"type": "integer", "minimum": 1, "description": _("The number of the award, as the file has it.")},
        "state": {"type": "string", "enum": ["shipped", "returned"]},
        "carrier": {"type": ["string", "null"], "maxLength": 50, "description": _("Needed when it is shipped.")},
        "number": {"type": "string", "minLength": 5, "maxLength": 50},
    },
    "required": ["award", "state", "number"],
    "additionalProperties": False,
}
RECEIPT = {"oneOf": [_PAYMENT_RECEIPT, _PARCEL_RECEIPT]}
RECEIPT_TAKEN = {
    "type": "object",
    "properties": {
        "key": TEXT,
        "award": NUMBER,
        "state": {"type": "string", "description": _("How the payment or parcel stands now.")},
        "changed": {"type": "boolean", "description": _("Whether this receipt has changed it.")},
    },
    "required": ["changed", "state"],
}
