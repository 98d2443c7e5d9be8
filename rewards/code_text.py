"""What a coupon code looks like: those we make, those we take, and how staff may type them. Pure.

A generated code is 20 characters in groups of five: 19 drawn from an alphabet of 23 (85 bits) and a check character.
None of 0 O Q, 1 I L, 2 Z, 5 S, 8 B and U V looks like another. 23 is prime and each place has a weight of its own that
is no multiple of it, so that the sum changes with any one wrong character, and when any two characters change places.
"""

import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ALPHABET = "34679ACDEFGHJKMNPRTVWXY"
BASE = len(ALPHABET)
DRAWN = 19
LENGTH = DRAWN + 1
GROUP = 5
# 128 bits for each code: reducing them to 23 ** 19 (85 bits) favours no code by more than one part in 2 ** 42.
CHANCE_BYTES = 16
LONGEST = 50

# secrets.token_bytes, or what a test can repeat: the number of bytes → the bytes.
Chance = Callable[[int], bytes]

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
# The check character weighs 1; no two places weigh the same.
_WEIGHTS = range(2, LENGTH + 1)
_SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2013\u2014\u2212_.")


class Refusal(StrEnum):
    """Why a line is no code."""

    TOO_LONG = "too_long"
    NO_CODE = "no_code"
    UNREADABLE = "unreadable"


WORDS: dict[Refusal, str | Promise] = {
    Refusal.TOO_LONG: _("longer than 50 characters"),
    Refusal.NO_CODE: _("has spaces or characters other than Latin letters, digits and signs"),
    Refusal.UNREADABLE: _("cannot be read as a line of the file"),
}


def refusal(code: str) -> Refusal | None:
    """Return why a text from elsewhere is no code, None for a good one."""
    if len(code) > LONGEST:
        return Refusal.TOO_LONG
    if not (code.isascii() and code.isprintable()) or " " in code:
        return Refusal.NO_CODE
    return None


def new_codes(count: int, *, chance: Chance) -> Iterator[str]:
    """Yield `count` codes made of `chance`."""
    drawn = chance(count * CHANCE_BYTES)
    for start in range(0, len(drawn), CHANCE_BYTES):
        number = int.from_bytes(drawn[start : start + CHANCE_BYTES], "big")
        values = []
        for _place in range(DRAWN):
            number, value = divmod(number, BASE)
            values.append(value)
        yield _grouped("".join(map(ALPHABET.__getitem__, [*values, _check(values)])))


def is_generated(code: str) -> bool:
    """Tell whether the code, as it is stored, is one that could have been generated."""
    return rewritten(code) == code


def rewritten(typed: str) -> str | None:
    """Return a generated code as it is stored, however it was typed; None for what is none, or was mistyped."""
    characters = plain(typed).translate(_SEPARATORS).upper()
    values = [_VALUES.get(character) for character in characters]
    if len(values) != LENGTH or None in values or _check(values[:-1]) != values[-1]:  # type: ignore[arg-type]
        return None
    return _grouped(characters)


def plain(typed: str) -> str:
    """Return what was typed with full-width characters, as phones in China type them, made plain."""
    return unicodedata.normalize("NFKC", typed).strip()


def _check(values: list[int]) -> int:
    return -sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True)) % BASE


def _grouped(characters: str) -> str:
    return "-".join(characters[start : start + GROUP] for start in range(0, LENGTH, GROUP))
