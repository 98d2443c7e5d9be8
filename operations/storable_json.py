"""JSON that somebody wrote and that is to be stored: PostgreSQL refuses some of what Python reads as JSON."""

import json
import math
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DEEPEST = 50


class NotStorable(ValueError):
    """The text is no JSON, or JSON that cannot be stored. Its words say which."""


def read(text: str) -> Any:
    """Return what `text` says. Raises NotStorable."""
    try:
        data = json.loads(text)
    except RecursionError:
        raise NotStorable(_("The JSON is nested too deep.")) from None
    except ValueError as error:
        raise NotStorable(_("This is not JSON: %(why)s.") % {"why": error}) from None
    _check(data)
    return data


def _check(data: Any) -> None:
    # Level by level and not by recursion, which the data itself could exhaust.
    level = [data]
    for _depth in range(DEEPEST):
        for value in level:
            _check_one(value)
        level = [each for value in level for each in _parts(value)]
        if not level:
            return
    raise NotStorable(_("The JSON is nested too deep."))


def check_text(text: str) -> None:
    """Raises NotStorable for a text that PostgreSQL refuses."""
    _check_one(text)


def _check_one(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise NotStorable(_("A number is not finite."))
    if isinstance(value, str) and any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value):
        raise NotStorable(_("The text holds characters that cannot be stored."))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


class StorableJSONField(forms.JSONField):
    """What an operator types is refused in the form, never by the database."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value not in self.empty_values:
            try:
                read(value)
            except NotStorable as error:
                raise ValidationError(str(error), code="invalid") from error
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            read(data or "null")
        except NotStorable:
            return forms.fields.InvalidJSONInput(data)
        return super().bound_data(data, initial)
