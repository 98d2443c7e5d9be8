"""Phone numbers and email addresses: sealed at rest, found by a keyed hash, shown whole only on record.

A sealed value is the id of its key (4 bytes), a random nonce (12) and AES-GCM's ciphertext, bound to its kind so that a
phone never opens as an email. The hash is taken of a normal form, so that the ways to write one number find each other.
The first of `settings.PERSONAL_DATA_KEYS` seals; any of them opens and finds (`members.resealing` moves to the first).
"""

import hmac
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from members.masking import masked_email, masked_phone
from members.models import Member
from operations import audit
from operations.sealing import derived_key

logger = logging.getLogger(__name__)

SEALING = b"qianmian: contact of members, sealed"
FINDING = b"qianmian: contact of members, found"
KEY_ID_LENGTH = 4
NONCE_LENGTH = 12
_NOT_DIGITS = re.compile(r"\D", re.ASCII)
_SEPARATORS = str.maketrans("", "", " ()-")
# China's own, before the eleven digits of a mobile number or an area's number.
_HOME_PREFIXES = ("+86", "0086")


class Kind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    # A rejected row of an import, and one cell of it: see `members.import_rejects`.
    REJECT = "rejected row"
    CELL = "cell"
    # Where a gift is sent: see `rewards.addresses`.
    ADDRESS = "address"


class Sealed(NamedTuple):
    """What is stored of a value: the ciphertext and the hash by which it is found."""

    sealed: bytes
    found_by: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the installation, made ready."""

    key_id: bytes
    cipher: AESGCM
    finding: bytes


@dataclass(frozen=True, slots=True)
class Revealed:
    """A member's contact in the clear. None where no key of the installation opens what is stored."""

    phone: str | None
    email: str | None
    identities: list[tuple[str, str]]


def normal_phone(text: str) -> str:
    """Return the digits of a phone number, without China's own prefix: +86 138-1234-5678 → 13812345678."""
    written = text.translate(_SEPARATORS)
    for prefix in _HOME_PREFIXES:
        if written.startswith(prefix):
            written = written.removeprefix(prefix)
            break
    return written if written.isascii() and written.isdigit() else _NOT_DIGITS.sub("", written)


def normal_email(text: str) -> str:
    return text.strip().lower()


_NORMAL: dict[Kind, Callable[[str], str]] = {
    Kind.PHONE: normal_phone,
    Kind.EMAIL: normal_email,
    Kind.REJECT: str.strip,
    Kind.CELL: str.strip,
    Kind.ADDRESS: str.strip,
}


def seal(kind: Kind, text: str) -> Sealed:
    """Return `text` as it is stored. Sealing it again gives other bytes and the same hash."""
    return Sealed(seal_text(kind, text), hash_of(kind, text))


def seal_text(kind: Kind, text: str) -> bytes:
    """Return `text` as it is stored where nobody looks for it."""
    key = _keys()[0]
    nonce = os.urandom(NONCE_LENGTH)
    return key.key_id + nonce + key.cipher.encrypt(nonce, text.encode(), kind.encode())


def unseal(kind: Kind, sealed: bytes | memoryview | None) -> str | None:
    """Return the text, "" for nothing stored, None where no key of the installation opens it."""
    if sealed is None:
        return ""
    sealed = bytes(sealed)
    key_id, nonce = sealed[:KEY_ID_LENGTH], sealed[KEY_ID_LENGTH : KEY_ID_LENGTH + NONCE_LENGTH]
    for key in _keys():
        if key.key_id == key_id:
            try:
                return key.cipher.decrypt(nonce, sealed[KEY_ID_LENGTH + NONCE_LENGTH :], kind.encode()).decode()
            except InvalidTag:
                break
    logger.error("a member's %s cannot be opened: has a key gone from PERSONAL_DATA_KEYS?", kind)
    return None


def is_of_first_key(sealed: bytes | memoryview) -> bool:
    """Tell whether the first key sealed it: then that key's hash stands beside it."""
    return bytes(sealed[:KEY_ID_LENGTH]) == _keys()[0].key_id


def phone_of(member: Member) -> str | None:
    return unseal(Kind.PHONE, member.sealed_phone)


def email_of(member: Member) -> str | None:
    return unseal(Kind.EMAIL, member.sealed_email)


def shown_phone(member: Member) -> str:
    """Return the phone number as everybody may see it."""
    return masked_phone(phone_of(member) or "")


def shown_email(member: Member) -> str:
    """Return the email address as everybody may see it."""
    return masked_email(email_of(member) or "")


def has_phone(text: str) -> Q:
    """Return the condition that a member has this phone number, however it is written."""
    return Q(phone_hash__in=hashes_of(Kind.PHONE, text))


def has_email(text: str) -> Q:
    """Return the condition that a member has this email address, upper and lower case alike."""
    return Q(email_hash__in=hashes_of(Kind.EMAIL, text))


@transaction.atomic
def reveal(member: Member, *, by: audit.Actor, now: datetime) -> Revealed:
    """Return the member's contact in the clear, and put on record who saw whose."""
    identities = list(member.identities.order_by("provider").values_list("provider", "subject"))
    revealed = Revealed(phone_of(member), email_of(member), identities)
    fields = [kind for kind, sealed in ((Kind.PHONE, member.sealed_phone), (Kind.EMAIL, member.sealed_email)) if sealed]
    fields_seen = [*map(str, fields), *(f"identity.{provider}" for provider, _subject in identities)]
    audit.record("member.contact_revealed", member, by=by, now=now, changes={"revealed": [None, fields_seen]})
    return revealed


def hash_of(kind: Kind, text: str) -> bytes:
    """Return the hash by which a value is found, under the first key."""
    return _hash(_keys()[0], kind, text)


def hashes_of(kind: Kind, text: str) -> list[bytes]:
    """Return the hash of a value under every key; none of nothing."""
    return [_hash(key, kind, text) for key in _keys()] if _NORMAL[kind](text) else []


def _hash(key: Key, kind: Kind, text: str) -> bytes:
    return hmac.digest(key.finding, f"{kind}:{_NORMAL[kind](text)}".encode(), "sha256")


def _keys() -> tuple[Key, ...]:
    return _ready(tuple(settings.PERSONAL_DATA_KEYS or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)))


@lru_cache(maxsize=8)
def _ready(keys: tuple[str | bytes, ...]) -> tuple[Key, ...]:
    return tuple(_made_ready(key) for key in keys)


def _made_ready(key: str | bytes) -> Key:
    finding = derived_key(key, FINDING)
    return Key(hmac.digest(finding, b"key id", "sha256")[:KEY_ID_LENGTH], AESGCM(derived_key(key, SEALING)), finding)
