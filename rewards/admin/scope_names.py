"""Scopes in words in the admin: rows hold "campaign:double-twelve", operators read the campaign's name."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from rewards import scopes
from rewards.models import Budget, DrawGate, PrizePool

MOST_SCOPES = 100


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


def told_scopes(rows: list[Any], known: Mapping[str, Any] | None = None) -> list[Any]:
    """Return the rows, knowing the names of their scopes and pools. `known` are names that a filter has asked for."""
    names = dict(known or {})
    if missing := {row.scope for row in rows if row.scope} - names.keys():
        names |= scopes.named(missing)
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
        known = getattr(request, "scope_names", {})
        self.result_list = told_scopes(list(self.result_list), known)  # type: ignore[has-type]


class ScopeFilter(admin.SimpleListFilter):
    """By campaign or mall. Asking millions of awards for their scopes would cost a scan of them."""

    title = _("scope")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        gates = DrawGate.objects.values_list("scope", flat=True)
        budgets = Budget.objects.exclude(scope__startswith="pool:").values_list("scope", flat=True)
        found = scopes.named({*gates.order_by().union(budgets.order_by())[: 2 * MOST_SCOPES], scopes.MALL})
        # The column of scopes need not ask for them again.
        request.scope_names = found  # type: ignore[attr-defined]
        return sorted(((key, str(scope)) for key, scope in found.items()), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(scope=self.value()) if self.value() else queryset


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
