"""Pages of a table too large to count."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet

COUNTED_ROWS = 10_000


class EstimatedPaginator(Paginator):
    """Counts up to 10,000 rows; beyond, takes PostgreSQL's estimate for the whole table, or 10,000 for a search.

    Nobody turns to page 200 of a search, and counting millions of rows would take seconds at each look.
    """

    @cached_property
    def count(self) -> int:
        queryset: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        counted = queryset.order_by()[: COUNTED_ROWS + 1].count()
        if counted <= COUNTED_ROWS:
            return counted
        return COUNTED_ROWS if queryset.query.where else max(COUNTED_ROWS, self._estimate(queryset))

    @staticmethod
    def _estimate(queryset: QuerySet[Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [queryset.model._meta.db_table]
            )
            return int(cursor.fetchone()[0])
