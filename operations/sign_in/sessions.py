"""Sessions of the admin: who has which open, how long they last, and how they end.

A session ends when nothing was asked for SESSION_IDLE_MINUTES, and SESSION_HOURS after its beginning whatever happens.
Participants' pages know no such sessions: they have a cookie of their own.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from operations.addresses import address_of
from operations.models import SignIn

BEGUN, SEEN = "signed_in_at", "last_seen_at"
# Seconds between two notes of when a session was last used: a page costs no write of its own.
NOTED_EACH = 60
KEPT = timedelta(days=1)


def watch() -> None:
    """Keep the list of sessions in step with who signs in and out."""
    user_logged_in.connect(_begin, dispatch_uid="operations.sign_in.begin")
    user_logged_out.connect(_end, dispatch_uid="operations.sign_in.end")


def is_over(session: SessionBase, *, now: datetime) -> bool:
    """Say whether the session has been idle for too long, or has lasted for too long."""
    begun, seen, moment = session.get(BEGUN), session.get(SEEN), now.timestamp()
    if begun is not None and moment - begun >= settings.SESSION_HOURS * 3600:
        return True
    return seen is not None and moment - seen >= settings.SESSION_IDLE_MINUTES * 60


def note_use(session: SessionBase, *, now: datetime) -> None:
    """Remember that the session is in use, at most once a minute."""
    moment = now.timestamp()
    session.setdefault(BEGUN, moment)
    if abs(moment - session.get(SEEN, 0)) >= NOTED_EACH:
        session[SEEN] = moment
        SignIn.objects.filter(session_key=session.session_key).update(last_seen_at=now)


def open_sessions(user: User, *, now: datetime) -> Iterable[SignIn]:
    """Return the sessions of the user that have not ended, the latest first."""
    idle = now - timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    begun = now - timedelta(hours=settings.SESSION_HOURS)
    return user.sign_ins.filter(last_seen_at__gt=idle, signed_in_at__gt=begun).order_by("-last_seen_at")


@transaction.atomic
def end_sessions(user: User, *, but: str | None = None, only: int | None = None) -> int:
    """End the user's sessions, all `but` the one with this key, or `only` the one with this id. Return how many."""
    theirs = SignIn.objects.filter(user=user)
    if but is not None:
        theirs = theirs.exclude(session_key=but)
    if only is not None:
        theirs = theirs.filter(pk=only)
    keys = list(theirs.values_list("session_key", flat=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store().delete(key)
    theirs.filter(session_key__in=keys).delete()
    return len(keys)


def forget_ended(*, now: datetime) -> int:
    """Delete what is remembered of sessions that ended a day ago, and the sessions themselves."""
    ended = now - timedelta(hours=settings.SESSION_HOURS) - KEPT
    gone, _each = SignIn.objects.filter(signed_in_at__lt=ended).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return gone


def _begin(*, request: HttpRequest, user: User, **_more: Any) -> None:
    session = getattr(request, "session", None)
    if session is None:
        return
    now = timezone.now()
    session[BEGUN] = session[SEEN] = time.time()
    if session.session_key is None:
        session.save()
    SignIn.objects.update_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "signed_in_at": now,
            "last_seen_at": now,
            "address": address_of(request),
            "browser": _clean(request.META.get("HTTP_USER_AGENT", "")),
        },
    )


def _end(*, request: HttpRequest, user: User | None, **_more: Any) -> None:
    session = getattr(request, "session", None)
    if session is not None and user is not None and session.session_key:
        SignIn.objects.filter(session_key=session.session_key).delete()


def _clean(browser: str) -> str:
    return "".join(each for each in browser[:200] if each.isprintable())


def renamed(before: str | None, after: str | None, *, now: datetime) -> None:
    """Follow a session to its new key."""
    SignIn.objects.filter(session_key=before).update(session_key=after, last_seen_at=now)
