"""The participant's home: what they may take part in, whatever link they lost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

from campaigns import theming
from campaigns.home import home
from campaigns.subjects import load_running
from members.entering import EntryRefusal
from members.participants import participant_of, refused
from operations import clock


@require_GET
@never_cache
def my_home(request: HttpRequest) -> HttpResponse:
    """The member's campaigns, by the one evaluator. Two queries however many there are, with segments one more."""
    member = participant_of(request)
    now = clock.now()
    loaded = load_running(member.uid, now=now) if member else None
    if member is None or loaded is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    definitions, facts = loaded
    # One that is over waits for the clock to end it.
    context = {"here": "home", "member": member, "now": now}
    context["home"] = home((each for each in definitions if each.closes_at > now), facts)
    return render(request, "h5/home.html", context)


@require_GET
@cache_control(public=True, max_age=60 * 60 * 24 * 365, immutable=True)
def tones(_request: HttpRequest, keys: str) -> HttpResponse:
    """The colours of several campaigns on one page. The address holds the colours, so that it can be kept for ever."""
    return HttpResponse(theming.tones(keys.split("-")), content_type="text/css; charset=utf-8")


urlpatterns = [
    path("", my_home, name="h5-home"),
    re_path(r"^tones/(?P<keys>[0-9a-f]{6}(?:-[0-9a-f]{6}){0,99})\.css$", tones, name="h5-tones"),
]
