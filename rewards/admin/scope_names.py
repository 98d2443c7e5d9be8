"""Scopes in words in the admin: rows hold "campaign:double-twelve", operators read the campaign's name."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from rewards import scopes
from rewards.models import PrizePool


def scope_words(key: str) -> str | None:
    """Return the name of a scope; None for none."""
    return str(scopes.named([key])[key]) if key else None


def source_words(source: str) -> str:
    """Return where an award came from: a scope or an item of the mall in words; tasks are named in words already."""
    kind, _colon, _name = source.partition(":")
    key = scopes.MALL if kind == scopes.MALL else source
    return str(scopes.named([key])[key])


def bucket_words(bucket: str, pools: Mapping[str, str]) -> str:
    """Return which pool chances are for; `pools` are names by key."""
    source, _colon, pool = bucket.partition(":")
    words = {
        "task": _("for “%(pool)s”, named by a task"),
        "score": _("for “%(pool)s”, named by a result"),
        "stage": _("for “%(pool)s”, named by a stage"),
    }.get(source)
    return words % {"pool": pools.get(pool, pool)} if words else str(_("for the member's own pool"))


def pools_of(buckets: Iterable[str]) -> dict[str, str]:
    """Return the names, by key, of the pools that buckets name."""
    keys = {bucket.partition(":")[2] for bucket in buckets if bucket}
    return dict(PrizePool.objects.filter(slug__in=keys).values_list("slug", "name")) if keys else {}


def told_scopes(rows: list[Any]) -> list[Any]:
    """Return the rows, knowing the names of their scopes and pools."""
    names = scopes.named(row.scope for row in rows if row.scope)
    for row in rows:
        row.scope_name = str(names[row.scope]) if row.scope else None
    if rows and hasattr(rows[0], "bucket"):
        pools = pools_of(row.bucket for row in rows)
        for row in rows:
            row.bucket_words = bucket_words(row.bucket, pools)
    return rows


class ScopedList(ChangeList):
    """A list whose rows know the names of their scopes, asked for once a page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = told_scopes(list(self.result_list))  # type: ignore[has-type]


class ShowsScope:
    """For the admin of rows with a scope: its name as the column and field `shown_scope`."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ScopedList

    def export_rows(self, rows: list[Any]) -> list[Any]:
        return told_scopes(rows)

    @display(description=_("scope"), ordering="scope")
    def shown_scope(self, row: Any) -> str | None:
        return row.scope_name if hasattr(row, "scope_name") else scope_words(row.scope)

    @display(description=_("named pool"), ordering="bucket")
    def shown_bucket(self, row: Any) -> str:
        known = hasattr(row, "bucket_words")
        return row.bucket_words if known else bucket_words(row.bucket, pools_of([row.bucket]))
