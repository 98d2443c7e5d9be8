"""Erasing a member: nothing tells any more who it was, and the books still balance."""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction

from members import privacy, touches
from members.models import ErasedUid, Member
from operations import audit, list_exports
from operations.sealing import derived_key

PURPOSE = b"qianmian: uids of erased members"
PREFIX = "erased-"


class AlreadyErased(ValueError):
    """There is nobody left to erase."""


@transaction.atomic
def erase(member_id: int, *, by: audit.Actor, reason: str, now: datetime) -> Member:
    """Take away what tells who the member was, section by section, and put it on record without a name.

    The lock (FOR UPDATE) waits for every batch of facts that names the uid, and keeps the next ones out until the uid
    is gone: they find nobody by it, and `members.locking` refuses to make somebody anew.
    """
    member = Member.objects.select_for_update().get(pk=member_id)
    if member.erased_at is not None:
        raise AlreadyErased(f"member #{member.pk} was erased at {member.erased_at}")
    if not reason.strip():
        raise ValueError("an erasure needs a reason")
    # From the top of the house down: what hangs on a row goes before the row.
    for each in reversed(privacy.registered()):
        each.erase(member, now)
    # Files of lists may hold a copy of anybody; they are quickly made again.
    list_exports.forget_files(now=now)
    ErasedUid.objects.create(uid_hash=_hashes(member.uid)[0], erased_at=now)
    member.refresh_from_db()
    member.uid, member.erased_at = f"{PREFIX}{secrets.token_hex(16)}", now
    member.save(update_fields=["uid", "erased_at"])
    # Whoever answers for some facts looks again at those touched here, whatever the facts: none are left to ask about.
    touches.touch(touches.PROFILE, [member.pk])
    audit.record("member.erased", member, by=by, now=now, reason=reason.strip())
    return member


def erased_among(uids: Collection[str]) -> set[str]:
    """Return those of the uids that belonged to members who were erased."""
    by_hash = {digest: uid for uid in uids for digest in _hashes(uid)}
    found = ErasedUid.objects.filter(uid_hash__in=by_hash).values_list("uid_hash", flat=True) if by_hash else ()
    return {by_hash[bytes(digest)] for digest in found}


def _hashes(uid: str) -> list[bytes]:
    """Return the hash of the uid under each key of the installation, that of the first key first."""
    keys = settings.PERSONAL_DATA_KEYS or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [hmac.digest(derived_key(key, PURPOSE), uid.encode(), "sha256") for key in keys]
