"""The shapes of this app's API for OpenAPI."""

from operations.api_schema import MAYBE_NUMBER, MAYBE_TEXT, MAYBE_TIME, NUMBER, TEXT, TIME, list_of, object_of

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
AWARDS = object_of(uid=TEXT, awards=list_of(AWARD), next=MAYBE_TEXT)
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
MALL_ITEMS = object_of(uid=MAYBE_TEXT, items=list_of(MALL_ITEM), next=MAYBE_TEXT)
MALL_ORDER_REQUEST = {
    "type": "object",
    "properties": {"price": {"type": "integer", "minimum": 1, "description": "What the member was shown."}},
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
MALL_ORDERS = object_of(uid=TEXT, orders=list_of(MALL_ORDER), next=MAYBE_TEXT)
