"""How the audit trail is shown to people: kinds of object by name, values as text."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.utils.translation import gettext


def kind_choices(site: admin.AdminSite) -> list[tuple[str, str]]:
    """Return the kinds of object that the admin shows, by name."""
    shown = [model for model in apps.get_models() if site.is_registered(model)]
    return sorted(
        ((model._meta.label_lower, str(model._meta.verbose_name)) for model in shown), key=lambda pair: pair[1]
    )


def kind_name(target_type: str) -> str:
    """Return the name of the model `target_type`, or its label when the model is no more."""
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return target_type


def readable_changes(changes: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return rows of field, value before and value after."""
    return [(field, *_before_and_after(value)) for field, value in changes.items()]


def _before_and_after(value: Any) -> tuple[str, str]:
    match value:
        case [old, new]:
            return _readable(old), _readable(new)
        case _:
            return _readable(None), _readable(value)


def _readable(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return gettext(", ").join(str(each) for each in value) if isinstance(value, list) else str(value)
