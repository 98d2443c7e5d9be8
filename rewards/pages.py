"""The H5 pages of `rewards`: what is mine."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members.entering import EntryRefusal
from members.models import Level
from members.participants import participant_of, refused
from rewards.awards import awards_of
from rewards.ledger import GROWTH, POINTS, holdings

SLUG = re.compile(r"[-\w]{1,50}", re.ASCII)
COLOUR = re.compile(r"[0-9a-f]{6}")


@require_GET
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """Points, growth value, level and prizes. `c` and `t` name the campaign to go back to and its colour."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    held = holdings(member.pk)
    earned = held[GROWTH].earned
    following = Level.objects.filter(kind=Level.Kind.GROWTH, growth_needed__gt=earned).order_by("growth_needed").first()
    context = {
        "here": "me",
        "member": member,
        "points": held[POINTS].balance,
        "growth": earned,
        "next_level": following,
        "growth_missing": (following.growth_needed or 0) - earned if following else 0,
        "awards": awards_of(member.pk, now=timezone.now()),
        "slug": _matched(SLUG, request.GET.get("c", "")),
        "theme": _matched(COLOUR, request.GET.get("t", "")),
    }
    return render(request, "h5/me.html", context)


def _matched(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


urlpatterns = [path("me/", me, name="h5-me")]
