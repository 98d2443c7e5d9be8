"""Money in cents, as people read and type it."""

from decimal import Decimal

import pytest

from rewards.money import as_amount, as_cents, money


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "¥0.00"), (5, "¥0.05"), (1_230, "¥12.30"), (123_450, "¥1,234.50"), (-199, "−¥1.99"),
     (10**13, "¥100,000,000,000.00")],
)  # fmt: skip
def test_cents_are_read_with_two_decimals(cents, text):
    assert money(cents) == text


def test_another_currency_has_its_own_sign_or_its_code(settings):
    settings.CURRENCY = "EUR"
    assert money(150) == "€1.50"
    settings.CURRENCY = "SEK"
    assert money(150) == "SEK 1.50"


@pytest.mark.parametrize("cents", [1, 10, 999_999_999_999_999])
def test_what_is_typed_comes_back_to_the_cent(cents):
    assert as_cents(as_amount(cents)) == cents


def test_half_a_cent_is_refused_and_not_rounded():
    with pytest.raises(ValueError, match="finer than a cent"):
        as_cents(Decimal("0.005"))
