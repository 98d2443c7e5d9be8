"""Ceilings on how often an API client may call, so that a loop gone wild does not starve the others.

Bounds are of the minute of the clock, over all web processes (`operations.call_counts`); 0 is none.
"""

import hashlib
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from operations import call_counts
from operations.addresses import network_of
from operations.call_counts import Counted
from operations.models import ApiKey

# A process takes this part of a client's, and of a member's, bound at once.
CLIENT_PART, MEMBER_PART = 100, 20
WRONG_KEYS_PER_MINUTE = 60
LIMIT, REMAINING, RESET = "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"

logger = logging.getLogger(__name__)


class TooManyCalls(APIException):
    """A bound is reached; `wait` says for how many seconds."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "throttled"

    def __init__(self, detail: str, *, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


class ClientThrottle(BaseThrottle):
    """All calls of a client, whichever of its keys it shows. Each answer tells how many more are admitted."""

    def allow_request(self, request: Request, view: Any) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return True
        bound = key.calls_per_minute or settings.API_REQUESTS_PER_MINUTE
        if not bound:
            return True
        counted = call_counts.count(
            f"client:{key.client}", bound=bound, portion=_part(bound, CLIENT_PART), now=timezone.now()
        )
        view.headers |= _told(bound, counted)
        if not counted.admitted:
            words = _("This client has made its %(bound)d calls of this minute. Try again in %(seconds)d s.")
            raise TooManyCalls(words % {"bound": bound, "seconds": counted.seconds}, wait=counted.seconds)
        return True


class MemberThrottle(BaseThrottle):
    """The calls by which a client moves value for one member: those that play, and name the member in the address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        key, uid, bound = request.auth, view.kwargs.get("uid"), settings.API_MEMBER_MOVES_PER_MINUTE
        if not bound or uid is None or not isinstance(key, ApiKey) or not _moves_value(request, view):
            return True
        counted = call_counts.count(
            _member_counter(key.client, uid), bound=bound, portion=_part(bound, MEMBER_PART), now=timezone.now()
        )
        if not counted.admitted:
            view.headers |= _told(bound, counted)
            words = _(
                "This client has made its %(bound)d moves of this minute for the member. Try again in %(seconds)d s."
            )
            raise TooManyCalls(words % {"bound": bound, "seconds": counted.seconds}, wait=counted.seconds)
        return True


def refuse_guessing(address: str, *, now: datetime) -> None:
    """Count a wrong key that came from an address. Raises TooManyCalls for the sixty-first of a minute.

    Right keys are never refused for it, whoever guesses beside them: a key has 190 random bits, so what is spared here
    is the caller who has not noticed, and the log.
    """
    network = network_of(address)
    counted = call_counts.count(f"wrong-keys:{network}", bound=WRONG_KEYS_PER_MINUTE, portion=1, now=now)
    if not counted.admitted:
        words = _("Too many wrong API keys came from this address. Try again in %(seconds)d s.")
        raise TooManyCalls(words % {"seconds": counted.seconds}, wait=counted.seconds)
    if not counted.left:
        logger.warning("%d wrong API keys in a minute came from %s", WRONG_KEYS_PER_MINUTE, network or "unknown")


def _moves_value(request: Request, view: Any) -> bool:
    return request.method == "POST" and getattr(view, "scope", None) == ApiKey.Scope.PLAY


def _member_counter(client: str, uid: str) -> str:
    # No uid is kept here, nor a text of any length that somebody writes into an address.
    return f"member:{hashlib.blake2b(f'{client}:{uid}'.encode(), digest_size=16).hexdigest()}"


def _part(bound: int, parts: int) -> int:
    return max(1, bound // parts)


def _told(bound: int, counted: Counted) -> dict[str, str]:
    return {LIMIT: str(bound), REMAINING: str(counted.left), RESET: str(counted.seconds)}
