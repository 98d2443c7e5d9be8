"""The H5 pages of `members`."""

from posixpath import normpath
from urllib.parse import unquote

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import entering, participants, profiling
from members.privacy import registered

HOME = "/h5/"


@never_cache
@require_safe
def enter(request: HttpRequest) -> HttpResponseBase:
    """Sign a participant in by the token in the address and go on to `next`."""
    if request.method == "HEAD":
        # Link previews ask for the head alone; the token must not be used up by them.
        return participants.refused(request, entering.EntryRefusal.NOT_ENTERED)
    try:
        member = entering.enter(request.GET.get("token", ""), now=timezone.now())
    except entering.EntryRefused as refusal:
        return participants.refused(request, refusal.code)
    response = HttpResponseRedirect(onward(request.GET.get("next", "")))
    # The address holds the token: it must not travel on to other sites.
    response["Referrer-Policy"] = "no-referrer"
    participants.sign_in(response, member, request)
    return response


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
        choose = profiling.refuse if request.POST.get("profiling") == "refuse" else profiling.allow
        choose(member, by=None, now=timezone.now())
        messages.success(request, _("Your choice is kept. It holds from now on."))
        return HttpResponseRedirect(f"{reverse('h5-privacy')}{back}")
    context: dict[str, object] = {"here": "me", "back": back, "member": member, **participants.campaign_left(request)}
    context["sections"] = [each.section for each in registered()]
    return render(request, "h5/privacy.html", context)


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
