"""The H5 pages of the inbox: what the member was told, by day, and each message. A POST ends in a redirect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from members import inbox
from members.entering import EntryRefusal
from members.inbox_kinds import Words, icon_of, words_of
from members.models import InboxMessage
from members.pages import onward
from members.participants import campaign_left, participant_of, refused, way_back
from operations import clock

PAGE = 30
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
# Pages that keep the way back to a campaign in their address.
_KEEP_THE_WAY = ("/h5/me/", "/h5/mall/")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as its member reads it."""

    id: int
    words: Words
    svg: str
    at: datetime
    unread: bool

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


@require_GET
@never_cache
def my_inbox(request: HttpRequest) -> HttpResponse:
    """What the member was told, newest first, a page at a time. `before` is where the page starts."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    rows = inbox.messages_of(member, before=_number(request.GET.get("before", "")), limit=PAGE + 1)
    shown = [_shown(row) for row in rows[:PAGE]]
    context = _frame(request) | {
        "days": _by_day(shown, today=timezone.localdate()),
        "newest": shown[0].id if shown else None,
        "next_before": shown[-1].id if len(rows) > PAGE else None,
    }
    return render(request, "h5/inbox.html", context)


@require_GET
@never_cache
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Open one message: go where it leads, or read it as a page of its own. Another's is not found."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    found = inbox.message_of(member, message_id)
    if found is None:
        return render(request, "h5/inbox_dead_end.html", _frame(request), status=404)
    inbox.read(member, found.pk, now=clock.now())
    if found.link:
        return redirect(_with_way_back(onward(found.link), request))
    return render(request, "h5/inbox_message.html", _frame(request) | {"message": _shown(found)})


@require_POST
@never_cache
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark what the page showed as read, and what is older."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    up_to = _number(request.POST.get("up_to", ""))
    if up_to is not None and (count := inbox.read_all(member, up_to=up_to, now=clock.now())):
        words = ngettext("%d message is marked as read.", "%d messages are marked as read.", count)
        messages.success(request, words % count)
    return redirect(_with_way_back(reverse("h5-inbox"), request))


def _shown(row: InboxMessage) -> Shown:
    return Shown(row.pk, words_of(row.kind, row.params), icon_of(row.kind), row.created_at, row.read_at is None)


def _by_day(shown: Sequence[Shown], *, today: date) -> list[tuple[str, list[Shown]]]:
    return [(_day_words(day, today), list(rows)) for day, rows in groupby(shown, key=lambda each: each.day)]


def _day_words(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(day, "DATE_FORMAT")


def _number(text: str) -> int | None:
    return int(text) if _ID.fullmatch(text) else None


def _frame(request: HttpRequest) -> dict[str, Any]:
    return {"here": "me", "back": way_back(request), **campaign_left(request)}


def _with_way_back(address: str, request: HttpRequest) -> str:
    keeps = address.startswith(_KEEP_THE_WAY) and "?" not in address
    return address + way_back(request) if keeps else address


urlpatterns = [
    path("me/inbox/", my_inbox, name="h5-inbox"),
    path("me/inbox/read/", read_all, name="h5-inbox-read"),
    path("me/inbox/<int:message_id>/", message, name="h5-inbox-message"),
]
