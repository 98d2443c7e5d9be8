"""Drops of energy: what members do brings them, in its day and so many a day, and what nobody collects withers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from campaigns import energy_rules, published, states
from campaigns.definition import Campaign as Definition
from campaigns.energy_rules import ORDER, Energy, Source
from campaigns.models import Campaign, EnergyDrop, Enrolment
from campaigns.zones import zone_of
from members.models import Activity, Event, Order
from operations import jobs

# Enrolments that one job looks at: they stay locked until it ends.
SLICE = 100

# Behind the enrolment's lock, so that two facts of a day do not both take the last place of it.
PRODUCE = """
    INSERT INTO campaigns_energydrop (enrolment_id, source, key, day, amount, remaining, matures_at, withers_at)
    SELECT %(enrolment)s, %(source)s, %(key)s, %(day)s, %(amount)s, %(amount)s, %(matures_at)s, %(withers_at)s
    WHERE %(per_day)s > (
        SELECT count(*) FROM campaigns_energydrop
        WHERE enrolment_id = %(enrolment)s AND source = %(source)s AND day = %(day)s
    )
    ON CONFLICT (enrolment_id, source, key) DO NOTHING
"""
WITHER = """
    WITH due AS MATERIALIZED (
        SELECT id, remaining FROM campaigns_energydrop WHERE withers_at <= %s AND remaining > 0
        ORDER BY withers_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE campaigns_energydrop lost SET withered = withered + due.remaining, remaining = 0
    FROM due WHERE lost.id = due.id
"""


def produce(  # noqa: PLR0913 a drop is what it records
    definition: Definition,
    energy: Energy,
    enrolment_id: int,
    source: Source,
    *,
    key: str,
    happened_at: datetime,
    now: datetime,
) -> bool:
    """Make the drop that a fact brings, once per key and within its day's number. The enrolment is locked."""
    zone = zone_of(definition)
    values: dict[str, Any] = {
        "enrolment": enrolment_id,
        "source": source.key,
        "key": key,
        "day": happened_at.astimezone(zone).date(),
        "amount": source.amount,
        "per_day": source.per_day,
        "matures_at": energy.ripe_at(happened_at, zone),
        "withers_at": energy.withers_at(happened_at, zone, now=now),
    }
    with connection.cursor() as cursor:
        cursor.execute(PRODUCE, values)
        return cursor.rowcount == 1


def wither(*, now: datetime, limit: int) -> int:
    """Let at most `limit` drops wither whose time is over; return how many. None that is being collected now."""
    with connection.cursor() as cursor:
        cursor.execute(WITHER, [now, limit])
        return cursor.rowcount


def event_types_wanted() -> set[str]:
    """The types of behaviour events that bring energy in a campaign that runs."""
    return {kind for _campaign, _definition, energy in _running() for kind in energy.event_types}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that may bring energy: `source` is the key of the source, `net` what is left of an order, else None."""

    member_id: int
    source: str
    key: str
    happened_at: datetime
    net: Decimal | None = None


def follow_events(event_keys: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Let these events (id, time in ISO 8601) bring what they bring: a few at once, more by jobs of their own."""
    if len(event_keys) <= SLICE:
        _follow(lambda: _events(event_keys), now=now)
        return
    with transaction.atomic():
        for start in range(0, len(event_keys), SLICE):
            few = list(event_keys[start : start + SLICE])
            first, at = few[0]
            jobs.enqueue("campaigns.jobs.energy_of_events", key=f"energy:{at}:{first}", arguments={"event_ids": few})


def follow_orders(activity_ids: Sequence[int], *, now: datetime) -> None:
    """Let the orders of these activities bring what they bring; what of a refunded one is still there withers."""
    if len(activity_ids) <= SLICE:
        _follow(lambda: _orders(activity_ids), now=now)
        return
    with transaction.atomic():
        for start in range(0, len(activity_ids), SLICE):
            few = list(activity_ids[start : start + SLICE])
            jobs.enqueue("campaigns.jobs.energy_of_orders", key=f"energy:{few[0]}", arguments={"activity_ids": few})


def _events(event_keys: Sequence[tuple[str, str]]) -> list[Fact]:
    """The events in the order in which they happened."""
    keys = [(event_id, datetime.fromisoformat(at)) for event_id, at in event_keys]
    events = Event.objects.filter(pk__in=keys).order_by("occurred_at", "event_id")
    return [Fact(each.member_id, f"event:{each.type}", f"event:{each.event_id}", each.occurred_at) for each in events]


def _orders(activity_ids: Sequence[int]) -> list[Fact]:
    """The orders as they are now, in the order in which they were paid."""
    told = Activity.objects.filter(pk__in=activity_ids).values_list("data__order", flat=True)
    orders = Order.objects.filter(pk__in={order_pk for order_pk in told if order_pk}).order_by("paid_at", "pk")
    return [Fact(each.member_id, ORDER, f"order:{each.order_id}", each.paid_at, _net(each)) for each in orders]


def _net(order: Order) -> Decimal:
    """What counts of an order: nothing of one in another currency than the site's."""
    if order.status != Order.Status.PAID or order.currency != settings.CURRENCY:
        return Decimal(0)
    return order.amount - order.refunded_amount


def _follow(read: Callable[[], list[Fact]], *, now: datetime) -> None:
    """Let facts bring what they bring, campaign by campaign. They are read again behind the locks of the enrolments:
    of an order that was refunded while they were waited for nothing comes.
    """
    facts = read()
    for campaign, definition, energy in _running():
        members = {fact.member_id for fact in facts if fact.source in energy.sources}
        if not members:
            continue
        with transaction.atomic():
            those = Enrolment.objects.filter(campaign=campaign, member__in=members, member__erased_at=None)
            locked = list(those.order_by("id").select_for_update(of=("self",)))
            by_member = {enrolment.member_id: enrolment for enrolment in locked}
            for fact in read() if locked else ():
                if fact.source in energy.sources and (enrolment := by_member.get(fact.member_id)):
                    _bring(definition, energy, enrolment, fact, now=now)


def _bring(definition: Definition, energy: Energy, enrolment: Enrolment, fact: Fact, *, now: datetime) -> None:
    """What happened before the member came, or outside of the campaign's time, brings nothing."""
    if not max(definition.opens_at, enrolment.joined_at) <= fact.happened_at < definition.closes_at:
        return
    source = energy.sources[fact.source]
    if fact.net is not None and (fact.net <= 0 or fact.net < source.least):
        taken_back = EnergyDrop.objects.filter(enrolment=enrolment, source=ORDER, key=fact.key, remaining__gt=0)
        taken_back.update(withered=F("withered") + F("remaining"), remaining=0)
        return
    at = fact.happened_at
    produce(definition, energy, enrolment.pk, source, key=fact.key, happened_at=at, now=now)


def _running() -> list[tuple[Campaign, Definition, Energy]]:
    """Every campaign with energy that runs."""
    campaigns = list(Campaign.objects.filter(state__in=states.RUNNING, current__isnull=False).order_by("pk"))
    definitions = published.definitions_of(",".join(f"{each.current_id}:{each.state}" for each in campaigns))
    pairs = zip(campaigns, definitions, strict=True)
    return [(campaign, each, energy) for campaign, each in pairs if (energy := energy_rules.of(each.features))]
