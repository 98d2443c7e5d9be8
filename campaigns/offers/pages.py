"""The H5 pages of offers: all of a campaign, and one, where it is reserved. Each POST ends in a redirect."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.dead_ends import dead_end
from campaigns.models import OfferCoupon, OfferGroup, Reservation
from campaigns.offers import refusals, reserving
from campaigns.offers.showing import OfferCard, in_order
from campaigns.offers.standing import standings
from campaigns.offers.terms import FIRST_ORDER, GROUP
from campaigns.refusals import Refused
from campaigns.visiting import Visit, visited
from campaigns.wordings import told_to_members
from members.once import Outcome, once

# Open groups of others that a page lists.
GROUPS_SHOWN = 3
LONGEST_NUMBER = 8


def cards(visit: Visit) -> list[OfferCard]:
    """The offers that are shown to the member, what can be acted on first. No query where there is no offer."""
    if not visit.definition.offers:
        return []
    names = visit.names({gift for offer in visit.definition.offers for gift in offer.gifts})
    shown = standings(visit.definition, visit.subject, closed=visit.decision.refusal)
    return in_order(
        [
            OfferCard(
                each, visit.now, names.get(each.offer.gift or "", ""), names.get(each.offer.leader_gift or "", "")
            )
            for each in shown
        ]
    )


@require_GET
@visited
def offers(request: HttpRequest, visit: Visit) -> HttpResponse:
    return render(request, "h5/offers.html", visit.context("offers") | {"cards": cards(visit)})


@require_http_methods(["GET", "HEAD", "POST"])
@visited
def offer(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """One offer: what it is, what of it is the member's, and the one tap that takes it."""
    card = next((card for card in cards(visit) if card.offer.key == key), None)
    if card is None:
        return _no_offer(request, visit)
    if request.method == "POST":
        return _take(request, visit, card)
    code = request.GET.get("g", "")
    invited = _group(visit, key, code) if code and card.offer.kind == GROUP else None
    context = visit.context("offers") | {
        "card": card,
        "invited": invited if invited and card.group != invited else None,
        "unknown_group": bool(code) and card.offer.kind == GROUP and invited is None,
        "groups": _open_groups(visit, card, besides=invited) if card.can_tap else (),
        "share": _share(request, visit, card),
    }
    return render(request, "h5/offer.html", context)


def _take(request: HttpRequest, visit: Visit, card: OfferCard) -> HttpResponse:
    code, quantity = request.POST.get("group", ""), _quantity(request.POST.get("quantity", "1"))
    here = reverse("h5-offer", args=[visit.slug, card.offer.key])

    def perform() -> Outcome:
        if isinstance(_taken(visit, card, code, quantity), OfferCoupon):
            return Outcome(here, ((messages.SUCCESS, _("It is yours. You find it under “Mine”.")),))
        return Outcome(here, ((messages.SUCCESS, _("Reserved for you. Pay in time, and it is yours.")),))

    try:
        return once(request, visit.member, perform)
    except Refused as refused:
        messages.info(request, told_to_members(refused.refusal))
        query = f"?{urlencode({'g': code})}" if code and refused.refusal is not refusals.NO_GROUP else ""
        return redirect(here + query)


def _taken(visit: Visit, card: OfferCard, code: str, quantity: int) -> Reservation | OfferCoupon:
    member, slug, key, now = visit.member, visit.slug, card.offer.key, visit.now
    if card.offer.kind == FIRST_ORDER:
        return reserving.get_coupon(member, slug, key, now=now)
    if card.offer.kind != GROUP:
        return reserving.reserve(member, slug, key, quantity=quantity, now=now)
    if code:
        return reserving.join(member, slug, key, code, now=now)
    return reserving.open_group(member, slug, key, now=now)


def _quantity(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 1


def _group(visit: Visit, key: str, code: str) -> OfferGroup | None:
    groups = OfferGroup.objects.filter(campaign__slug=visit.slug, offer_key=key, code=code[:16])
    return groups.first() if "\x00" not in code else None


def _open_groups(visit: Visit, card: OfferCard, *, besides: OfferGroup | None) -> Sequence[OfferGroup]:
    """Groups that somebody has paid for and that lack few: those that lack the fewest first."""
    groups = OfferGroup.objects.filter(
        campaign__slug=visit.slug,
        offer_key=card.offer.key,
        state=OfferGroup.State.OPEN,
        paid__gt=0,
        closes_at__gt=visit.now,
    ).exclude(seats__enrolment__member=visit.member, seats__state__in=["reserved", "bought"])
    free = [group for group in groups.order_by("-paid", "closes_at")[: GROUPS_SHOWN * 4] if group.taken < group.size]
    return [group for group in free if group != besides][:GROUPS_SHOWN]


def _share(request: HttpRequest, visit: Visit, card: OfferCard) -> str:
    """The link by which friends come into the member's group; "" where there is none to come into."""
    group = card.group
    if group is None or group.state != OfferGroup.State.OPEN or _over(group, visit.now):
        return ""
    here = reverse("h5-offer", args=[visit.slug, card.offer.key])
    return request.build_absolute_uri(f"{here}?{urlencode({'g': group.code})}")


def _over(group: OfferGroup, now: datetime) -> bool:
    return now >= group.closes_at


def _no_offer(request: HttpRequest, visit: Visit) -> HttpResponse:
    context: dict[str, Any] = visit.context("offers")
    return dead_end(
        request,
        title=_("There is no such offer"),
        text=told_to_members(refusals.NO_OFFER),
        icon="info",
        context=context,
    )


urlpatterns = [
    path("c/<slug:slug>/offers/", offers, name="h5-offers"),
    path("c/<slug:slug>/o/<slug:key>/", offer, name="h5-offer"),
]
