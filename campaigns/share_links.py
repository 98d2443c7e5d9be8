"""Links that members send to their friends: sealed, so that nobody can alter one or read who sent it.

A token is a sharer's enrolment, the key of a task and the moment at which the link ends, under a key of the
installation. The enrolment says the campaign and the sharer. The same link is always the same text: the QR code on
somebody's screen stays what it was.
"""

import base64
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import published
from campaigns.definition import Campaign, Task
from campaigns.models import Enrolment
from campaigns.refusals import BadSubmission, Because, Refused
from members.models import Member
from operations.sealing import derived_key

LINK = "link"
ALTERED = Because("link_altered", _("This link is damaged. Please ask your friend to send it again."), 400)
EXPIRED = Because("link_expired", _("This link has expired. Please ask your friend for a new one."), 410)
UNKNOWN = Because("link_unknown", _("This link leads to nothing that is open here."), 404)

_PURPOSE = b"qianmian: share links"
_BOUND_TO = [b"share link 1"]
# The enrolment, and seconds of the epoch; the key of the task follows.
_HEAD = struct.Struct(">QI")
_LONGEST = 200
_LONG_AGO = datetime.fromtimestamp(-1, UTC)


@dataclass(frozen=True, slots=True)
class ShareLink:
    """What a genuine token says."""

    enrolment_id: int
    task_key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Shared:
    """Where a link leads: whose task it is, in which campaign as it is published now."""

    sharer: Member
    enrolment_id: int
    definition: Campaign
    task: Task
    token: str
    expires_at: datetime


def seal(link: ShareLink) -> str:
    """The token of a link; fractions of a second are dropped from its end."""
    text = _HEAD.pack(link.enrolment_id, int(link.expires_at.timestamp())) + link.task_key.encode()
    return _encoded(_ciphers()[0].encrypt(text, _BOUND_TO))


def read(token: str, *, now: datetime) -> ShareLink:
    """What the token says. Raises Refused: altered, or expired at `now`."""
    text = _opened(token)
    enrolment_id, ends = _HEAD.unpack_from(text)
    link = ShareLink(enrolment_id, text[_HEAD.size :].decode(), datetime.fromtimestamp(ends, UTC))
    if link.expires_at <= now:
        raise Refused(EXPIRED)
    return link


def follow(token: object, *, now: datetime) -> Shared:
    """Where the token leads. Raises Refused: altered, expired, or to nothing; BadSubmission for what is no text."""
    if not isinstance(token, str):
        raise BadSubmission({LINK: _("A link is a text.")})
    link = read(token, now=now)
    enrolment = Enrolment.objects.select_related("member", "campaign").filter(pk=link.enrolment_id).first()
    if enrolment is None or enrolment.member.erased_at is not None:
        raise Refused(UNKNOWN)
    definition = published.definition_of(enrolment.campaign.slug)
    task = definition.by_key.get(link.task_key) if definition else None
    if definition is None or task is None:
        raise Refused(UNKNOWN)
    return Shared(enrolment.member, enrolment.pk, definition, task, token, link.expires_at)


def campaign_of_expired(token: str) -> Campaign | None:
    """The campaign to which a link led that has expired, as it is published now. Raises Refused: altered."""
    link = read(token, now=_LONG_AGO)
    slug = Enrolment.objects.filter(pk=link.enrolment_id).values_list("campaign__slug", flat=True).first()
    return published.definition_of(slug) if slug else None


def address(token: str) -> str:
    """The path of the page that the link opens."""
    return reverse("h5-share", args=[token])


def _opened(token: str) -> bytes:
    if len(token) > _LONGEST:
        raise Refused(ALTERED)
    try:
        sealed = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        raise Refused(ALTERED) from None
    # Several texts decode to the same bytes: only the one that was given out is the link.
    if _encoded(sealed) != token:
        raise Refused(ALTERED)
    for cipher in _ciphers():
        try:
            return cipher.decrypt(sealed, _BOUND_TO)
        except (InvalidTag, ValueError):
            continue
    raise Refused(ALTERED)


def _encoded(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def _ciphers() -> list[AESSIV]:
    """The first seals; the keys that were in use before it still open."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [AESSIV(derived_key(key, _PURPOSE)) for key in keys]
