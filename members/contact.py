"""Phone numbers and email addresses: sealed at rest, found by a keyed hash, shown whole only on record.

Sealed by `operations.keyring`, bound to its kind so that a phone never opens as an email. The hash is taken of a normal
form, so that the ways to write one number find each other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from members.masking import masked_email, masked_phone
from members.models import Member
from operations import audit
from operations.keyring import Keyring, Sealed

KEYRING = Keyring(b"qianmian: contact of members, sealed", b"qianmian: contact of members, found")
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
    return KEYRING.seal(kind, text)


def unseal(kind: Kind, sealed: bytes | memoryview | None) -> str | None:
    """Return the text, "" for nothing stored, None where no key of the installation opens it."""
    return "" if sealed is None else KEYRING.open(kind, sealed)


def is_of_first_key(sealed: bytes | memoryview) -> bool:
    """Tell whether the first key sealed it: then that key's hash stands beside it."""
    return KEYRING.is_of_first_key(sealed)


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
    return KEYRING.hash_of(_found_as(kind, text))


def hashes_of(kind: Kind, text: str) -> list[bytes]:
    """Return the hash of a value under every key; none of nothing."""
    return KEYRING.hashes_of(_found_as(kind, text)) if _NORMAL[kind](text) else []


def _found_as(kind: Kind, text: str) -> str:
    return f"{kind}:{_NORMAL[kind](text)}"
