"""Texts that a spreadsheet would run."""

# As OWASP lists them, with the wide forms that East Asian keyboards type and spreadsheets read alike.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def disarmed(field: str) -> str:
    """Return the field so that no spreadsheet takes it for a formula."""
    return f"'{field}" if field.startswith(_STARTS) else field
