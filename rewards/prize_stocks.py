"""The live stock of prizes, in one row or several slices. It is set here, and issued from by draws, at the same time.

Locks: the pool, so that one sets stocks at a time; draws do not ask for it. Then the rows of a prize in the order of
their slices, prizes in the order of their keys. A draw holds one row at most: neither waits for the other in a circle.
"""

from collections.abc import Iterable

from django.db import transaction

from rewards.models import Prize, PrizePool, PrizeStock


class StockBelowIssued(Exception):
    """More was given than the stock is to be."""

    def __init__(self, key: str, stock: int, issued: int) -> None:
        super().__init__(f"{key}: {issued} issued, stock {stock}")
        self.key, self.stock, self.issued = key, stock, issued


@transaction.atomic
def set_stocks(pool: PrizePool, prizes: Iterable[Prize]) -> None:
    """Set the live stock of each prize that has one. Raises StockBelowIssued; then none is changed."""
    for prize in sorted(prizes, key=lambda prize: prize.key):
        if prize.stock is not None:
            set_stock(pool, prize.key, stock=prize.stock, slices=prize.slices)


@transaction.atomic
def set_stock(pool: PrizePool, key: str, *, stock: int, slices: int = 1) -> None:
    """Make the slices of a prize total `stock`, and spread evenly what is left of it over the first `slices` of them.

    What is not wanted any more keeps what it issued and has nothing left: reversals still find their row.
    Draws in flight are waited for, and those that come wait: what was issued is read behind the locks.
    """
    # One at a time: rows that somebody else is adding would not be seen, and not be counted.
    PrizePool.objects.select_for_update(no_key=True).get(pk=pool.pk)
    missing = [PrizeStock(pool=pool, key=key, slice=number, stock=0) for number in range(slices)]
    PrizeStock.objects.bulk_create(missing, ignore_conflicts=True)
    rows = list(PrizeStock.objects.select_for_update().filter(pool=pool, key=key).order_by("slice"))
    issued = sum(row.issued for row in rows)
    if stock < issued:
        raise StockBelowIssued(key, stock, issued)
    shares = even_shares(stock - issued, slices)
    for row, left in zip(rows, shares + [0] * (len(rows) - slices), strict=True):
        row.stock = row.issued + left
    PrizeStock.objects.bulk_update(rows, ["stock"])


def even_shares(total: int, parts: int) -> list[int]:
    """Return `total` in so many parts that differ by one at most."""
    each, rest = divmod(total, parts)
    return [each + (number < rest) for number in range(parts)]
