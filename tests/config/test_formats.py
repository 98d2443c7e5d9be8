"""Dates, times and numbers as each language's readers write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format

from rewards.money import money

EVENING = datetime(2026, 11, 12, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "long", "short", "day"),
    [
        ("zh-hans", "2026年11月12日 20:05", "2026-11-12 20:05", "2026-11-12"),
        ("en", "Nov. 12, 2026, 20:05", "2026-11-12 20:05", "2026-11-12"),
    ],
)
def test_a_moment_is_written_in_the_shops_zone_and_no_day_can_be_taken_for_another(language, long, short, day):
    with translation.override(language):
        here = timezone.localtime(EVENING)
        assert date_format(here, "DATETIME_FORMAT") == long
        assert date_format(here, "SHORT_DATETIME_FORMAT") == short
        assert date_format(here, "SHORT_DATE_FORMAT") == day


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_long_numbers_are_grouped_by_thousands(language):
    with translation.override(language):
        assert intcomma(1234567) == "1,234,567"
        assert number_format(Decimal("1234567.5"), 1, force_grouping=True) == "1,234,567.5"
        assert money(123456789) == "¥1,234,567.89"
