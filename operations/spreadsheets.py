"""What spreadsheets would do with the cells of our files, and how it is kept from them."""

# They run what begins with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def disarmed(field: str) -> str:
    """Return the field so that no spreadsheet takes it for a formula."""
    return f"'{field}" if field.startswith(_FORMULA_STARTS) else field
