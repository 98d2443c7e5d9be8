"""Reading and writing facts in sets: one statement each, whatever the number of rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import orjson
from django.db import connection

from members.merging import ItemState, MemberState, OrderState
from members.models import Member, Order, OrderItem

_UPDATE_MEMBERS = """
    UPDATE members_member AS member SET
        name = given.name, phone = given.phone, email = given.email, gender = given.gender,
        birthday = given.birthday, region = given.region, joined_at = given.joined_at,
        attributes = given.attributes
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[],
                %s::timestamptz[], %s::jsonb[])
        AS given (id, name, phone, email, gender, birthday, region, joined_at, attributes)
    WHERE member.id = given.id
"""

# In the order of the ids, so that two batches with the same new orders wait for each other in one direction.
_INSERT_ORDERS = """
    INSERT INTO members_order (order_id, member_id, paid_at, amount, refunded_amount, currency, quantity, channel,
                               payment_method, status)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::numeric[], %s::numeric[], %s::text[],
                         %s::int[], %s::text[], %s::text[], %s::text[])
    ON CONFLICT (order_id) DO NOTHING
    RETURNING order_id, id
"""

_UPDATE_ORDERS = """
    UPDATE members_order AS known SET
        paid_at = given.paid_at, amount = given.amount, refunded_amount = given.refunded_amount,
        currency = given.currency, quantity = given.quantity, channel = given.channel,
        payment_method = given.payment_method, status = given.status
    FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::numeric[], %s::numeric[], %s::text[], %s::int[],
                %s::text[], %s::text[], %s::text[])
        AS given (order_id, member_id, paid_at, amount, refunded_amount, currency, quantity, channel,
                  payment_method, status)
    WHERE known.order_id = given.order_id
    RETURNING known.order_id, known.id
"""

_WRITE_ITEMS = """
    INSERT INTO members_orderitem (order_id, line, sku, category, quantity, amount)
    SELECT * FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::int[], %s::numeric[])
    ON CONFLICT (order_id, line) DO UPDATE SET
        sku = excluded.sku, category = excluded.category, quantity = excluded.quantity, amount = excluded.amount
"""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """Which order it is, whose and when."""

    pk: int
    order_id: str
    member_id: int
    paid_at: datetime
    amount: Decimal
    quantity: int


def state_of(member: Member) -> MemberState:
    return MemberState(**{name: getattr(member, name) for name in MemberState._fields if name != "given_level"})


def update_members(states: Mapping[int, MemberState]) -> None:
    """Write the states of members, by their ids; but not their levels (`members.standing`)."""
    if not states:
        return
    columns = list(zip(*states.values(), strict=True))
    del columns[MemberState._fields.index("given_level")]
    columns[-1] = tuple(orjson.dumps(attributes).decode() for attributes in columns[-1])
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_MEMBERS, [list(states), *map(list, columns)])


def owners_of(order_ids: Collection[str]) -> dict[str, str]:
    """Return the uid of the member of each known order."""
    return dict(Order.objects.filter(order_id__in=set(order_ids)).values_list("order_id", "member__uid"))


def read_orders(order_ids: Collection[str]) -> dict[str, OrderState]:
    known = Order.objects.filter(order_id__in=set(order_ids))
    return {order_id: OrderState(*state) for order_id, *state in known.values_list("order_id", *OrderState._fields)}


def insert_orders(states: Mapping[str, OrderState]) -> dict[str, int]:
    """Write new orders. Return the primary keys of those written, by order id; an id taken meanwhile is left out."""
    return _write_orders(_INSERT_ORDERS, states)


def update_orders(states: Mapping[str, OrderState]) -> dict[str, int]:
    """Write over known orders. Return their primary keys by order id."""
    return _write_orders(_UPDATE_ORDERS, states)


def _write_orders(statement: str, states: Mapping[str, OrderState]) -> dict[str, int]:
    if not states:
        return {}
    order_ids = sorted(states)
    columns = zip(*(states[order_id] for order_id in order_ids), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(statement, [order_ids, *map(list, columns)])
        return dict(cursor.fetchall())


def find_orders(order_ids: Collection[str]) -> list[FoundOrder]:
    return _found(order_id__in=set(order_ids))


def orders_with_pk(pks: Collection[int]) -> list[FoundOrder]:
    return _found(pk__in=set(pks))


def _found(**condition: Collection[str] | Collection[int]) -> list[FoundOrder]:
    found = Order.objects.filter(**condition).order_by("pk")
    return [
        FoundOrder(*fields)
        for fields in found.values_list("pk", "order_id", "member_id", "paid_at", "amount", "quantity")
    ]


def read_items(order_pks: Collection[int]) -> dict[tuple[int, int], ItemState]:
    """Return the known lines of these orders, by primary key of the order and line."""
    known = OrderItem.objects.filter(order_id__in=set(order_pks))
    return {
        (order_pk, line): ItemState(*state)
        for order_pk, line, *state in known.values_list("order_id", "line", *ItemState._fields)
    }


def write_items(states: Mapping[tuple[int, int], ItemState]) -> None:
    if not states:
        return
    keys = sorted(states)
    columns = zip(*((*key, *states[key]) for key in keys), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_ITEMS, list(map(list, columns)))
