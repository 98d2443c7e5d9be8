"""Money: integer cents inside, two decimals where people read or type it."""

from decimal import Decimal

from django.conf import settings

CENTS = 100
SYMBOLS = {"CNY": "¥", "EUR": "€", "GBP": "£", "HKD": "HK$", "USD": "$"}


def money(cents: int) -> str:
    """Return cents as people read them in the shop's currency: 123450 is ¥1,234.50."""
    whole, part = divmod(abs(cents), CENTS)
    return f"{'−' if cents < 0 else ''}{symbol()}{whole:,}.{part:02}"


def symbol() -> str:
    """Return the sign of the shop's currency, or its code with a space."""
    return SYMBOLS.get(settings.CURRENCY, f"{settings.CURRENCY} ")


def as_cents(amount: Decimal) -> int:
    """Return an amount of at most two decimals in cents. Raises ValueError for a finer one: nothing is rounded."""
    cents = amount * CENTS
    if cents != int(cents):
        raise ValueError(f"{amount} is finer than a cent")
    return int(cents)


def as_amount(cents: int) -> Decimal:
    """Return cents as the amount that people type: 1230 is 12.30."""
    return Decimal(cents).scaleb(-2)


def short_money(cents: int) -> str:
    """Return cents as money without needless cents: 500000 is ¥5,000."""
    return money(cents).removesuffix(".00")
