"""A page for participants who look for a prize that is not theirs or not there: what happened, and where to go."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from members.participants import campaign_left


def no_award(request: HttpRequest) -> HttpResponse:
    context = {
        "here": "me",
        **campaign_left(request),
        "title": _("There is no such prize"),
        "text": _("Your prizes are under “Mine”."),
    }
    return render(request, "h5/award_dead_end.html", context, status=404)
