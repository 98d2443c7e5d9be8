"""What a participant reads when a request cannot be served: what happened, whether it counted, and a way on.

Nothing here asks the database: it may be what is missing.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.pages import HOME
from members.participants import PATH, asked_for

# Of what comes back by itself in a moment: seconds until it is worth another try.
SOON = 60
CAMPAIGN = re.compile(r"/h5/c/([-a-zA-Z0-9_]+)/")


@dataclass(frozen=True, slots=True)
class Fault:
    """A page about one kind of fault. `again`: whether the same page, or form, may well be served the next time."""

    status: HTTPStatus
    icon: str
    title: str | Promise
    text: str | Promise
    again: bool = False
    hint: str | Promise = ""


FAULTS = {
    "bad_request": Fault(
        HTTPStatus.BAD_REQUEST,
        "info",
        _("This did not arrive whole"),
        _("Nothing was counted. Please go back and try again."),
        again=True,
    ),
    "permission_denied": Fault(
        HTTPStatus.FORBIDDEN, "lock", _("This is not for you to open"), _("Have a look at what there is for you.")
    ),
    "csrf_failed": Fault(
        HTTPStatus.FORBIDDEN,
        "clock",
        _("The page was open too long"),
        _("Nothing was counted. Go back to it and send it once more."),
        again=True,
        hint=_("If this comes again, allow cookies for this site."),
    ),
    "not_found": Fault(
        HTTPStatus.NOT_FOUND, "info", _("There is nothing here"), _("The link may be old or incomplete.")
    ),
    "too_large": Fault(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "camera",
        _("This is too large to be sent"),
        _("Nothing was counted. A picture may have 10 MB: choose a smaller one, or a screenshot of it."),
        again=True,
    ),
    "too_many_attempts": Fault(
        HTTPStatus.TOO_MANY_REQUESTS,
        "clock",
        _("That was too fast"),
        _("Wait a minute, then try again. What counted before stays."),
        again=True,
    ),
    "server_error": Fault(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "info",
        _("Something went wrong here"),
        _("It is not your fault, and it has been noted. Try again in a moment: nothing is counted twice."),
        again=True,
    ),
    "unavailable": Fault(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "pause",
        _("Back in a moment"),
        _("The shop cannot be reached right now. What you did is kept: try again in a minute."),
        again=True,
    ),
}


def page(request: HttpRequest, code: str) -> HttpResponse | None:
    """Return the participants' page for a fault, None where the request is not one of theirs."""
    if not request.path_info.startswith(PATH) or code not in FAULTS:
        return None
    fault = FAULTS[code]
    campaign = CAMPAIGN.match(request.path_info)
    context = {
        "fault": fault,
        "status": fault.status.value,
        "again": asked_for(request) if fault.again else "",
        "sent": request.method == "POST",
        "home": campaign[0] if campaign and campaign[0] != request.path_info else HOME,
        "of_campaign": campaign is not None and campaign[0] != request.path_info,
    }
    # Without the request: context processors would ask for the user, and with that for the database.
    answer = HttpResponse(loader.render_to_string("h5/error.html", context), status=fault.status)
    answer["Cache-Control"] = "no-store"
    if fault.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        answer["Retry-After"] = str(SOON)
    return answer
