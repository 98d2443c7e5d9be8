"""What refunds make of an order and its lines. Pure.

A refund names an order, perhaps one line of it. It is applied when it fits into what is left of both; until the order
(or the line) is known, it waits. One that waited and then does not fit is refused, and looked at again whenever the
order or its lines change. The order's status "refunded" refunds in whole what refunds have left.

Everything refunded is derived anew from the applied refunds, so it is the same in whichever order they came. Of a line
are its own refunds, and its share of those without a line, in proportion to what is left of each line, by largest
remainders, exact to the cent. What is refunded in whole in money is refunded in all its quantity.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from members.faults import Fault, RowError
from members.merging import APPLIED, REFUNDED, REFUSED, WAITING, ItemState, OrderState, RefundState

CENT = Decimal("0.01")


class Purchase(NamedTuple):
    """An order, its lines by number and its refunds by id, as far as they are known."""

    order: OrderState | None = None
    lines: Mapping[int, ItemState] = {}
    refunds: Mapping[str, RefundState] = {}

    def applied(self, line: int | None = None) -> "Applied":
        """Return what is refunded of a line by refunds of its own, or for None by those that name no line."""
        return Applied.of(refund for refund in self.refunds.values() if refund.line == line)

    def all_applied(self) -> "Applied":
        return Applied.of(self.refunds.values())


class Applied(NamedTuple):
    """The sums of some applied refunds."""

    amount: Decimal = Decimal(0)
    quantity: int = 0

    @classmethod
    def of(cls, refunds: Iterable[RefundState]) -> "Applied":
        counted = [refund for refund in refunds if refund.state == APPLIED]
        amount = sum((refund.amount for refund in counted), Decimal(0))
        return cls(amount, sum(refund.quantity or 0 for refund in counted))


def with_order(purchase: Purchase, order: OrderState) -> Purchase:
    """Return the purchase after the order came or was corrected. Raises RowError if more is refunded of it already."""
    if not purchase.refunds and not purchase.lines:
        return purchase._replace(order=_refunded_order(order, Applied()))
    _check_not_less(order.amount, purchase.all_applied().amount, "amount")
    _check_not_less(order.quantity, purchase.applied().quantity, "quantity")
    return settled(purchase._replace(order=order))


def with_line(purchase: Purchase, number: int, line: ItemState) -> Purchase:
    """Return the purchase after a line came or was corrected. Raises RowError if more is refunded of it already."""
    own = purchase.applied(number)
    _check_not_less(line.amount, own.amount, "amount")
    _check_not_less(line.quantity, own.quantity, "quantity")
    return settled(purchase._replace(lines={**purchase.lines, number: line}))


def with_refund(purchase: Purchase, refund_id: str, refund: RefundState) -> Purchase:
    """Return the purchase after a refund came. Raises RowError if it does not fit, then it is not taken.

    While no line of the order is known, one for a line waits; once some are, a line that is not among them is unknown.
    """
    if purchase.lines and refund.line is not None and refund.line not in purchase.lines:
        raise RowError(Fault.UNKNOWN_LINE, "line", value=str(refund.line))
    if not _must_wait(purchase, refund) and (more := excess(purchase, refund)):
        raise more
    return settled(purchase._replace(refunds={**purchase.refunds, refund_id: refund}))


def settled(purchase: Purchase) -> Purchase:
    """Return the purchase with every refund applied that can be, and what that makes of the order and its lines."""
    refunds = dict(purchase.refunds)
    # By their own times, not by when they came in, so that the same refunds find room whichever came first.
    for refund_id, refund in sorted(refunds.items(), key=lambda each: (each[1].refunded_at, each[0])):
        if refund.state != APPLIED:
            refunds[refund_id] = _judged(purchase._replace(refunds=refunds), refund)
    after = purchase._replace(refunds=refunds)
    if after.order is None:
        return after
    after = after._replace(order=_refunded_order(after.order, after.all_applied()))
    return after._replace(lines=_refunded_lines(after))


def apportioned(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Share `total` out in proportion to `weights`, exactly, by largest remainders; of equal ones the lower key first.

    No share exceeds its weight as long as `total` does not exceed their sum.
    """
    whole = sum(weights.values())
    if not total or not whole:
        return dict.fromkeys(weights, 0)
    parts = {key: divmod(total * weight, whole) for key, weight in weights.items()}
    shares = {key: share for key, (share, _) in parts.items()}
    by_remainder = sorted(parts, key=lambda key: (-parts[key][1], key))
    for key in by_remainder[: total - sum(shares.values())]:
        shares[key] += 1
    return shares


def _must_wait(purchase: Purchase, refund: RefundState) -> bool:
    return purchase.order is None or (refund.line is not None and refund.line not in purchase.lines)


def _judged(purchase: Purchase, refund: RefundState) -> RefundState:
    if _must_wait(purchase, refund):
        return refund._replace(state=WAITING, fault="")
    if more := excess(purchase, refund):
        return refund._replace(state=REFUSED, fault=str(more.code))
    return refund._replace(state=APPLIED, fault="")


def excess(purchase: Purchase, refund: RefundState) -> RowError | None:
    """Return how the refund is larger than what is left of its order or its line; None if it fits."""
    order = purchase.order
    if order is None:
        return None
    limit: OrderState | ItemState = order if refund.line is None else purchase.lines[refund.line]
    own = purchase.applied(refund.line)
    left = min(order.amount - purchase.all_applied().amount, limit.amount - own.amount)
    if refund.amount > left:
        return RowError(Fault.REFUND_EXCEEDS_ORDER, "amount", value=str(refund.amount), left=left)
    if (refund.quantity or 0) > limit.quantity - own.quantity:
        left_over = limit.quantity - own.quantity
        return RowError(Fault.REFUND_EXCEEDS_ORDER, "quantity", value=str(refund.quantity), left=left_over)
    return None


def _check_not_less(given: Decimal | int, refunded: Decimal | int, column: str) -> None:
    if given < refunded:
        raise RowError(Fault.LESS_THAN_REFUNDED, column, value=str(given), refunded=refunded)


def _refunded_order(order: OrderState, applied: Applied) -> OrderState:
    said_refunded = order.said_status == REFUNDED
    by_parts = not said_refunded and order.amount == applied.amount > 0
    whole = said_refunded or by_parts
    return order._replace(
        status=REFUNDED if whole else order.said_status,
        refunded_by_parts=by_parts,
        refunded_amount=order.amount if whole else applied.amount,
        refunded_quantity=order.quantity if whole else min(order.quantity, applied.quantity),
    )


def _refunded_lines(purchase: Purchase) -> dict[int, ItemState]:
    order, lines = purchase.order, purchase.lines
    if order is None or order.status == REFUNDED:
        return {number: _refunded_line(line, line.amount, line.quantity) for number, line in lines.items()}
    own = {number: purchase.applied(number) for number in lines}
    left = {number: line.amount - own[number].amount for number, line in lines.items()}
    left_over = {number: line.quantity - own[number].quantity for number, line in lines.items()}
    amounts = apportioned(_cents_without_line(purchase, own, left), {n: _cents(each) for n, each in left.items()})
    quantities = apportioned(min(purchase.applied().quantity, sum(left_over.values())), left_over)
    return {
        number: _refunded_line(
            line, own[number].amount + amounts[number] * CENT, own[number].quantity + quantities[number]
        )
        for number, line in lines.items()
    }


def _cents_without_line(purchase: Purchase, own: Mapping[int, Applied], left: Mapping[int, Decimal]) -> int:
    """Return what refunds without a line take from all lines together.

    The amounts of the lines need not add up to the order's (a discount, the shipping): of what is left of the lines
    goes the part that goes of what is left of the order.
    """
    order = purchase.order
    base = _cents(order.amount - sum((each.amount for each in own.values()), Decimal(0))) if order else 0
    if not base:
        return 0
    total = _cents(sum(left.values(), Decimal(0))) * _cents(purchase.applied().amount)
    # Rounded half up, in whole numbers: the product has more digits than a Decimal keeps.
    return (2 * total + base) // (2 * base)


def _refunded_line(line: ItemState, amount: Decimal, quantity: int) -> ItemState:
    in_whole = amount == line.amount > 0
    return line._replace(refunded_amount=amount, refunded_quantity=line.quantity if in_whole else quantity)


def _cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))
