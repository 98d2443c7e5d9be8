"""The door for participants: the shop's backend signs a token, the token opens the door once.

A token is a JWT signed with HS256 by an API client's signing secret: `kid` in the header (or the claim `iss`) is the
prefix of one of the client's keys, `sub` the member's uid, `aud` "h5", `exp` at most ten minutes ahead, `jti` any text
that the client uses once, whichever of its keys it signs with.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import cells
from members.models import Member, UsedToken
from operations import api_keys

AUDIENCE = "h5"
LONGEST_LIFE = timedelta(minutes=10)
_LONGEST_TOKEN = 4_096


class EntryRefusal(StrEnum):
    NOT_ENTERED = "not_entered"
    MALFORMED = "malformed"
    UNKNOWN_CLIENT = "unknown_client"
    FORGED = "forged"
    WRONG_AUDIENCE = "wrong_audience"
    EXPIRED = "expired"
    LIVES_TOO_LONG = "lives_too_long"
    NOT_YET_VALID = "not_yet_valid"
    UNKNOWN_MEMBER = "unknown_member"
    USED = "used"


WORDINGS: dict[EntryRefusal, Promise] = {
    EntryRefusal.NOT_ENTERED: _("You are not signed in, or your visit has lasted too long."),
    EntryRefusal.MALFORMED: _("This link is incomplete."),
    EntryRefusal.UNKNOWN_CLIENT: _("This link comes from a shop that is not connected any more."),
    EntryRefusal.FORGED: _("This link was not made by the shop."),
    EntryRefusal.WRONG_AUDIENCE: _("This link was made for something else."),
    EntryRefusal.EXPIRED: _("This link has expired."),
    EntryRefusal.LIVES_TOO_LONG: _("This link would stay valid for too long, so it is not accepted."),
    EntryRefusal.NOT_YET_VALID: _("This link is not valid yet."),
    EntryRefusal.UNKNOWN_MEMBER: _("The shop does not know you as a member yet."),
    EntryRefusal.USED: _("This link has been used already."),
}
HOW_TO_ENTER = _("Please open the campaign again from the shop's app.")


class EntryRefused(Exception):
    """The door stays shut. `code` says why, the text also how to get in."""

    def __init__(self, code: EntryRefusal) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"{WORDINGS[self.code]} {HOW_TO_ENTER}"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine token says."""

    client: str
    uid: str
    jti: str
    expires_at: datetime


def enter(token: str, *, now: datetime) -> Member:
    """Return the member whom `token` lets in, and use the token up. Raises EntryRefused."""
    claims = read(token, now=now)
    member = Member.objects.filter(uid=claims.uid, erased_at=None).first()
    if member is None:
        raise EntryRefused(EntryRefusal.UNKNOWN_MEMBER)
    _use_up(claims)
    return member


def read(token: str, *, now: datetime) -> Claims:
    """Return what `token` says if it is genuine and valid at `now`. Raises EntryRefused."""
    if not token or len(token) > _LONGEST_TOKEN:
        raise EntryRefused(EntryRefusal.MALFORMED)
    signer = api_keys.signer_of(_key_named(token))
    if signer is None:
        raise EntryRefused(EntryRefusal.UNKNOWN_CLIENT)
    payload = _verified(token, signer.secret)
    if payload.get("aud") not in (AUDIENCE, [AUDIENCE]):
        raise EntryRefused(EntryRefusal.WRONG_AUDIENCE)
    expires_at = _checked_expiry(payload, now=now)
    return Claims(signer.client, _text(payload, "sub", limit=100), _text(payload, "jti", limit=200), expires_at)


def forget_used_tokens(*, now: datetime) -> int:
    """Forget the tokens that have expired, which opens no door again. Return how many."""
    forgotten, _per_model = UsedToken.objects.filter(expires_at__lt=now).delete()
    return forgotten


def _use_up(claims: Claims) -> None:
    # The unique constraint decides who is first; a look beforehand would let two in.
    try:
        with transaction.atomic():
            UsedToken.objects.create(client=claims.client, jti=claims.jti, expires_at=claims.expires_at)
    except IntegrityError:
        raise EntryRefused(EntryRefusal.USED) from None


def _key_named(token: str) -> str:
    """Return the prefix of the key that the token names. Nothing is proved yet."""
    try:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise EntryRefused(EntryRefusal.MALFORMED) from None
    named = unverified["header"].get("kid") or unverified["payload"].get("iss")
    if not isinstance(named, str):
        raise EntryRefused(EntryRefusal.MALFORMED)
    return named


def _verified(token: str, secret: str) -> dict[str, Any]:
    # Times and audience are checked by us: against the given `now`, each with a reason of its own.
    unchecked = ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
    options: Any = {f"verify_{claim}": False for claim in unchecked}
    try:
        payload: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=options)
    except jwt.PyJWTError:
        raise EntryRefused(EntryRefusal.FORGED) from None
    return payload


def _checked_expiry(payload: dict[str, Any], *, now: datetime) -> datetime:
    expiry = _seconds(payload, "exp")
    if expiry is None:
        raise EntryRefused(EntryRefusal.MALFORMED)
    if expiry <= now.timestamp():
        raise EntryRefused(EntryRefusal.EXPIRED)
    if expiry > (now + LONGEST_LIFE).timestamp():
        raise EntryRefused(EntryRefusal.LIVES_TOO_LONG)
    if (_seconds(payload, "nbf") or 0) > now.timestamp():
        raise EntryRefused(EntryRefusal.NOT_YET_VALID)
    return datetime.fromtimestamp(expiry, UTC)


def _seconds(payload: dict[str, Any], claim: str) -> float | None:
    """Return a time claim in seconds of the epoch, None if it is absent."""
    value = payload.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EntryRefused(EntryRefusal.MALFORMED)
    try:
        seconds = float(value)
    except OverflowError:
        raise EntryRefused(EntryRefusal.MALFORMED) from None
    if not math.isfinite(seconds):
        raise EntryRefused(EntryRefusal.MALFORMED)
    return seconds


def _text(payload: dict[str, Any], claim: str, *, limit: int) -> str:
    value = payload.get(claim)
    # Halves of surrogate pairs and NUL are not storable: neither reaches the database.
    if not isinstance(value, str) or not 0 < len(value) <= limit or not cells.is_storable(value):
        raise EntryRefused(EntryRefusal.MALFORMED)
    return value
