"""Moments and days that an operator types: within what any clock, page and time zone of the house can show.

A year such as 0001 or 9999 is a slip of the hand, and the day before or after it does not exist for some time zones.
"""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# A birthday may be long ago; what is planned is not.
EARLIEST_DAY, EARLIEST_MOMENT, LATEST = 1850, 2000, 2199


def check_moment(value: date) -> None:
    """Raises ValidationError for a moment whose year nobody can mean."""
    _check(value, EARLIEST_MOMENT)


def check_day(value: date) -> None:
    """Raises ValidationError for a day whose year nobody can mean."""
    _check(value, EARLIEST_DAY)


def _check(value: date, earliest: int) -> None:
    if not earliest <= value.year <= LATEST:
        words = _("The year must be from %(earliest)s to %(latest)s.")
        raise ValidationError(words, code="year", params={"earliest": earliest, "latest": LATEST})


def bounded(field: forms.Field | None, db_field: Any) -> forms.Field | None:
    """The form's field with the check that fits the column, if it is one of days or moments."""
    if field is not None and isinstance(db_field, models.DateTimeField):
        field.validators = [*field.validators, check_moment]
    elif field is not None and isinstance(db_field, models.DateField):
        field.validators = [*field.validators, check_day]
    return field
