"""The H5 page of a member's level: how far it is to the next, what each brings, what was paid for, and the history."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members.entering import EntryRefusal
from members.level_progress import history_of, paid_periods_of, progress_of
from members.level_words import benefits_of, needed_for
from members.models import Level
from members.participants import campaign_left, participant_of, refused
from operations import clock

HISTORY = 20


@require_GET
@never_cache
def level(request: HttpRequest) -> HttpResponse:
    """My level and all others. `c` and `t` name the campaign to go back to and its colour."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    levels = list(Level.objects.order_by("rank"))
    now = clock.now()
    progress = progress_of(member, now=now, levels=levels)
    context = {
        "here": "me",
        "member": member,
        "progress": progress,
        "levels": [
            {"level": each, "needed": needed_for(each), "benefits": benefits_of(each), "own": each == progress.level}
            for each in levels
        ],
        "paid": paid_periods_of(member, now=now),
        "history": history_of(member, limit=HISTORY),
        **campaign_left(request),
    }
    return render(request, "h5/level.html", context)


urlpatterns = [path("me/level/", level, name="h5-level")]
