"""Pages for participants who cannot go on: what happened, and how to get in."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def dead_end(  # noqa: PLR0913 a page is what it says
    request: HttpRequest,
    *,
    title: str,
    text: str,
    icon: str,
    status: int,
    how: str = "",
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    page = {"title": title, "text": text, "how": how, "icon": f"h5/icons/{icon}.svg", **(context or {})}
    return render(request, "h5/dead_end.html", page, status=status)


def not_signed_in(request: HttpRequest) -> HttpResponse:
    return dead_end(
        request,
        title=_("Please come in through the shop"),
        text=_("You are not signed in here, or your visit is more than twelve hours old."),
        how=_("Open the shop's app or official account and tap the campaign there. You are signed in by that."),
        icon="door",
        status=403,
    )
