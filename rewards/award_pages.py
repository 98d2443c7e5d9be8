"""The H5 pages of a member's own prizes: the list, and each prize with what its owner needs to use it."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members.entering import EntryRefusal
from members.participants import participant_of, refused
from operations import clock
from rewards import codes
from rewards.award_words import history_of, shown, state_words, time_left, value_words
from rewards.awards import USABLE, kept_awards, older_than, state_at, usable_awards
from rewards.dead_ends import no_award
from rewards.giving_addresses import shipment_of
from rewards.linking import link_needed
from rewards.models import Award, Gift
from rewards.pages import PAGE, frame, number
from rewards.qr_codes import svg_of
from rewards.vouchers import voucher_of

CAMPAIGN = re.compile(r"campaign:([-\w]+)", re.ASCII)


@require_GET
@never_cache
def my_awards(request: HttpRequest) -> HttpResponse:
    """All prizes, newest first, a page at a time; with `show=usable` those that can be taken to the shop."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    now = clock.now()
    usable = request.GET.get("show") == "usable"
    awards = usable_awards(member.pk, now=now) if usable else kept_awards(member.pk)
    some = shown(older_than(number(request.GET.get("before", "")), awards)[: PAGE + 1], now=now)
    context = frame(request) | {
        "awards": some[:PAGE],
        "usable": usable,
        "next_before": some[PAGE - 1].id if len(some) > PAGE else None,
    }
    return render(request, "h5/my_awards.html", context)


@require_GET
@never_cache
def my_award(request: HttpRequest, award_id: int) -> HttpResponse:
    """One prize of one's own; another's is not found."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    found = kept_awards(member.pk).select_related("gift", "coupon_code", "check_off__outlet")
    award = found.prefetch_related("gift__outlets").filter(pk=award_id).first()
    if award is None:
        return no_award(request)
    now = clock.now()
    context = frame(request) | told(award, now) | to_use(request, award, now) | on_its_way(award)
    return render(request, "h5/my_award.html", context)


def told(award: Award, now: datetime) -> dict[str, Any]:
    """Return what everybody may know of an award: what it is, how it stands, what became of it."""
    return {
        "award": award,
        "gift": award.gift,
        "icon": f"h5/icons/{award.gift.kind}.svg",
        "next_step": f"h5/awards/{award.gift.kind}.html",
        "state": state_at(award, now).value,
        "state_words": state_words(award, now),
        "value": value_words(award.gift),
        "time_left": time_left(award, now),
        "history": history_of(award, now),
        "outlets": award.gift.outlets.all(),
        "campaign": campaign_of(award),
        "now": now,
    }


def campaign_of(award: Award) -> str:
    """Return the key of the campaign in which the draws of a gift of chances are, "" where it is none."""
    scope = next(filter(None, [award.gift.draws_in, award.scope, award.source]), "")
    named = CAMPAIGN.fullmatch(scope)
    return named[1] if named else ""


def to_use(request: HttpRequest, award: Award, now: datetime) -> dict[str, Any]:
    """Return the code and the voucher of an award that is still to be used; for its owner alone."""
    if award.gift.kind not in USABLE or state_at(award, now) != Award.State.GRANTED:
        return {}
    voucher = voucher_of(award.pk)
    address = request.build_absolute_uri(reverse("check-off", args=[voucher]))
    code = codes.show_to_owner([award], now=now).get(award.pk, award.gift.shared_code)
    return {"voucher": voucher, "qr": svg_of(address), "code": code}


def on_its_way(award: Award) -> dict[str, Any]:
    """Return how far a physical gift or a red packet has come; `link` is the account that the member has to link."""
    match award.gift.kind:
        case Gift.Kind.PHYSICAL:
            return {"shipment": shipment_of(award)}
        case Gift.Kind.RED_PACKET:
            return {"delivery": getattr(award, "delivery", None), "link": link_needed(award)}
        case _:
            return {}


urlpatterns = [
    path("me/awards/", my_awards, name="h5-my-awards"),
    path("me/awards/<int:award_id>/", my_award, name="h5-award"),
]
