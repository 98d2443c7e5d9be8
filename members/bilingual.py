"""Names that operators give in two languages."""

from django.utils.translation import get_language


def in_reader_language(name: str, english: str) -> str:
    """Return the English name to readers of English where one was given, else the name."""
    reads_english = (get_language() or "").startswith("en")
    return english if english and reads_english else name
