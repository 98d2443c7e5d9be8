"""Reading and writing facts in sets: one statement each, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from members import contact
from members.merging import ItemState, MemberState, OrderState, RefundState
from members.models import Member, Order, OrderItem, Refund

_UPDATE_MEMBERS = """
    UPDATE members_member AS member SET
        name = given.name, gender = given.gender, birthday = given.birthday, region = given.region,
        joined_at = given.joined_at,
        sealed_phone = coalesce(given.sealed_phone, member.sealed_phone),
        phone_hash = coalesce(given.phone_hash, member.phone_hash),
        sealed_email = coalesce(given.sealed_email, member.sealed_email),
        email_hash = coalesce(given.email_hash, member.email_hash)
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[], %s::timestamptz[],
                %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
        AS given (id, name, gender, birthday, region, joined_at,
                  sealed_phone, phone_hash, sealed_email, email_hash)
    WHERE member.id = given.id
"""

_ORDER_COLUMNS = (
    "order_id, member_id, paid_at, amount, currency, quantity, channel, payment_method, status,"
    " refunded_amount, refunded_quantity, refunded_by_parts"
)
_ORDER_ARRAYS = (
    "%s::text[], %s::bigint[], %s::timestamptz[], %s::numeric[], %s::text[], %s::int[], %s::text[], %s::text[],"
    " %s::text[], %s::numeric[], %s::int[], %s::boolean[]"
)

# In the order of the ids, so that two batches with the same new orders wait for each other in one direction.
_INSERT_ORDERS = f"""
    INSERT INTO members_order ({_ORDER_COLUMNS}) SELECT * FROM unnest({_ORDER_ARRAYS})
    ON CONFLICT (order_id) DO NOTHING
    RETURNING order_id, id
"""  # noqa: S608

_UPDATE_ORDERS = f"""
    UPDATE members_order AS known SET
        paid_at = given.paid_at, amount = given.amount, currency = given.currency, quantity = given.quantity,
        channel = given.channel, payment_method = given.payment_method, status = given.status,
        refunded_amount = given.refunded_amount, refunded_quantity = given.refunded_quantity,
        refunded_by_parts = given.refunded_by_parts
    FROM unnest({_ORDER_ARRAYS}) AS given ({_ORDER_COLUMNS})
    WHERE known.order_id = given.order_id
"""  # noqa: S608

_WRITE_LINES = """
    INSERT INTO members_orderitem (order_id, line, sku, category, quantity, amount, refunded_quantity, refunded_amount)
    SELECT known.id, given.line, given.sku, given.category, given.quantity, given.amount,
           given.refunded_quantity, given.refunded_amount
    FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::int[], %s::numeric[], %s::int[], %s::numeric[])
        AS given (order_id, line, sku, category, quantity, amount, refunded_quantity, refunded_amount)
    JOIN members_order known USING (order_id)
    ON CONFLICT (order_id, line) DO UPDATE SET
        sku = excluded.sku, category = excluded.category, quantity = excluded.quantity, amount = excluded.amount,
        refunded_quantity = excluded.refunded_quantity, refunded_amount = excluded.refunded_amount
"""

# In the order of the ids, as orders are.
_INSERT_REFUNDS = """
    INSERT INTO members_refund (refund_id, order_id, refunded_at, amount, line, quantity, state, fault, created_at)
    SELECT *, %s FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::numeric[], %s::int[], %s::int[],
                             %s::text[], %s::text[])
    ON CONFLICT (refund_id) DO NOTHING
    RETURNING refund_id
"""

_UPDATE_REFUNDS = """
    UPDATE members_refund AS known SET state = given.state, fault = given.fault
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS given (refund_id, state, fault)
    WHERE known.refund_id = given.refund_id
"""


def update_members(changes: Mapping[int, tuple[MemberState, MemberState]]) -> None:
    """Write over the rows of members, by their ids, what became of each: (known, final); but not their levels.

    A phone or an email is sealed anew only where it changed. None of them is ever taken away here.
    """
    if not changes:
        return
    rows = [
        [pk, final.name, final.gender, final.birthday, final.region, final.joined_at,
         *_sealed(contact.Kind.PHONE, known.phone, final.phone), *_sealed(contact.Kind.EMAIL, known.email, final.email)]
        for pk, (known, final) in changes.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_MEMBERS, list(map(list, zip(*rows, strict=True))))


def _sealed(kind: contact.Kind, known: str | None, final: str | None) -> tuple[bytes | None, bytes | None]:
    return (None, None) if final is None or final == known else contact.seal(kind, final)


def members_with_uid(uids: Collection[str]) -> dict[str, int]:
    """Return the id of the member with each uid."""
    return dict(Member.objects.filter(uid__in=set(uids)).values_list("uid", "id"))


def member_with_uid(uid: str) -> int | None:
    """Return the id of the member with this uid, or None."""
    return Member.objects.filter(uid=uid).values_list("id", flat=True).first()


def owners_of(order_ids: Collection[str]) -> dict[str, str]:
    """Return the uid of the member of each known order."""
    return dict(Order.objects.filter(order_id__in=set(order_ids)).values_list("order_id", "member__uid"))


def members_of(order_ids: Collection[str]) -> dict[str, int]:
    """Return the id of the member of each known order."""
    return dict(Order.objects.filter(order_id__in=set(order_ids)).values_list("order_id", "member_id"))


def read_orders(order_ids: Collection[str]) -> dict[str, tuple[int, OrderState]]:
    """Return the primary key and the state of each known order."""
    known = Order.objects.filter(order_id__in=set(order_ids)).values_list("order_id", "pk", *OrderState._fields)
    return {order_id: (pk, OrderState(*state)) for order_id, pk, *state in known}


def read_lines(order_ids: Collection[str]) -> dict[str, dict[int, ItemState]]:
    """Return the known lines of these orders, by order id and number of the line."""
    known = OrderItem.objects.filter(order__order_id__in=set(order_ids))
    lines: dict[str, dict[int, ItemState]] = defaultdict(dict)
    for order_id, line, *state in known.values_list("order__order_id", "line", *ItemState._fields):
        lines[order_id][line] = ItemState(*state)
    return lines


def read_refunds(order_ids: Collection[str]) -> dict[str, dict[str, RefundState]]:
    """Return the refunds on record of these orders, by order id and refund id."""
    refunds: dict[str, dict[str, RefundState]] = defaultdict(dict)
    known = Refund.objects.filter(order_id__in=set(order_ids))
    for refund_id, *state in known.values_list("refund_id", *RefundState._fields):
        refunds[state[0]][refund_id] = RefundState(*state)
    return refunds


def orders_refunded_by(refund_ids: Collection[str]) -> dict[str, str]:
    """Return the order id that each of these refunds is for, of those on record."""
    return dict(Refund.objects.filter(refund_id__in=set(refund_ids)).values_list("refund_id", "order_id"))


def insert_orders(states: Mapping[str, OrderState]) -> dict[str, int]:
    """Write new orders. Return the primary keys of those written, by order id; an id taken meanwhile is left out."""
    if not states:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ORDERS, _columns(states))
        return dict(cursor.fetchall())


def update_orders(states: Mapping[str, OrderState]) -> None:
    """Write over known orders."""
    if states:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE_ORDERS, _columns(states))


def write_lines(states: Mapping[tuple[str, int], ItemState]) -> None:
    """Write lines of known orders, new and known ones, by order id and number of the line."""
    if not states:
        return
    rows = [(*key, *states[key]) for key in sorted(states)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_LINES, list(map(list, zip(*rows, strict=True))))


def insert_refunds(states: Mapping[str, RefundState], *, now: datetime) -> set[str]:
    """Write new refunds. Return the ids of those written; one taken meanwhile is left out."""
    if not states:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_REFUNDS, [now, *_columns(states)])
        return {refund_id for (refund_id,) in cursor.fetchall()}


def update_refunds(states: Mapping[str, RefundState]) -> None:
    """Write whether known refunds are applied."""
    if not states:
        return
    columns = [list(states), [each.state for each in states.values()], [each.fault for each in states.values()]]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_REFUNDS, columns)


def _columns(states: Mapping[str, OrderState] | Mapping[str, RefundState]) -> list[list[Any]]:
    """Return the keys, in their order, and each field of the states as a list."""
    keys = sorted(states)
    return [keys, *map(list, zip(*(states[key] for key in keys), strict=True))]
