"""Choices of other tables in forms, read once for a page however many rows its forms have."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest


class SharedChoices:
    """Inherit from this, before unfold's admin or inline.

    Each form of a formset copies its fields, and each copy would ask for the same rows. What the words of a row read
    of other tables comes with it, as the row's own list joins it.
    """

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, forms.ModelChoiceField):
            # A field is made for one request; its copies hold the same rows.
            field.iterator = _OncePerPage().over  # type: ignore[assignment]
        return field

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        rows = super().get_field_queryset(db, db_field, request)  # type: ignore[misc]
        joined = joined_in_list(self.admin_site, db_field.remote_field.model)  # type: ignore[attr-defined]
        if not joined:
            return rows
        found = db_field.remote_field.model._default_manager.all() if rows is None else rows
        return found.select_related(*joined)


def joined_in_list(site: AdminSite, model: Any) -> list[str]:
    """Return the relations that the list of a model joins: those that the words of its rows read."""
    joined = getattr(site._registry.get(model), "list_select_related", ())
    return list(joined) if isinstance(joined, list | tuple) else []


class _OncePerPage:
    """Rows by the statement that finds them: a form may narrow its own choices."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Any]] = {}

    def over(self, field: Any) -> ModelChoiceIterator:
        return _SharedIterator(field, self)

    def rows(self, queryset: QuerySet[Any]) -> list[Any]:
        try:
            statement = str(queryset.query)
        except EmptyResultSet:
            return []
        if statement not in self._rows:
            self._rows[statement] = list(queryset)
        return self._rows[statement]


class _SharedIterator(ModelChoiceIterator):
    def __init__(self, field: Any, shared: _OncePerPage) -> None:
        super().__init__(field)
        self._shared = shared

    def __iter__(self) -> Any:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        yield from (self.choice(row) for row in self._shared.rows(self.queryset))
