"""Keys that are still free, proposed where one has to be given: a name in Chinese makes none by itself."""

from collections.abc import Collection


def free(stem: str, taken: Collection[str]) -> str:
    """Return `stem`, or the first of stem-2, stem-3 and so on that is not taken."""
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)
