"""What this app's operations are for, in the OpenAPI document and on the reference page."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from members import api_codes, rows
from members.api_schema import rows_of
from members.event_rows import EVENT_COLUMNS
from operations.api_schema import Schema
from operations.described import Example, Tag, described
from operations.error_codes import NOT_FOUND, UNKNOWN_MEMBER, Words

REPEATABLE = _(
    "At most 5,000 rows at once. Good rows are kept, the others come back with their place and the reason. Sending the"
    " same rows again changes nothing, so this call needs no Idempotency-Key."
)
MEMBER = {"uid": "ann-1024"}


def taking(summary: Words, rows: Schema, example: Mapping[str, Any], description: Words = REPEATABLE) -> Any:
    """Describe the call that takes rows of one kind of facts."""
    return described(
        Tag.FACTS,
        summary,
        description=description,
        codes=api_codes.ROWS,
        example=Example(body=[example]),
        request={"application/json": rows},
    )


MEMBERS = taking(
    _("Post members"),
    rows_of(rows.MEMBER_COLUMNS[:1], rows.MEMBER_COLUMNS[1:], prefixes=(rows.ATTRIBUTE_PREFIX, rows.IDENTITY_PREFIX)),
    {"uid": "ann-1024", "name": "Ann", "gender": "female", "region": "上海"},
)
ORDERS = taking(
    _("Post orders"),
    rows_of(rows.ORDER_COLUMNS[:4], rows.ORDER_COLUMNS[4:]),
    {
        "order_id": "A-1001",
        "uid": "ann-1024",
        "paid_at": "2026-01-15T20:00:00+08:00",
        "amount": "88.00",
        "channel": "mini-program",
    },
    _(
        "An order of a uid that is new creates the member. Points, growth value and level follow from it, and tasks"
        " that ask for a purchase move. At most 5,000 rows at once; sending the same rows again changes nothing."
    ),
)
ORDER_ITEMS = taking(
    _("Post the lines of orders"),
    rows_of(rows.ORDER_ITEM_COLUMNS[:3], rows.ORDER_ITEM_COLUMNS[3:]),
    {"order_id": "A-1001", "line": 1, "sku": "MILK-1L", "category": "milk", "quantity": 2, "amount": "88.00"},
)
REFUNDS = taking(
    _("Post refunds"),
    rows_of(rows.REFUND_COLUMNS[:4], rows.REFUND_COLUMNS[4:]),
    {"refund_id": "R-1", "order_id": "A-1001", "refunded_at": "2026-01-18T09:00:00+08:00", "amount": "10.00"},
    _(
        "A refund, whole or in part, takes back its share of what the order earned. One whose order is not known yet"
        " waits for it and is counted as `waiting`."
    ),
)
EVENTS = taking(
    _("Post behaviour events"),
    rows_of(EVENT_COLUMNS[:4], EVENT_COLUMNS[4:]),
    {
        "event_id": "E-1",
        "uid": "ann-1024",
        "type": "view",
        "occurred_at": "2026-01-15T19:55:00+08:00",
        "item": "MILK-1L",
        "category": "milk",
    },
)
ONE = described(
    Tag.MEMBERS,
    _("Look a member up"),
    description=_("The profile, and the totals of the orders. Phone and email are masked: the shop has them already."),
    codes=[NOT_FOUND],
    example=Example(path=MEMBER),
)
PROFILING = described(
    Tag.MEMBERS,
    _("Note whether a member refuses profiling"),
    description=_(
        "Who refuses is treated by the default for everyone: no offer is picked for them by tags or segments."
        " Sent again, it changes nothing."
    ),
    codes=[NOT_FOUND, *api_codes.PROFILING],
    example=Example(path=MEMBER, body={"refused": False}),
)
LEVELS = described(
    Tag.MEMBERS,
    _("See where a member stands on the ladder of levels"),
    description=_("The level, what is missing to the next one, which paid levels they have, and the history of both."),
    codes=[UNKNOWN_MEMBER],
    example=Example(path=MEMBER),
)
BUY_LEVEL = described(
    Tag.FACTS,
    _("Sell a paid level"),
    description=_(
        "Gives the member a paid level for the months that it is valid, from now or from where the last period of"
        " it ends. An order buys a level once: sent again, also with another Idempotency-Key, it answers 200 with"
        " the first period. The order need not be known yet; once it is refunded in whole, the level is taken back."
    ),
    codes=api_codes.PURCHASE,
    example=Example(path=MEMBER, body={"level": "paid", "order_id": "A-1002"}, status=201),
)
LADDER = described(
    Tag.MEMBERS,
    _("List the levels"),
    description=_("The steps of the ladder and the paid levels, with what each brings, by their rank."),
    example=Example(),
)
LEVEL = described(Tag.MEMBERS, _("Look a level up"), codes=[NOT_FOUND], example=Example(path={"slug": "growth"}))
