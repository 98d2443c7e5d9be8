"""What a submitted form changed, as {field: [old, new]} that JSON can hold and a person can read."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.base import File
from django.db.models import Model

from operations import audit

HIDDEN = "•••"


def changes_of(form: forms.BaseModelForm) -> dict[str, list[Any]]:
    """Return the old and the new value of each field that the valid, saved `form` changed."""
    return {
        name: [_readable(form.fields[name], form.initial.get(name)), _readable(form.fields[name], new)]
        for name in form.changed_data
        if name in form.fields and (new := form.cleaned_data.get(name)) != form.initial.get(name)
    }


def _readable(field: forms.Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(field.widget, forms.PasswordInput):
        return HIDDEN
    if isinstance(field, forms.ModelMultipleChoiceField):
        return sorted(_names(field, value))
    if isinstance(field, forms.ModelChoiceField):
        return next(iter(_names(field, [value])), None)
    if isinstance(value, Model):
        return audit.name_of(value)
    return str(value) if isinstance(value, File) else value


def _names(field: forms.ModelChoiceField, values: Iterable[Any]) -> list[str]:
    values = list(values)
    rows = [value for value in values if isinstance(value, Model)]
    keys = [value for value in values if not isinstance(value, Model)]
    if keys and field.queryset is not None:
        # The old value of a form is a key; only a field that has changed asks for its name.
        rows += field.queryset.model._base_manager.filter(**{f"{field.to_field_name or 'pk'}__in": keys})
    return [audit.name_of(row) for row in rows]
