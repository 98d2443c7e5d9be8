"""Columns of facts from PostgreSQL: of everyone, of a range of members, or of the few that are asked for.

A text travels as a code. Where everything is read in slices (`segmentation.facts.bulk`), the distinct texts are asked
for first: one that comes in between is not among them, and its code is that of no text; the transaction that wrote it
has touched its member (`members.touches`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy
from django.db import connection

from segmentation.columns import read_coded_columns, read_columns
from segmentation.facts import clock
from segmentation.facts.tables import UNKNOWN, Column, Events, Items, Orders, People, Words

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose facts are read: those of `ids`, or of the members from `low` until before `high`."""

    ids: Sequence[int] | None = None
    low: int = 0
    high: int = 2**62


@dataclass(frozen=True, slots=True)
class Query:
    """What is read of one table: its rows as `row`, whose member is in the column `member`.

    `numbers` are expressions of eight bytes by the column that they fill, `texts` are the columns that travel as codes
    into the words of a name. Up to `looked_up` keys are looked up one by one, where the planner would read the whole
    table.
    """

    sql: str
    row: str
    member: str
    numbers: Mapping[str, str]
    texts: Mapping[str, str]
    looked_up: int = 0


_MISSING = f"int8send('{UNKNOWN}'::bigint)"
ORDERS = Query(
    """
    SELECT o.id, o.member_id, o.paid_at, ((o.amount - o.refunded_amount) * 100)::bigint AS net,
        (o.quantity - o.refunded_quantity)::bigint AS quantity, o.channel, o.payment_method
    FROM members_order o WHERE o.status = 'paid' AND {condition}
    """,
    row="o",
    member="member_id",
    numbers={
        "id": "int8send(id)",
        "member": "int8send(member_id)",
        "paid_at": "timestamptz_send(paid_at)",
        "net": "int8send(net)",
        "quantity": "int8send(quantity)",
    },
    texts=Orders.texts,
    looked_up=10_000,
)
_LINES = """
    SELECT i.order_id, ((i.amount - i.refunded_amount) * 100)::bigint AS net,
        (i.quantity - i.refunded_quantity)::bigint AS quantity, i.category, i.sku
    FROM {tables} (i.refunded_amount < i.amount OR i.refunded_quantity < i.quantity) AND {{condition}}
"""
_OF_LINES = {"order_id": "int8send(order_id)", "net": "int8send(net)", "quantity": "int8send(quantity)"}
ITEMS = Query(
    _LINES.format(tables="members_order o JOIN members_orderitem i ON i.order_id = o.id WHERE o.status = 'paid' AND"),
    row="o",
    member="member_id",
    numbers=_OF_LINES,
    texts=Items.texts,
)
# The lines without a look at their orders, for whoever knows these, in whose place they are asked for.
LINES = Query(
    _LINES.format(tables="members_orderitem i WHERE"),
    row="i",
    member="order_id",
    numbers=_OF_LINES,
    texts=Items.texts,
    looked_up=100_000,
)
EVENTS = Query(
    "SELECT e.member_id, e.occurred_at, e.type, e.item, e.category, e.keyword FROM {table} e WHERE {condition}",
    row="e",
    member="member_id",
    numbers={"member": "int8send(member_id)", "occurred_at": "timestamptz_send(occurred_at)"},
    texts=Events.texts,
)
PEOPLE = Query(
    """
    SELECT m.id AS member_id, COALESCE(l.slug, '') AS level, m.gender, m.region, m.birthday, m.joined_at
    FROM members_member m LEFT JOIN members_level l ON l.id = m.level_id WHERE m.erased_at IS NULL AND {condition}
    """,
    row="m",
    member="id",
    numbers={
        "member": "int8send(member_id)",
        "birthday": f"COALESCE(int8send((birthday - date '2000-01-01')::bigint), {_MISSING})",
        "joined_at": f"COALESCE(timestamptz_send(joined_at), {_MISSING})",
    },
    texts=People.texts,
)


def read_orders(scope: Scope, zone: ZoneInfo) -> tuple[Orders, Items]:
    """Return the paid orders of the members in scope, and the lines of them of which something is left."""
    columns, words = _read(ORDERS, scope)
    ids, orders = orders_of(columns, words, zone)
    if scope.ids is None:
        return orders, items_of(*_read(ITEMS, scope), ids)
    # Their orders are known by now: no need to look for them again.
    return orders, items_of(*_read(LINES, Scope(ids.tolist())), ids)


def read_events(scope: Scope, zone: ZoneInfo) -> Events:
    """Return the behaviour events of the members in scope."""
    return events_of(*_read(EVENTS, scope), zone)


def read_people(scope: Scope) -> People:
    """Return the members in scope that were not erased."""
    return people_of(*_read(PEOPLE, scope))


def orders_of(columns: Columns, words: Mapping[str, Any], zone: ZoneInfo) -> tuple[Column, Orders]:
    """Return the orders in their order of rows, and the ids of these rows."""
    columns = _sorted(columns, by=("paid_at", "member"))
    ids = columns.pop("id")
    return ids, Orders(**columns, **words, day=clock.days(columns["paid_at"], zone))


def items_of(columns: Columns, words: Mapping[str, Any], order_ids: Column) -> Items:
    """Return the lines of the orders with these ids, whose places are the rows of the orders."""
    by_id = numpy.argsort(order_ids)
    wanted = columns["order_id"]
    places: Any = numpy.searchsorted(order_ids, wanted, sorter=by_id)
    # An order that came in meanwhile has lines here, and is not among the orders.
    there: Column = places < order_ids.size
    there[there] = order_ids[by_id[places[there]]] == wanted[there]
    found = {name: column[there] for name, column in columns.items() if name != "order_id"}
    return Items(**_sorted(found | {"order": by_id[places[there]]}, by=("order",)), **words)


def events_of(columns: Columns, words: Mapping[str, Any], zone: ZoneInfo) -> Events:
    columns = _sorted(columns, by=("occurred_at", "member"))
    return Events(**columns, **words, day=clock.days(columns["occurred_at"], zone))


def people_of(columns: Columns, words: Mapping[str, Any]) -> People:
    return People(**_sorted(columns, by=("member",)), **words)


def _read(query: Query, scope: Scope) -> tuple[Columns, Mapping[str, Words]]:
    sql, params = _within(query, scope)
    columns, texts = read_coded_columns(list(query.numbers.values()), list(query.texts), sql, params)
    words = {name: Words(each) for name, each in zip(query.texts.values(), texts, strict=True)}
    return dict(zip([*query.numbers, *query.texts], columns, strict=True)), words


def _within(query: Query, scope: Scope) -> tuple[str, list[Any]]:
    """Return the query of the rows in scope, and its parameters."""
    key = f"{query.row}.{query.member}"
    params: list[Any]
    if scope.ids is None:
        condition, params = f"{key} >= %s AND {key} < %s", [scope.low, scope.high]
    elif len(scope.ids) > query.looked_up:
        condition, params = f"{key} = ANY(%s::bigint[])", [list(scope.ids)]
    else:
        rows = query.sql.format(condition=f"{key} = few.id", table="members_event")
        # OFFSET keeps the planner from joining whole tables instead: it takes a member to have ten times the rows.
        by_key = f"unnest(%s::bigint[]) AS few(id) CROSS JOIN LATERAL ({rows} OFFSET 0) AS facts"
        return f"SELECT facts.* FROM {by_key}", [list(scope.ids)]  # noqa: S608
    return query.sql.format(condition=condition, table="members_event"), params


def read_coded(query: Query, sql: str, params: Sequence[Any], words: Mapping[str, str]) -> Columns:
    """Return the columns of the rows of `sql`; `words` says for each text where PostgreSQL finds (text, code)."""
    joins = " ".join(
        f"LEFT JOIN {table} AS {text}_words(text, code) ON {text}_words.text = facts.{text}"
        for text, table in words.items()
    )
    coded = f"SELECT facts.*{''.join(f', {text}_words.code AS {text}_code' for text in words)}"
    codes = [f"int8send(COALESCE({text}_code - 1, -1))" for text in words]
    found = read_columns([*query.numbers.values(), *codes], f"{coded} FROM ({sql}) AS facts {joins}", params)
    return dict(zip([*query.numbers, *words], found, strict=True))


def read_words(sql: str, params: Sequence[Any], text: str) -> Words:
    """Return the distinct texts of one column of `sql`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {text} FROM ({sql}) AS facts ORDER BY 1", params)  # noqa: S608
        return Words(tuple(found for (found,) in cursor.fetchall()))


def _sorted(columns: Columns, *, by: Iterable[str]) -> Columns:
    """Return the columns by the order of some of them; the last of `by` goes first, as in numpy.lexsort."""
    order = numpy.lexsort([columns[name] for name in by])
    return {name: column[order] for name, column in columns.items()}
