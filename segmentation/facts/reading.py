"""Columns of facts from PostgreSQL: of everyone, of a range of members, or of the few that are asked for.

A text travels as a code: the distinct texts are asked for first. A text that comes in between the two statements is
not among them and its code is that of no text; the transaction that wrote it has touched its member
(`members.touches`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy
from django.db import connection

from segmentation.columns import read_columns
from segmentation.facts import clock
from segmentation.facts.tables import UNKNOWN, Column, Events, Items, Orders, People, Words


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose facts are read: those of `ids`, or of the members from `low` until before `high`."""

    ids: Sequence[int] | None = None
    low: int = 0
    high: int = 2**62

    def condition(self, column: str) -> tuple[str, list[Any]]:
        if self.ids is not None:
            return f"{column} = ANY(%s::bigint[])", [list(self.ids)]
        return f"{column} >= %s AND {column} < %s", [self.low, self.high]


_ORDERS = """
    SELECT o.id, o.member_id, o.paid_at, ((o.amount - o.refunded_amount) * 100)::bigint AS net,
        (o.quantity - o.refunded_quantity)::bigint AS quantity, o.channel, o.payment_method
    FROM members_order o WHERE o.status = 'paid' AND {condition}
"""
_ITEMS = """
    SELECT i.order_id, ((i.amount - i.refunded_amount) * 100)::bigint AS net,
        (i.quantity - i.refunded_quantity)::bigint AS quantity, i.category, i.sku
    FROM members_order o JOIN members_orderitem i ON i.order_id = o.id
    WHERE o.status = 'paid' AND (i.refunded_amount < i.amount OR i.refunded_quantity < i.quantity) AND {condition}
"""
_EVENTS = """
    SELECT e.member_id, e.occurred_at, e.type, e.item, e.category, e.keyword FROM members_event e WHERE {condition}
"""
_PEOPLE = """
    SELECT m.id AS member_id, COALESCE(l.slug, '') AS level, m.gender, m.region, m.birthday, m.joined_at
    FROM members_member m LEFT JOIN members_level l ON l.id = m.level_id WHERE m.erased_at IS NULL AND {condition}
"""


def read_orders(scope: Scope, zone: ZoneInfo) -> tuple[Orders, Items]:
    """Return the paid orders of the members in scope, and the lines of them of which something is left."""
    condition, params = scope.condition("o.member_id")
    columns, words = _read(
        _ORDERS.format(condition=condition),
        params,
        ("int8send(id)", "int8send(member_id)", "timestamptz_send(paid_at)", "int8send(net)", "int8send(quantity)"),
        ("channel", "payment_method"),
    )
    ids, member, paid_at, net, quantity, channel, method = _sorted(columns, by=(2, 1))
    orders = Orders(
        member=member,
        paid_at=paid_at,
        day=clock.days(paid_at, zone),
        net=net,
        quantity=quantity,
        channel=channel,
        payment_method=method,
        channels=words["channel"],
        payment_methods=words["payment_method"],
    )
    return orders, _items(scope, ids)


def read_events(scope: Scope, zone: ZoneInfo) -> Events:
    """Return the behaviour events of the members in scope."""
    condition, params = scope.condition("e.member_id")
    columns, words = _read(
        _EVENTS.format(condition=condition),
        params,
        ("int8send(member_id)", "timestamptz_send(occurred_at)"),
        ("type", "item", "category", "keyword"),
    )
    member, occurred_at, kind, item, category, keyword = _sorted(columns, by=(1, 0))
    return Events(
        member=member,
        occurred_at=occurred_at,
        day=clock.days(occurred_at, zone),
        type=kind,
        item=item,
        category=category,
        keyword=keyword,
        types=words["type"],
        items=words["item"],
        categories=words["category"],
        keywords=words["keyword"],
    )


def read_people(scope: Scope) -> People:
    """Return the members in scope that were not erased."""
    condition, params = scope.condition("m.id")
    missing = f"int8send('{UNKNOWN}'::bigint)"
    columns, words = _read(
        _PEOPLE.format(condition=condition),
        params,
        (
            "int8send(member_id)",
            f"COALESCE(int8send((birthday - date '2000-01-01')::bigint), {missing})",
            f"COALESCE(timestamptz_send(joined_at), {missing})",
        ),
        ("level", "gender", "region"),
    )
    member, birthday, joined_at, level, gender, region = _sorted(columns, by=(0,))
    return People(
        member=member,
        level=level,
        gender=gender,
        region=region,
        birthday=birthday,
        joined_at=joined_at,
        levels=words["level"],
        genders=words["gender"],
        regions=words["region"],
    )


def _items(scope: Scope, order_ids: Column) -> Items:
    """Return the lines of the orders with these ids, whose places are the rows of the orders."""
    condition, params = scope.condition("o.member_id")
    columns, words = _read(
        _ITEMS.format(condition=condition),
        params,
        ("int8send(order_id)", "int8send(net)", "int8send(quantity)"),
        ("category", "sku"),
    )
    by_id = numpy.argsort(order_ids)
    places = numpy.searchsorted(order_ids, columns[0], sorter=by_id)
    # An order that came in meanwhile has lines here, and is not among the orders.
    there = places < order_ids.size
    there[there] = order_ids[by_id[places[there]]] == columns[0][there]
    order, net, quantity, category, sku = _sorted(
        [by_id[places[there]], *(column[there] for column in columns[1:])], by=(0,)
    )
    return Items(
        order=order,
        category=category,
        sku=sku,
        net=net,
        quantity=quantity,
        categories=words["category"],
        skus=words["sku"],
    )


def _read(
    sql: str, params: Sequence[Any], packed: Sequence[str], texts: Sequence[str]
) -> tuple[list[Column], Mapping[str, Words]]:
    """Return the packed columns of `sql` and then the codes of its texts, all in one order of rows, and the words."""
    words = {text: _words(sql, params, text) for text in texts}
    joins = " ".join(
        f"LEFT JOIN unnest(%s::text[]) WITH ORDINALITY AS {text}_words(text, code) ON {text}_words.text = facts.{text}"
        for text in texts
    )
    coded = f"SELECT facts.*{''.join(f', {text}_words.code AS {text}_code' for text in texts)}"
    codes = [f"int8send(COALESCE({text}_code - 1, -1))" for text in texts]
    columns = read_columns(
        [*packed, *codes],
        f"{coded} FROM ({sql}) AS facts {joins}",
        [*params, *(list(words[text].texts) for text in texts)],
    )
    return columns, words


def _words(sql: str, params: Sequence[Any], text: str) -> Words:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {text} FROM ({sql}) AS facts ORDER BY 1", params)  # noqa: S608
        return Words(tuple(found for (found,) in cursor.fetchall()))


def _sorted(columns: Sequence[Column], *, by: Sequence[int]) -> list[Column]:
    """Return the columns by the order of some of them; the last of `by` goes first, as in numpy.lexsort."""
    order = numpy.lexsort([columns[place] for place in by])
    return [column[order] for column in columns]
