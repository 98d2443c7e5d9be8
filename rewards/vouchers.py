"""Voucher numbers: what a member shows at the counter. Stored nowhere, for the award's id and a key make them.

A number is sixteen symbols, in groups of four: the award's id (30 bits, more where ids have grown longer), masked, so
that nobody learns from two of them how many awards lie between; a keyed MAC of the id (45 bits); and a check symbol. A
slip of the hand is told from a forgery: the check symbol notices every wrong symbol and every two that changed places.
Who guesses needs some 2^45 tries for an award, and `rewards.guessing` allows twenty.

The first of SECRET_KEY and SECRET_KEY_FALLBACKS makes numbers, all of them are recognised.
"""

import hashlib
import hmac
import unicodedata
from enum import Enum

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.sealing import derived_key
from rewards import codes
from rewards.models import Award, Gift

PURPOSE = b"qianmian: voucher numbers of awards"
# Thirty-two that nobody takes for each other: no 0 and O, no 1 and I.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
BITS = 5
ID_SYMBOLS = 6
MAC_SYMBOLS = 9
# Of ids that a column of 63 bits holds.
MOST_SYMBOLS = 13 + MAC_SYMBOLS + 1
# x^5 + x^2 + 1, by which the field of 32 elements multiplies; x generates it.
FIELD = 0b100101
GROUP = 4
SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\t")


class Refusal(Enum):
    """Why a text names no award."""

    MISTYPED = "voucher_mistyped"
    FORGED = "voucher_forged"
    UNKNOWN = "voucher_unknown"
    UNKNOWN_CODE = "code_unknown"
    SHARED_CODE = "code_shared"


WORDINGS: dict[Refusal, Promise] = {
    Refusal.MISTYPED: _("This is not a voucher number: a character is wrong or missing. Type it again."),
    Refusal.FORGED: _("This voucher number was not made by us."),
    Refusal.UNKNOWN: _("There is no award with this voucher number any more."),
    Refusal.UNKNOWN_CODE: _("No award has this voucher number or code. Check each character."),
    Refusal.SHARED_CODE: _("Many members have this code. Ask for the voucher number or its QR code."),
}


class NoSuchAward(ValueError):
    """The text names no award, for the `reason`; as text it is the reason in words."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(WORDINGS[self.reason])


def voucher_of(award_id: int) -> str:
    """Return the voucher number of an award, such as "K7QM-2FXA-9PDT-HWCR"."""
    length = max(ID_SYMBOLS, -(-award_id.bit_length() // BITS))
    key = _keys()[0]
    mac = _mac(key, award_id)
    masked = award_id ^ _mask(key, mac, length)
    values = [*_split(masked, length), *_split(mac, MAC_SYMBOLS)]
    text = "".join(ALPHABET[value] for value in [*values, _check(values)])
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def award_of(text: str) -> Award:
    """Return the award whose voucher number `text` is, with its gift, member and use. Raises NoSuchAward."""
    award = _whole().filter(pk=id_in(text)).first()
    if award is None:
        raise NoSuchAward(Refusal.UNKNOWN)
    return award


def award_of_code(text: str) -> Award:
    """Return the award whose coupon code `text` is, as `award_of` does. Raises NoSuchAward."""
    award_id = codes.award_of_code(text)
    if award_id is not None:
        return _whole().get(pk=award_id)
    shared = Gift.objects.filter(kind=Gift.Kind.SHARED_COUPON, shared_code=text.strip()).exists()
    raise NoSuchAward(Refusal.SHARED_CODE if shared else Refusal.UNKNOWN_CODE)


def award_typed(text: str) -> Award:
    """Return the award of what was typed or scanned: a voucher number, else a coupon code. Raises NoSuchAward."""
    try:
        return award_of(text)
    except NoSuchAward as refused:
        if refused.reason is not Refusal.MISTYPED:
            raise
    return award_of_code(text)


def id_in(text: str) -> int:
    """Return the id of the award that a number names, as typed: small letters, spaces and dashes are fine.

    Raises NoSuchAward for what is mistyped or forged; whether there is such an award it does not ask.
    """
    values = _values(text)
    if values is None or _check(values[:-1]) != values[-1]:
        raise NoSuchAward(Refusal.MISTYPED)
    length = len(values) - MAC_SYMBOLS - 1
    masked, mac = _join(values[:length]), _join(values[length:-1])
    for key in _keys():
        award_id = masked ^ _mask(key, mac, length)
        if hmac.compare_digest(str(_mac(key, award_id)), str(mac)) and award_id < 2**63:
            return award_id
    raise NoSuchAward(Refusal.FORGED)


def _whole() -> QuerySet[Award]:
    return Award.objects.select_related("gift", "member", "check_off__outlet", "check_off__by")


def _values(text: str) -> list[int] | None:
    # NFKC: an input method may have left wide letters.
    symbols = unicodedata.normalize("NFKC", text).translate(SEPARATORS).upper()
    if not ID_SYMBOLS + MAC_SYMBOLS + 1 <= len(symbols) <= MOST_SYMBOLS or not VALUES.keys() >= set(symbols):
        return None
    return [VALUES[symbol] for symbol in symbols]


def _keys() -> list[bytes]:
    return [derived_key(key, PURPOSE) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _mac(key: bytes, award_id: int) -> int:
    return _first_bits(hmac.digest(key, b"id %d" % award_id, hashlib.sha256), MAC_SYMBOLS * BITS)


def _mask(key: bytes, mac: int, length: int) -> int:
    return _first_bits(hmac.digest(key, b"mask %d" % mac, hashlib.sha256), length * BITS)


def _first_bits(digest: bytes, bits: int) -> int:
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - bits)


def _split(number: int, length: int) -> list[int]:
    return [number >> BITS * place & (1 << BITS) - 1 for place in reversed(range(length))]


def _join(values: list[int]) -> int:
    number = 0
    for value in values:
        number = number << BITS | value
    return number


def _check(values: list[int]) -> int:
    """Return the symbol that makes the sum of all symbols, each times its own power of x, nothing."""
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total


def _times_x(element: int) -> int:
    doubled = element << 1
    return doubled ^ FIELD if doubled >> BITS else doubled
