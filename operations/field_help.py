"""A short sentence of help for each field of a form whose model says none: rooms register theirs, admins look here."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise

from operations.date_bounds import bounded
from operations.shared_choices import SharedChoices

Helps = Mapping[str, Mapping[str, "str | Promise"]]
_helps: dict[str, "str | Promise"] = {}


def register(room: str, helps: Helps) -> None:
    """Register {model: {field: sentence}} of an app. What a model's field says itself goes first."""
    for model, fields in helps.items():
        for name, sentence in fields.items():
            _helps[f"{room}.{model}.{name}".lower()] = sentence


def help_of(db_field: Any) -> "str | Promise":
    """The sentence for a column as its admin shows it, or ""."""
    return db_field.help_text or _helps.get(f"{db_field.model._meta.label}.{db_field.name}".lower(), "")


class HelpedFields(SharedChoices):
    """Inherit from this, before unfold's admin or inline: every field has its help, every typed day its check."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and not field.help_text:
            field.help_text = help_of(db_field)
        return bounded(field, db_field)
