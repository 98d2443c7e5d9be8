"""The number of a row as an address has it: anybody may have written it."""

# Longer ones do not fit into PostgreSQL's bigint.
MOST_DIGITS = 18


def row_number(text: str) -> int | None:
    """Return the number, or None where the text is none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
