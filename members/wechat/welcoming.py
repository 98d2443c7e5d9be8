"""Which member somebody is whom WeChat has identified: known by an identity, or made anew where the shop wants that."""

import hmac
import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from members import erasing, ingest
from members.entering import EntryRefusal, EntryRefused
from members.locking import UidsErased
from members.models import Identity, Member
from members.oauth import Identified
from members.rows import MemberRow
from operations import audit
from operations.sealing import derived_key

logger = logging.getLogger(__name__)

PREFIX = "wx-"
SOURCE = "WeChat sign-in"
_PURPOSE = b"qianmian: uids of members who came by WeChat"


def welcome(person: Identified, *, creates: bool, now: datetime) -> Member:
    """Return the member, with what WeChat says of their identities noted. Raises EntryRefused: unknown here."""
    try:
        member = _known(person)
        if member is not None:
            _note_others(member, person, now=now)
            return member
        if creates and not erasing.erased_among(_uids(person)):
            return _created(person, now=now)
    except UidsErased:
        pass
    raise EntryRefused(EntryRefusal.UNKNOWN_MEMBER)


def _known(person: Identified) -> Member | None:
    """Who has one of the identities. The unionid, which stands first, is the same at all of a shop's apps."""
    for provider, subject in person.ids.items():
        found = Identity.objects.select_related("member").filter(provider=provider, subject=subject).first()
        if found is not None and found.member.erased_at is None:
            return found.member
    return None


def _note_others(member: Member, person: Identified, *, now: datetime) -> None:
    """Give the member the identities not known yet. One that they have already stays: it may be of another app."""
    held = set(member.identities.values_list("provider", flat=True))
    missing = {each: subject for each, subject in _ours(person).items() if each not in held}
    if missing and ingest.ingest_members([MemberRow(member.uid, identities=missing)], now=now).rejected:
        logger.warning("member #%s came by WeChat with an identity that another member has", member.pk)


def _created(person: Identified, *, now: datetime) -> Member:
    """Two callbacks of one person at once name one uid: the second finds what the first has written."""
    uid = _uids(person)[0]
    row = MemberRow(uid, name=person.nickname or None, joined_at=now, identities=_ours(person))
    with transaction.atomic():
        result = ingest.ingest_members([row], now=now)
        member = _known(person)
        if member is None:
            raise EntryRefused(EntryRefusal.UNKNOWN_MEMBER)
        if result.created:
            audit.record("member.signed_up", member, by=None, now=now, reason=SOURCE)
    return member


def _ours(person: Identified) -> dict[str, str]:
    """The identities that this shop keeps."""
    return {each: subject for each, subject in person.ids.items() if each in settings.IDENTITY_PROVIDERS}


def _uids(person: Identified) -> list[str]:
    """The uid that somebody is given who is not known, under each key of the installation, that of the first key first.

    It does not tell the openid. Who was erased is remembered by the uid of then.
    """
    _provider, subject = list(person.ids.items())[-1]
    keys = settings.PERSONAL_DATA_KEYS or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = [hmac.digest(derived_key(key, _PURPOSE), subject.encode(), "sha256") for key in keys]
    return [f"{PREFIX}{digest.hex()[:32]}" for digest in digests]
