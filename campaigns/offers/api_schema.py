"""The shapes of offers for OpenAPI."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.offers.standing import State
from campaigns.offers.terms import KINDS
from operations.api_schema import FLAG, MAYBE_NUMBER, MAYBE_TEXT, NUMBER, TEXT, TIME, list_of, object_of

AMOUNT: dict[str, Any] = {"type": "string", "description": _("For one, in the site's currency, such as “99.00”.")}
REASON = object_of(nullable=True, code=TEXT, message=TEXT)
GROUP_PARTS: dict[str, Any] = {
    "code": TEXT,
    "state": {"type": "string", "enum": ["open", "full", "failed"]},
    "size": NUMBER,
    "taken": NUMBER,
    "paid": NUMBER,
    "closes_at": TIME,
}
RESERVATION_PARTS: dict[str, Any] = {
    "reservation": NUMBER,
    "offer": TEXT,
    "state": {"type": "string", "enum": ["reserved", "bought", "lapsed", "refunded"]},
    "quantity": NUMBER,
    "returned": NUMBER,
    "price": AMOUNT,
    "skus": list_of(TEXT),
    "reserved_at": TIME,
    "expires_at": {**TIME, "description": _("An order paid before this moment confirms it.")},
    "group": object_of(nullable=True, **GROUP_PARTS),
}
COUPON_PARTS: dict[str, Any] = {
    "offer": TEXT,
    "award": NUMBER,
    "given_at": TIME,
    "first_order": FLAG,
    "withdrawn": FLAG,
}
RESERVATION = object_of(**RESERVATION_PARTS)
COUPON = object_of(**COUPON_PARTS)
OFFER = object_of(
    key=TEXT,
    kind={"type": "string", "enum": list(KINDS)},
    title=TEXT,
    guide=TEXT,
    skus=list_of(TEXT),
    price=MAYBE_TEXT,
    offer_price=MAYBE_TEXT,
    opens_at=TIME,
    closes_at=TIME,
    state={"type": "string", "enum": [state.value for state in State]},
    reason=REASON,
    stock=MAYBE_NUMBER,
    left=MAYBE_NUMBER,
    may_have=NUMBER,
    reservation=object_of(nullable=True, **RESERVATION_PARTS),
    coupon=object_of(nullable=True, **COUPON_PARTS),
)
OFFERS = object_of(campaign=TEXT, uid=TEXT, offers=list_of(OFFER))
TAKEN = {"oneOf": [RESERVATION, COUPON]}
RESERVE_REQUEST: dict[str, Any] = {
    "type": "object",
    "properties": {"quantity": {"type": "integer", "minimum": 1, "description": _("Of a flash sale; 1 if left out.")}},
    "additionalProperties": False,
}
JOIN_REQUEST: dict[str, Any] = {
    "type": "object",
    "properties": {"group": {"type": "string", "description": _("The group's code.")}},
    "required": ["group"],
    "additionalProperties": False,
}
REFUND_DUE = object_of(
    reservation=NUMBER, uid=TEXT, offer=TEXT, group=TEXT, order_id=TEXT, line=NUMBER, quantity=NUMBER
)
REFUNDS_DUE = object_of(campaign=TEXT, refunds=list_of(REFUND_DUE), next=MAYBE_TEXT)
