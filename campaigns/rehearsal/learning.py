"""What earlier campaigns of the shop showed: how many took part of those whom they reached, and did their tasks.

And how many of these took its offers, of those who could have them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Exists, OuterRef, Q

from campaigns import definition, kinds
from campaigns.models import Campaign, Completion, Enrolment, OfferCoupon, OfferGroup, Reservation
from campaigns.offers.terms import FIRST_ORDER
from campaigns.rehearsal.population import Population
from campaigns.rehearsal.rates import COMPLETION, FILLED, LEARNED, OFFERS, Level, Rates
from members.models import Order

# Campaigns looked at, and how long one must have been open to tell anything.
MOST_CAMPAIGNS = 3
OPEN_FOR = timedelta(days=2)
# Fewer participants than that tell nothing.
FEWEST = 20
# The best of earlier campaigns may be passed, the worst missed, by so much.
WIDER = 1.5
LEAST, MOST = 0.1, 100.0


def learned(campaign: Campaign, *, now: datetime) -> Rates | None:
    """The rates of the shop's latest other campaigns; None where there are none to learn from."""
    earlier = [(each, definition.parse(each.current.definition)) for each in _earlier(campaign, now) if each.current]
    if not earlier:
        return None
    population = Population((read.audience for _each, read in earlier), now=now)
    rows = Enrolment.objects.filter(campaign__in=[each for each, _read in earlier]).order_by()
    joined = dict(rows.values_list("campaign").annotate(people=Count("pk")))
    shares: list[float] = []
    done: dict[str, list[float]] = defaultdict(list)
    offered: dict[str, list[float]] = defaultdict(list)
    for each, read in earlier:
        reached, people = len(population.admitted(read.audience)), joined.get(each.pk, 0)
        if reached and people >= FEWEST:
            shares.append(min(100 * people / reached, MOST))
            _learn_tasks(each, read, people, done)
            _learn_offers(each, read, people, offered)
    if not shares:
        return None
    completion = COMPLETION | {group: _bounded(median(each)) for group, each in done.items()}
    return Rates(
        _participation(shares),
        completion,
        offers=OFFERS | {kind: _bounded(median(each)) for kind, each in offered.items()},
        filled=_filled([each for each, _read in earlier]),
        sources=dict.fromkeys(offered, LEARNED),
    )


def _earlier(campaign: Campaign, now: datetime) -> Iterable[Campaign]:
    rows = Campaign.objects.filter(current__isnull=False, opens_at__lte=now - OPEN_FOR).exclude(pk=campaign.pk)
    return rows.select_related("current").order_by("-opens_at")[:MOST_CAMPAIGNS]


def _participation(shares: list[float]) -> dict[Level, float]:
    return {
        Level.LOW: _bounded(min(shares) / WIDER),
        Level.EXPECTED: _bounded(median(shares)),
        Level.HIGH: _bounded(max(shares) * WIDER),
    }


def _learn_tasks(campaign: Campaign, read: definition.Campaign, people: int, done: dict[str, list[float]]) -> None:
    """Add, by group of kinds, which share of the participants did each task that stands alone, for everyone."""
    rows = Completion.objects.filter(enrolment__campaign=campaign).order_by()
    counts = dict(rows.values_list("task_key").annotate(people=Count("enrolment_id", distinct=True)))
    for task in read.tasks:
        if read.chain_of(task.key) is None and task.audience == definition.EVERYONE and task.kind in kinds.names():
            done[kinds.find(task.kind).GROUP.value].append(100 * counts.get(task.key, 0) / people)


def _learn_offers(campaign: Campaign, read: definition.Campaign, people: int, offered: dict[str, list[float]]) -> None:
    """Add, by kind of offer, which share of the participants took each that was for everyone.

    A coupon for the first order can be had by those alone who had bought nothing before they took part.
    """
    bought = Reservation.objects.filter(enrolment__campaign=campaign, order__isnull=False).order_by()
    buyers = dict(bought.values_list("offer_key").annotate(people=Count("enrolment_id", distinct=True)))
    given = OfferCoupon.objects.filter(enrolment__campaign=campaign).order_by()
    holders = dict(given.values_list("offer_key").annotate(people=Count("pk")))
    for offer in read.offers:
        if offer.audience == definition.EVERYONE:
            could = _without_order(campaign) if offer.kind == FIRST_ORDER else people
            took = (holders if offer.kind == FIRST_ORDER else buyers).get(offer.key, 0)
            if could:
                offered[offer.kind].append(100 * took / could)


def _without_order(campaign: Campaign) -> int:
    earlier = Order.objects.filter(
        member=OuterRef("member"), paid_at__lt=OuterRef("joined_at"), status=Order.Status.PAID
    )
    return Enrolment.objects.filter(~Exists(earlier), campaign=campaign).count()


def _filled(campaigns: list[Campaign]) -> float:
    """Of the places that were paid for in groups that came to an end, those in groups that were full."""
    ended = OfferGroup.objects.filter(campaign__in=campaigns).exclude(state=OfferGroup.State.OPEN)
    paid = Count("seats", filter=Q(seats__order__isnull=False))
    seats = dict(ended.order_by().values_list("state").annotate(paid_seats=paid))
    total = sum(seats.values())
    return _bounded(100 * seats.get(OfferGroup.State.FULL, 0) / total) if total else FILLED


def _bounded(share: float) -> float:
    return round(min(max(share, LEAST), MOST), 1)
