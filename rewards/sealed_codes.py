"""Coupon codes at rest: sealed, and found by a keyed hash of the text as it came in."""

from operations.keyring import Keyring, Sealed, Stored

KEYRING = Keyring(b"qianmian: coupon codes, sealed", b"qianmian: coupon codes, found")
KIND = "coupon code"


def sealed(code: str) -> Sealed:
    """Return a code as it is stored. Sealing it again gives other bytes and the same hash."""
    return Sealed(KEYRING.seal(KIND, code), KEYRING.hash_of(code))


def opened(stored: Stored) -> str | None:
    """Return the code, None where no key of the installation opens it."""
    return KEYRING.open(KIND, stored)


def hashes_of(code: str) -> list[bytes]:
    """Return the hashes by which the code may be found, one for each key of the installation."""
    return KEYRING.hashes_of(code)
