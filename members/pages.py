"""The H5 pages of `members`: the door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members.dead_ends import dead_end
from members.entering import EntryRefused, enter
from members.participants import participant_of, sign_in

FIRST_PAGE = "/h5/me/"
# What happened, in a title and a sentence. A forged token is told no more than that it is not valid.
REFUSALS = {
    "expired": (_("This link has expired"), _("A link to come in works for a few minutes only.")),
    "used": (_("This link has been used"), _("A link to come in opens the door once.")),
    "unknown_member": (_("You are not a member here yet"), _("The shop has not told us of your membership.")),
}
NOT_VALID = (_("This link is not valid"), _("It may be incomplete, or it was not made by the shop."))


# No HEAD: a preview of the link must not use it up.
@require_http_methods(["GET"])
@never_cache
def enter_by_token(request: HttpRequest) -> HttpResponse:
    """Sign a participant in by the shop's token and go on to `next`, which lies below /h5/."""
    onward = _below_h5(request.GET.get("next", ""))
    try:
        member = enter(request.GET.get("token", ""), now=timezone.now())
    except EntryRefused as refused:
        return _refused(request, refused.code, onward)
    response = redirect(onward)
    sign_in(response, member, request)
    return response


def _refused(request: HttpRequest, code: str, onward: str) -> HttpResponse:
    """Whoever is signed in already, and reloads an old link, is offered to go on."""
    title, text = REFUSALS.get(code, NOT_VALID)
    how = _("Open the shop's app or official account and tap the campaign there: that makes a fresh link.")
    context = {"onward": onward} if participant_of(request) else {}
    return dead_end(
        request, title=str(title), text=str(text), how=str(how), icon="door", status=403, context=context
    )


def _below_h5(target: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours and target.startswith("/h5/") and ".." not in target else FIRST_PAGE


urlpatterns = [path("enter/", enter_by_token, name="h5-enter")]
