"""Which line of an order confirms what was reserved, and what refunds have left of it. Pure.

A line confirms a reservation when it is of one of its SKUs, in the site's currency, paid from the moment of the
reservation up to but not including its end, with at least the quantity left that was reserved, and at the price of the
offer where that is asked for. Of several lines it is the one paid first; a line confirms one reservation only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order. `left` is its quantity net of refunds, `amount` what it came to in cents, gross."""

    order: int
    line: int
    sku: str
    paid_at: datetime
    quantity: int
    left: int
    amount: int

    @property
    def key(self) -> tuple[int, int]:
        return self.order, self.line


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was reserved: until `expires_at`, exclusive; `price` is in cents for one, None where any will do."""

    skus: frozenset[str]
    quantity: int
    reserved_at: datetime
    expires_at: datetime
    price: int | None = None


def confirming(wanted: Wanted, lines: Iterable[Line], *, used: Collection[tuple[int, int]]) -> Line | None:
    """Return the line that confirms the reservation, of those that have confirmed none."""
    fitting = (line for line in lines if line.key not in used and fits(wanted, line))
    return min(fitting, key=lambda line: (line.paid_at, line.key), default=None)


def fits(wanted: Wanted, line: Line) -> bool:
    return (
        line.sku in wanted.skus
        and wanted.reserved_at <= line.paid_at < wanted.expires_at
        and line.left >= wanted.quantity
        and (wanted.price is None or line.amount == wanted.price * line.quantity)
    )


def returned(quantity: int, left: int) -> int:
    """How many of a quantity bought were refunded, where so many are left of the line: what was bought goes last."""
    return quantity - min(quantity, left)
