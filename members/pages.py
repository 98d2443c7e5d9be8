"""The H5 pages of `members`."""

from posixpath import normpath
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members import entering, participants

HOME = "/h5/me/"


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


urlpatterns = [path("enter/", enter, name="h5-enter")]
