"""The H5 pages of `rewards`: what is mine, and how it came."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members.entering import EntryRefusal
from members.level_progress import progress_of
from members.participants import campaign_left, participant_of, refused, way_back
from operations import clock
from rewards import address_pages
from rewards.award_words import shown
from rewards.awards import kept_awards
from rewards.ledger import GROWTH, POINTS, Holding, holdings
from rewards.models import Unit
from rewards.points_history import history_of

ID = re.compile(r"[0-9]{1,18}", re.ASCII)
PAGE = 30
SHOWN_AWARDS = 5


@require_GET
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """Points, growth value, level and prizes. `c` and `t` name the campaign to go back to and its colour."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    now = clock.now()
    held = holdings(member.pk)
    newest = shown(kept_awards(member.pk)[: SHOWN_AWARDS + 1], now=now)
    context = frame(request) | {
        "member": member,
        "points": held[POINTS].balance,
        "growth": held[GROWTH].earned,
        "standings": standings(held),
        "progress": progress_of(member, now=now),
        "awards": newest[:SHOWN_AWARDS],
        "more_awards": len(newest) > SHOWN_AWARDS,
    }
    return render(request, "h5/me.html", context)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member has in one unit; `shown` says that there is more to tell of it than a balance."""

    unit: Unit
    held: Holding

    @property
    def svg(self) -> str:
        return f"h5/icons/{'growth' if self.unit.slug == GROWTH else 'coin'}.svg"


def standings(held: dict[str, Holding]) -> list[Standing]:
    """Every unit in which the member has or had something, points first."""
    empty = Holding()
    units = {unit.slug: unit for unit in Unit.objects.filter(slug__in=[s for s, each in held.items() if each != empty])}
    return [Standing(units[slug], each) for slug, each in held.items() if slug in units]


@require_GET
@never_cache
def points(request: HttpRequest) -> HttpResponse:
    """The entries of one unit, newest first, a page at a time. `unit` names it, `before` is where the page starts."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    held = holdings(member.pk)
    slug = request.GET.get("unit", POINTS)
    unit = get_object_or_404(Unit, slug=slug if slug in held else POINTS)
    history = history_of(member.pk, unit, before=number(request.GET.get("before", "")), limit=PAGE + 1)
    context = frame(request) | {
        "standing": Standing(unit, held[unit.slug]),
        "units": [each.unit for each in standings(held)],
        "lines": history[:PAGE],
        "next_before": history[PAGE - 1].entry_id if len(history) > PAGE else None,
    }
    return render(request, "h5/points.html", context)


def frame(request: HttpRequest) -> dict[str, str]:
    """What every page of mine carries: the campaign to go back to and its colour, and both for its links."""
    return {"here": "me", "back": way_back(request), **campaign_left(request)}


def number(text: str) -> int | None:
    """Return the id that an address names, None where it names none."""
    return int(text) if ID.fullmatch(text) else None


urlpatterns = [
    path("me/", me, name="h5-me"),
    path("me/points/", points, name="h5-points"),
    *address_pages.urlpatterns,
]
