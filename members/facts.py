"""Reading and writing facts in sets: one statement each, whatever the number of rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from members import contact
from members.merging import ItemState, MemberState, OrderState
from members.models import Order, OrderItem

_UPDATE_MEMBERS = """
    UPDATE members_member AS member SET
        name = given.name, gender = given.gender, birthday = given.birthday, region = given.region,
        joined_at = given.joined_at, level_id = given.level_id,
        sealed_phone = coalesce(given.sealed_phone, member.sealed_phone),
        phone_hash = coalesce(given.phone_hash, member.phone_hash),
        sealed_email = coalesce(given.sealed_email, member.sealed_email),
        email_hash = coalesce(given.email_hash, member.email_hash)
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[], %s::timestamptz[], %s::bigint[],
                %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
        AS given (id, name, gender, birthday, region, joined_at, level_id,
                  sealed_phone, phone_hash, sealed_email, email_hash)
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


def update_members(changes: Mapping[int, tuple[MemberState, MemberState]]) -> None:
    """Write over the rows of members, by their ids, what became of each: (known, final).

    A phone or an email is sealed anew only where it changed. None of them is ever taken away here.
    """
    if not changes:
        return
    rows = [
        [pk, final.name, final.gender, final.birthday, final.region, final.joined_at, final.level_id,
         *_sealed(contact.Kind.PHONE, known.phone, final.phone), *_sealed(contact.Kind.EMAIL, known.email, final.email)]
        for pk, (known, final) in changes.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_MEMBERS, list(map(list, zip(*rows, strict=True))))


def _sealed(kind: contact.Kind, known: str | None, final: str | None) -> tuple[bytes | None, bytes | None]:
    return (None, None) if final is None or final == known else contact.seal(kind, final)


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
