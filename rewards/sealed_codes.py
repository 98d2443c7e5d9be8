"""Coupon codes at rest: sealed, and found by a keyed hash of the text as it came in."""

from collections.abc import Iterable

from operations.keyring import Keyring, Sealed, Stored

KEYRING = Keyring(b"qianmian: coupon codes, sealed", b"qianmian: coupon codes, found")
KIND = "coupon code"


def sealed(code: str) -> Sealed:
    """Return a code as it is stored. Sealing it again gives other bytes and the same hash."""
    return Sealed(KEYRING.seal(KIND, code), KEYRING.hash_of(code))


def all_sealed(codes: Iterable[str]) -> list[Sealed]:
    """Return codes as they are stored: the fast way for many."""
    return list(KEYRING.seal_all(KIND, codes))


def opened(stored: Stored) -> str | None:
    """Return the code, None where no key of the installation opens it."""
    return KEYRING.open(KIND, stored)


def hashes_of(code: str) -> list[bytes]:
    """Return the hashes by which the code may be found, one for each key of the installation."""
    return KEYRING.hashes_of(code)


def older_hashes_of(codes: Iterable[str]) -> list[list[bytes]]:
    """Return for each code the hashes that keys before the first one gave it."""
    return list(KEYRING.older_hashes_of(codes))
