"""Pages for participants who cannot go on here: what happened, and where to go instead."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise


def dead_end(  # noqa: PLR0913 a page is what it says
    request: HttpRequest,
    *,
    title: str,
    text: str | Promise,
    icon: str,
    status: int = 404,
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    """`context` is the frame of the campaign to go back to, where there is one."""
    page = {"title": title, "text": text, "icon": f"h5/icons/{icon}.svg", **(context or {})}
    return render(request, "h5/dead_end.html", page, status=status)
