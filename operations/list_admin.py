"""The base of every change list: thrifty at a million rows, filtered by time, exported."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, F, Model, OrderBy, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from operations import key_search
from operations.estimated_counts import EstimatedPaginator
from operations.exported_admin import ExportedAdmin
from operations.list_filters import WithinDates, thrifty

# Filters of Django that list what is in the table, or in another table, however much that is.
_READS_ALL = (admin.RelatedOnlyFieldListFilter, admin.AllValuesFieldListFilter, admin.DateFieldListFilter)


class ListAdmin(ExportedAdmin):
    """Inherit from this, by AuditedAdmin or ReadOnlyAdmin. `grows` is said of tables that grow with the members."""

    grows = False
    # The column of time that the list is filtered by; the first of the list's columns that holds one unless named here.
    time_filter: str | None = None
    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    # Counts beside every choice of every filter would read the table for each.
    show_facets = admin.ShowFacets.NEVER

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = [self._thrifty(each) for each in super().get_list_filter(request)]
        held = {each[0] for each in filters if isinstance(each, tuple)}
        moment = self.time_filter or self._first_moment(request)
        return [(moment, WithinDates), *filters] if moment and moment not in held else filters

    def _thrifty(self, given: Any) -> Any:
        path, kind = given if isinstance(given, list | tuple) else (given, None)
        if not isinstance(path, str) or (kind is not None and kind not in _READS_ALL):
            return given
        return thrifty(get_fields_from_path(self.model, path)[-1], path, given)

    def _first_moment(self, request: HttpRequest) -> str | None:
        shown = [name for name in self.get_list_display(request) if isinstance(name, str)]
        fields = [field for name in shown if isinstance(field := _field(self.model, name), DateField)]
        own = fields or [field for field in self.model._meta.concrete_fields if isinstance(field, DateTimeField)]
        return own[0].name if own else None

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Newest first by the time that the list is narrowed by, where an index finds the rows in that order."""
        moment = self.time_filter or self._first_moment(request)
        asked = {request.GET.get(f"{moment}_{end}") for end in ("from", "to")} - {None, ""}
        if self.grows and moment and asked and moment in indexed_columns(self.model):
            return [f"-{moment}", "-pk"]
        return super().get_ordering(request)

    def get_sortable_by(self, request: HttpRequest) -> Sequence[str]:
        names = super().get_sortable_by(request)
        if not self.grows:
            return names
        indexed = indexed_columns(self.model)
        return [name for name in names if isinstance(name, str) and _sorted_by(self, name) in indexed]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        fields = self.get_search_fields(request)
        term = search_term.strip()
        if not (self.grows and term and key_search.are_keys(fields)):
            return super().get_search_results(request, queryset, search_term)
        return key_search.found(queryset, fields, term), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        if not (shown.query or shown.has_active_filters):
            # Then the page does not say twice how many there are, nor offers to show all of what it shows.
            shown.full_result_count = shown.result_count
        return shown

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if ERROR_FLAG in request.GET:
            text = _("A filter, the order or the page in the address was not understood, so it was left out.")
            messages.warning(request, text, fail_silently=True)
        return super().changelist_view(request, extra_context)


def indexed_columns(model: type[Model]) -> set[str]:
    """Return the columns that rows can be sorted by without being read all: those that lead an index of all rows."""
    meta = model._meta
    columns: list[Any] = [field for field in meta.concrete_fields if not field.is_relation]
    found = {field.name for field in columns if field.unique or field.db_index}
    for index in [*meta.indexes, *meta.constraints]:
        fields, expressions = getattr(index, "fields", ()), getattr(index, "expressions", ())
        if getattr(index, "condition", None) is not None:
            continue
        if fields:
            found.add(fields[0].removeprefix("-"))
        elif expressions and isinstance(first := expressions[0], OrderBy | F):
            found.add(getattr(getattr(first, "expression", first), "name", ""))
    relations = {field.name for field in meta.concrete_fields if field.is_relation}
    return (found - relations) | {"pk", meta.pk.name}


def _sorted_by(model_admin: Any, name: str) -> str:
    """Return the column that sorts the list's column `name`."""
    shown = getattr(model_admin, name, None)
    order = getattr(shown, "admin_order_field", None)
    return order if isinstance(order, str) else name


def _field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
