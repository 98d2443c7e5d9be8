"""The H5 pages of `members`."""

from datetime import datetime
from functools import partial
from posixpath import normpath
from urllib.parse import unquote
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import entering, participants, profiling
from members.models import Member
from members.once import Outcome, once
from members.privacy import registered
from operations import clock

HOME = "/h5/"


@never_cache
@require_safe
def enter(request: HttpRequest) -> HttpResponseBase:
    """Sign a participant in by the token in the address and go on to `next`."""
    if request.method == "HEAD":
        # Link previews ask for the head alone; the token must not be used up by them.
        return participants.refused(request, entering.EntryRefusal.NOT_ENTERED, onward="")
    wanted, token, now = onward(request.GET.get("next", "")), request.GET.get("token", ""), clock.now()
    try:
        member = entering.enter(token, now=now)
    except entering.EntryRefused as refusal:
        if refusal.code is entering.EntryRefusal.USED and _is_in(request, token, now):
            return HttpResponseRedirect(wanted)
        return participants.refused(request, refusal.code, onward=wanted)
    response = HttpResponseRedirect(wanted)
    # The address holds the token: it must not travel on to other sites.
    response["Referrer-Policy"] = "no-referrer"
    participants.sign_in(response, member, request)
    return response


def _is_in(request: HttpRequest, token: str, now: datetime) -> bool:
    """Whether it is the token's own member who comes by it again: by the back button, or loading the page anew."""
    member = participants.participant_of(request)
    return member is not None and entering.read(token, now=now).uid == member.uid


def onward(wanted: str) -> str:
    """Return `wanted` if it is an address below /h5/ of this site, else the participant's home."""
    # Browsers read a backslash as a slash.
    inside = normpath(unquote(wanted.partition("?")[0]).replace("\\", "/")).startswith("/h5/")
    if inside and wanted.startswith("/h5/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return HOME


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponseBase:
    """Say what is held and why, and take the member's choice about profiling."""
    member = participants.participant_of(request)
    if member is None:
        return participants.refused(request, entering.EntryRefusal.NOT_ENTERED)
    back = participants.way_back(request)
    if request.method == "POST":
        return once(request, member, partial(_choose, request.POST.get("profiling"), member, back))
    context: dict[str, object] = {"here": "me", "back": back, "member": member, **participants.campaign_left(request)}
    context |= {"sections": [each.section for each in registered()], "request_key": uuid4()}
    return render(request, "h5/privacy.html", context)


def _choose(chosen: str | None, member: Member, back: str) -> Outcome:
    """A choice sent again by a tab that was left open does not undo a later one."""
    choose = profiling.refuse if chosen == "refuse" else profiling.allow
    choose(member, by=None, now=clock.now())
    told = (messages.SUCCESS, _("Your choice is kept. It holds from now on."))
    return Outcome(f"{reverse('h5-privacy')}{back}", (told,))


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Sign the participant out, for phones that several people share."""
    # What was still to be told was told to somebody who is gone.
    for _unseen in messages.get_messages(request):
        pass
    messages.success(request, _("You are signed out."))
    response = HttpResponseRedirect(HOME)
    participants.sign_out(response, request)
    return response


urlpatterns = [
    path("enter/", enter, name="h5-enter"),
    path("me/privacy/", privacy, name="h5-privacy"),
    path("me/leave/", leave, name="h5-leave"),
]
