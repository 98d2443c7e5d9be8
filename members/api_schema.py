"""The shapes of this app's API for OpenAPI."""

import re
from collections.abc import Iterable

from members.import_columns import column_of
from operations.api_schema import (
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_TIME,
    NUMBER,
    TEXT,
    TIME,
    Schema,
    list_of,
    object_of,
    page_of,
)

NUMBERS = frozenset({"amount", "quantity", "line"})


def rows_of(required: Iterable[str], optional: Iterable[str], *, prefixes: Iterable[str] = ()) -> Schema:
    """Up to 5,000 rows with these fields, as they are called in imports. An optional field may be left out or null."""
    needed = list(required)
    fields = {name: _field(name) for name in needed} | {name: _field(name, "null") for name in optional}
    row: Schema = {"type": "object", "properties": fields, "required": needed}
    if prefixes:
        row["patternProperties"] = {f"^{re.escape(prefix)}": {} for prefix in prefixes}
    return {"type": "array", "items": row, "maxItems": 5000}


def _field(name: str, *others: str) -> Schema:
    if name == "properties":
        return {"type": ["object", "string", *others], "description": column_of(name).label}
    kinds = ["string", "number", *others] if name in NUMBERS else ["string", *others]
    return {"type": kinds if len(kinds) > 1 else kinds[0], "description": column_of(name).label}


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
PERIOD = object_of(level=TEXT, order_id=TEXT, starts_at=TIME, ends_at=MAYBE_TIME)
LEVEL_CHANGE = object_of(before=MAYBE_TEXT, after=MAYBE_TEXT, cause=TEXT, reference=TEXT, changed_at=TIME)
LEVELS = object_of(
    uid=TEXT,
    level=MAYBE_TEXT,
    growth=object_of(level=MAYBE_TEXT, earned=NUMBER, counted=NUMBER, valid_until=MAYBE_TIME),
    next=object_of(nullable=True, level=TEXT, growth_missing=NUMBER),
    paid=list_of(PERIOD),
    history=list_of(LEVEL_CHANGE),
)
PURCHASE = object_of(
    level={"type": "string", "minLength": 1, "maxLength": 50},
    order_id={"type": "string", "minLength": 1, "maxLength": 100},
)
BOUGHT = object_of(uid=TEXT, period=PERIOD, level=MAYBE_TEXT)
PROFILING_CHOICE = object_of(refused={"type": "boolean"})
PROFILING = object_of(refused={"type": "boolean"}, since=MAYBE_TIME)
LEVEL = object_of(
    slug=TEXT,
    name=TEXT,
    kind=TEXT,
    rank=NUMBER,
    growth_needed=MAYBE_NUMBER,
    valid_months=MAYBE_NUMBER,
    downgrade=TEXT,
    points_multiplier=TEXT,
    extra_chances=NUMBER,
    extra_chances_period=TEXT,
    benefits=list_of(TEXT),
)
LADDER = page_of("levels", LEVEL)
MEMBERS = page_of("members", MEMBER)
