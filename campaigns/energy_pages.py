"""The H5 pages of energy: the member's own drops, and a friend's. Each tap is a form that ends in a redirect."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns import energy as energies
from campaigns import energy_rules, energy_view, friends
from campaigns.dead_ends import dead_end
from campaigns.energy import Gathered
from campaigns.energy_rules import Energy
from campaigns.models import Enrolment
from campaigns.presenting import chips
from campaigns.refusals import Refused
from campaigns.visiting import Visit, visited
from campaigns.wordings import told_to_members
from members.masking import masked_name
from members.once import Outcome, once
from rewards.published_prizes import gift_names


@require_GET
@visited
def own(request: HttpRequest, visit: Visit) -> HttpResponse:
    found = _found(visit)
    if found is None:
        return _no_energy(request, visit)
    energy, enrolment = found
    shown = energy_view.of_member(energy, enrolment, now=visit.now)
    names = gift_names({each.reward.gift for each in shown.milestones if each.reward.gift})
    last = shown.milestones[-1].at if shown.milestones else 0
    context = _context(visit, energy) | {
        "shown": shown,
        "milestones": [(each, chips(each.reward, names), _percent(each.at, last)) for each in shown.milestones],
        "done": min(_percent(shown.total, last), 100),
        "next": next((each for each in shown.milestones if not each.reached), None),
        "friends": energy_view.friends_of(enrolment, now=visit.now) if energy.help or energy.steal else [],
    }
    return render(request, "h5/energy.html", context)


@require_GET
@visited
def of_friend(request: HttpRequest, visit: Visit, friend: int) -> HttpResponse:
    found = _found(visit)
    theirs = _friend(visit, friend) if found else None
    if found is None or theirs is None:
        return _no_energy(request, visit)
    energy, enrolment = found
    context = _context(visit, energy) | {
        "friend": theirs,
        "friend_name": masked_name(theirs.member.name) or _("Member"),
        "drops": energy_view.ripe_of_friend(energy, theirs.pk, enrolment.pk, now=visit.now),
    }
    return render(request, "h5/energy_friend.html", context)


@require_POST
@visited
def collect(request: HttpRequest, visit: Visit) -> HttpResponse:
    def gather() -> Gathered:
        return energies.collect(visit.member, visit.slug, _number(request, "drop"), now=visit.now)

    return _gathered(request, visit, gather, _("You collected %d."), reverse("h5-energy", args=[visit.slug]))


@require_POST
@visited
def help_friend(request: HttpRequest, visit: Visit, friend: int) -> HttpResponse:
    return _with_friend(request, visit, friend, energies.help_friend, _("Collected for your friend: %d."))


@require_POST
@visited
def steal(request: HttpRequest, visit: Visit, friend: int) -> HttpResponse:
    return _with_friend(request, visit, friend, energies.steal, _("You took %d."))


@require_POST
@visited
def claim(request: HttpRequest, visit: Visit) -> HttpResponse:
    def perform() -> Outcome:
        energies.claim(visit.member, visit.slug, _number(request, "at") or 0, now=visit.now)
        return Outcome(here, ((messages.SUCCESS, _("Your reward has been given.")),))

    here = reverse("h5-energy", args=[visit.slug])
    return _once(request, visit, perform, here)


def _with_friend(request: HttpRequest, visit: Visit, friend: int, act: Any, words: str) -> HttpResponse:
    theirs = _friend(visit, friend)
    if theirs is None:
        return _no_energy(request, visit)

    def gather() -> Gathered:
        drop = _number(request, "drop") or 0
        gathered: Gathered = act(visit.member, theirs.member, visit.slug, drop, now=visit.now)
        return gathered

    here = reverse("h5-energy-friend", args=[visit.slug, friend])
    return _gathered(request, visit, gather, words, here)


def _gathered(
    request: HttpRequest, visit: Visit, gather: Callable[[], Gathered], words: str, onward: str
) -> HttpResponse:
    return _once(request, visit, lambda: Outcome(onward, tuple(_told(gather(), words))), onward)


def _once(request: HttpRequest, visit: Visit, perform: Callable[[], Outcome], onward: str) -> HttpResponse:
    try:
        return once(request, visit.member, perform)
    except Refused as refused:
        messages.info(request, told_to_members(refused.refusal))
        return redirect(onward)


def _told(gathered: Gathered, words: str) -> Iterator[tuple[int, str]]:
    if gathered.gained or gathered.helped:
        yield messages.SUCCESS, words % (gathered.helped or gathered.gained)
    else:
        yield messages.INFO, _("Nothing is ripe right now.")
    if gathered.helped and gathered.gained:
        yield messages.SUCCESS, _("Thanks for helping: %d for you.") % gathered.gained
    if gathered.reached:
        yield messages.SUCCESS, _("Milestone reached!")


def _found(visit: Visit) -> tuple[Energy, Enrolment] | None:
    energy = energy_rules.of(visit.definition.features)
    enrolment = Enrolment.objects.filter(member=visit.member, campaign__slug=visit.slug).first()
    return (energy, enrolment) if energy and enrolment else None


def _friend(visit: Visit, enrolment_id: int) -> Enrolment | None:
    """The friend's enrolment; whoever is no friend is not there."""
    those = Enrolment.objects.select_related("member").filter(campaign__slug=visit.slug, member__erased_at=None)
    theirs = those.filter(pk=enrolment_id).first()
    if theirs is None or not friends.are(visit.member.pk, theirs.member_id, theirs.campaign_id):
        return None
    return theirs


def _context(visit: Visit, energy: Energy) -> dict[str, object]:
    return visit.context("energy") | {"energy": energy, "refusal": visit.decision.refusal}


def _no_energy(request: HttpRequest, visit: Visit) -> HttpResponse:
    title, text = _("There is nothing to collect here"), _("This campaign has no energy, or this is no friend's.")
    back = reverse("h5-campaign", args=[visit.slug])
    return dead_end(request, title=title, text=text, icon="info", context=visit.context("energy") | {"back": back})


def _number(request: HttpRequest, field: str) -> int | None:
    text = request.POST.get(field, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _percent(at: int, last: int) -> int:
    return at * 100 // last if last else 0


HERE = "c/<slug:slug>/energy/"
urlpatterns: list[URLPattern] = [
    path(HERE, own, name="h5-energy"),
    path(f"{HERE}collect/", collect, name="h5-energy-collect"),
    path(f"{HERE}claim/", claim, name="h5-energy-claim"),
    path(f"{HERE}f/<int:friend>/", of_friend, name="h5-energy-friend"),
    path(f"{HERE}f/<int:friend>/help/", help_friend, name="h5-energy-help"),
    path(f"{HERE}f/<int:friend>/steal/", steal, name="h5-energy-steal"),
]
