"""What a row makes of what was known before it. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from members.rows import AttributeValue, MemberRow, OrderItemRow, OrderRow

PAID = "paid"
REFUNDED = "refunded"


class MemberState(NamedTuple):
    name: str = ""
    phone: str = ""
    email: str = ""
    gender: str = ""
    birthday: date | None = None
    region: str = ""
    joined_at: datetime | None = None
    # A level that came in and that the member did not have.
    given_level: str | None = None
    attributes: Mapping[str, AttributeValue] = {}


class OrderState(NamedTuple):
    member_id: int
    paid_at: datetime
    amount: Decimal
    refunded_amount: Decimal
    currency: str
    quantity: int
    channel: str
    payment_method: str
    status: str


class ItemState(NamedTuple):
    sku: str
    category: str
    quantity: int
    amount: Decimal


def merged_member(known: MemberState | None, row: MemberRow, held: Collection[str] = ()) -> MemberState:
    """Return the member after `row`. `held` are the keys of the levels that the member has had without it."""
    before = known or MemberState()
    given = {name: value for name in before._fields[:7] if (value := getattr(row, name)) is not None}
    if row.level is not None:
        given["given_level"] = None if row.level in held else row.level
    if row.attributes:
        given["attributes"] = {**before.attributes, **row.attributes}
    return before._replace(**given)


def merged_order(known: OrderState | None, row: OrderRow, member_id: int, currency: str) -> OrderState:
    """Return the order after `row`. `currency` is the site's, for an order that names none.

    An order whose status is "refunded" is refunded in whole.
    """
    status = row.status or (known.status if known else PAID)
    return OrderState(
        member_id=member_id,
        paid_at=row.paid_at,
        amount=row.amount,
        refunded_amount=row.amount if status == REFUNDED else Decimal(0),
        currency=row.currency or (known.currency if known else currency),
        quantity=row.quantity or (known.quantity if known else 1),
        channel=row.channel or (known.channel if known else ""),
        payment_method=row.payment_method or (known.payment_method if known else ""),
        status=status,
    )


def merged_item(known: ItemState | None, row: OrderItemRow) -> ItemState:
    """Return the line of an order after `row`."""
    amount = row.amount if row.amount is not None else (known.amount if known else Decimal(0))
    return ItemState(
        sku=row.sku,
        category=row.category or (known.category if known else ""),
        quantity=row.quantity or (known.quantity if known else 1),
        amount=amount,
    )
