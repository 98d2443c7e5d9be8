"""The H5 pages of `rewards`: what is mine."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members.entering import EntryRefusal
from members.level_progress import progress_of
from members.participants import campaign_left, participant_of, refused
from rewards.awards import awards_of
from rewards.ledger import GROWTH, POINTS, holdings


@require_GET
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """Points, growth value, level and prizes. `c` and `t` name the campaign to go back to and its colour."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    now = timezone.now()
    held = holdings(member.pk)
    context = {
        "here": "me",
        "member": member,
        "points": held[POINTS].balance,
        "growth": held[GROWTH].earned,
        "progress": progress_of(member, now=now),
        "awards": awards_of(member.pk, now=now),
        **campaign_left(request),
    }
    return render(request, "h5/me.html", context)


urlpatterns = [path("me/", me, name="h5-me")]
