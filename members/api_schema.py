"""The shapes of this app's API for OpenAPI."""

from operations.api_schema import MAYBE_TEXT, MAYBE_TIME, NUMBER, TEXT, list_of, object_of

ROWS = {"type": "array", "items": {"type": "object"}, "maxItems": 5000}
REJECTED = object_of(index=NUMBER, code=TEXT, column=TEXT, message=TEXT)
TAKEN = object_of(created=NUMBER, updated=NUMBER, unchanged=NUMBER, rejected=list_of(REJECTED))
TAKEN_OR_WAITING = object_of(
    created=NUMBER, updated=NUMBER, unchanged=NUMBER, waiting=NUMBER, rejected=list_of(REJECTED)
)
ORDERS = object_of(count=NUMBER, amount=TEXT, quantity=NUMBER, first_paid_at=MAYBE_TIME, last_paid_at=MAYBE_TIME)
MEMBER = object_of(
    uid=TEXT,
    name=TEXT,
    phone=TEXT,
    email=TEXT,
    gender=TEXT,
    birthday=MAYBE_TEXT,
    region=TEXT,
    joined_at=MAYBE_TIME,
    level=MAYBE_TEXT,
    # slug → the value as it is stored, and both the attribute and the value in words of the reader's language
    attributes={"type": "object"},
    attribute_labels={"type": "object", "additionalProperties": object_of(label=TEXT, value=TEXT)},
    identities={"type": "object", "additionalProperties": TEXT},
    orders=ORDERS,
)
