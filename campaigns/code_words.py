"""Codes and secret words (口令) as members type them: how they are read, made, and refused. Pure.

Small and large letters, full-width and half-width characters, spaces and hyphens make no difference.
"""

import hmac
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date

from rewards.code_text import ALPHABET

SHORTEST, LONGEST = 4, 50
# 23 ** 12 codes are 54 bits: with a few tries in ten minutes nobody meets one by guessing.
LENGTH, GROUP = 12, 4
DAY_LENGTH = 6

_IGNORED = str.maketrans("", "", " \t\u3000-\u2010\u2011\u2012\u2013\u2014\u2212_.")


def folded(typed: str) -> str:
    """Return what is compared and found by."""
    # Folding may bring back what normalising takes apart, so that is done once more.
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).casefold())
    return plain.translate(_IGNORED)


def is_code(text: str) -> bool:
    """Tell whether a line can be brought in as a code."""
    return text.isprintable() and len(text) <= LONGEST and len(folded(text)) >= SHORTEST


def new_codes(count: int, *, chance: Callable[[int], int]) -> Iterator[str]:
    """Yield codes such as 36DR-AFF4-K4MY. `chance(n)` gives a number from 0 to n - 1."""
    for _each in range(count):
        drawn = "".join(ALPHABET[chance(len(ALPHABET))] for _place in range(LENGTH))
        yield "-".join(drawn[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def code_of_day(key: bytes, campaign: str, task_key: str, day: date) -> str:
    """Return the code that everyone uses for this task on this day, such as R4MXDA: without `key` nobody can."""
    digest = hmac.digest(key, f"{campaign}\n{task_key}\n{day.isoformat()}".encode(), "sha256")
    number = int.from_bytes(digest, "big")
    characters = []
    for _place in range(DAY_LENGTH):
        number, value = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[value])
    return "".join(characters)
