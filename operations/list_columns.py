"""What stands in the columns of a list, as plain values that a file can hold."""

import html
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from operations.formulas import disarmed

Cell = str | int | float
# What no column of values is: the boxes that rows are chosen by.
_NO_COLUMN = "action_checkbox"


def exported_columns(model_admin: Any, request: Any) -> list[str]:
    """Return the names of the columns, as in `list_display`."""
    own = getattr(model_admin, "export_display", None)
    return [name for name in own or model_admin.get_list_display(request) if name != _NO_COLUMN]


def titles(model_admin: Any, names: Sequence[str]) -> list[str]:
    """Return what stands above the columns, disarmed."""
    return [disarmed(capfirst(str(label_for_field(name, model_admin.model, model_admin)))) for name in names]


def cells(model_admin: Any, names: Sequence[str], row: Model) -> list[Cell]:
    """Return the row's values as people read them: numbers as numbers, texts disarmed, moments in the site's zone."""
    return [cell(_value(model_admin, name, row)) for name in names]


def cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        # A spreadsheet's numbers are floats, and 15 digits of them are true.
        return float(value) if value.is_finite() and len(value.as_tuple().digits) <= 15 else disarmed(str(value))
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if timezone.is_aware(value) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return disarmed(_text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SafeString):
        # What a template drew: its words, on one line.
        return " ".join(html.unescape(strip_tags(value)).split())
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_text, value)))
    return force_str(value)


def _value(model_admin: Any, name: str, row: Model) -> Any:
    try:
        field, attribute, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return None
    if isinstance(field, Field) and field.choices:
        return getattr(row, f"get_{field.name}_display")()
    # Labels come as (kind, words).
    if isinstance(value, tuple) and getattr(attribute, "label", None) and len(value) == 2:
        return value[1]
    return value
