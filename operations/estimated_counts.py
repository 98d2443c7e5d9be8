"""Pages of a table too large to count."""

import json
from functools import cached_property
from math import ceil
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNTED_ROWS = 10_000


class EstimatedPaginator(Paginator):
    """Counts up to 10,000 rows; beyond, takes what PostgreSQL's planner expects.

    Counting millions of rows would take seconds at each look, and so would turning to the last of them: pages end where
    the count did. Nobody turns 200 pages; who needs all rows filters, or exports them.
    """

    @cached_property
    def counted(self) -> int:
        """How many rows there are, up to one more than are counted."""
        queryset: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return queryset.order_by()[: COUNTED_ROWS + 1].count()

    @property
    def is_estimate(self) -> bool:
        return self.counted > COUNTED_ROWS

    @cached_property
    def count(self) -> int:
        if not self.is_estimate:
            return self.counted
        return max(self.counted, expected_rows(self.object_list))  # type: ignore[arg-type]

    @property
    def reached(self) -> int:
        """How many rows the pages lead to."""
        return min(self.count, COUNTED_ROWS)

    @cached_property
    def num_pages(self) -> int:
        return max(1, ceil(self.reached / self.per_page))


def expected_rows(queryset: QuerySet[Any]) -> int:
    """Return how many rows PostgreSQL's planner expects, without reading any."""
    [plan] = json.loads(queryset.order_by().explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def rounded(count: int) -> int:
    """Return an estimate with two digits of its own, which is about what it is worth."""
    unit = 10 ** max(len(str(count)) - 2, 0)
    return round(count / unit) * unit
