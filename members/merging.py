"""What a row makes of what was known before it. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from members.rows import AttributeValue, MemberRow, OrderItemRow, OrderRow, RefundRow

PAID = "paid"
REFUNDED = "refunded"
APPLIED = "applied"
WAITING = "waiting"
REFUSED = "refused"


class MemberState(NamedTuple):
    """What is known of a member, as far as a batch of rows concerns it.

    `phone` and `email` are None where no row gives one, or where what is stored cannot be opened; `attributes` and
    `identities` hold those that some row gives.
    """

    name: str = ""
    phone: str | None = ""
    email: str | None = ""
    gender: str = ""
    birthday: date | None = None
    region: str = ""
    joined_at: datetime | None = None
    # A level that came in and that the member did not have.
    given_level: str | None = None
    attributes: Mapping[str, AttributeValue] = {}
    identities: Mapping[str, str] = {}


class OrderState(NamedTuple):
    """An order. What is refunded of it is for `members.refunding` to say."""

    member_id: int
    paid_at: datetime
    amount: Decimal
    currency: str
    quantity: int
    channel: str
    payment_method: str
    status: str
    refunded_amount: Decimal = Decimal(0)
    refunded_quantity: int = 0
    refunded_by_parts: bool = False

    @property
    def said_status(self) -> str:
        """What the shop last said of the order itself, without regard for its refunds."""
        return PAID if self.refunded_by_parts else self.status


class ItemState(NamedTuple):
    sku: str
    category: str
    quantity: int
    amount: Decimal
    refunded_quantity: int = 0
    refunded_amount: Decimal = Decimal(0)


class RefundState(NamedTuple):
    order_id: str
    refunded_at: datetime
    amount: Decimal
    line: int | None
    quantity: int | None
    state: str = WAITING
    fault: str = ""


def merged_member(known: MemberState | None, row: MemberRow, held: Collection[str] = ()) -> MemberState:
    """Return the member after `row`. `held` are the keys of the levels that the member has had without it."""
    before = known or MemberState()
    given = {name: value for name in before._fields[:7] if (value := getattr(row, name)) is not None}
    if row.level is not None:
        given["given_level"] = None if row.level in held else row.level
    if row.attributes:
        given["attributes"] = {**before.attributes, **row.attributes}
    if row.identities:
        given["identities"] = {**before.identities, **row.identities}
    return before._replace(**given)


def merged_order(known: OrderState | None, row: OrderRow, member_id: int, currency: str) -> OrderState:
    """Return the order as the shop says it is after `row`, nothing refunded of it yet.

    `currency` is the site's, for an order that names none.
    """
    return OrderState(
        member_id=member_id,
        paid_at=row.paid_at,
        amount=row.amount,
        currency=row.currency or (known.currency if known else currency),
        quantity=row.quantity or (known.quantity if known else 1),
        channel=row.channel or (known.channel if known else ""),
        payment_method=row.payment_method or (known.payment_method if known else ""),
        status=row.status or (known.said_status if known else PAID),
    )


def merged_item(known: ItemState | None, row: OrderItemRow) -> ItemState:
    """Return the line of an order after `row`, nothing refunded of it yet."""
    amount = row.amount if row.amount is not None else (known.amount if known else Decimal(0))
    return ItemState(
        sku=row.sku,
        category=row.category or (known.category if known else ""),
        quantity=row.quantity or (known.quantity if known else 1),
        amount=amount,
    )


def refund_of(row: RefundRow) -> RefundState:
    return RefundState(row.order_id, row.refunded_at, row.amount, row.line, row.quantity)


def agrees(known: RefundState, row: RefundRow) -> bool:
    """Tell whether `row` says nothing of the refund that is not known. What it does not give, it does not say."""
    return (
        (known.order_id, known.refunded_at, known.amount) == (row.order_id, row.refunded_at, row.amount)
        and row.line in (None, known.line)
        and row.quantity in (None, known.quantity)
    )
