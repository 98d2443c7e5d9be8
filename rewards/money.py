"""How money is shown: cents in, words out. Pure."""


def yuan(cents: int) -> str:
    """Return an amount in cents as it is shown: 1230 is "¥12.30", 500000 is "¥5,000"."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}¥{whole:,}" + (f".{rest:02d}" if rest else "")
