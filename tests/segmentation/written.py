"""The invented people (`tests.segmentation.people`) as rows of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from campaigns.models import Campaign, ChainProgress, Completion, Enrolment, Revision
from members import metrics
from members.attribute_values import COLUMN_OF
from members.event_rows import EventRow
from members.ingest_events import write_history
from members.models import Attribute, AttributeValue, Level, Member, Order, OrderItem
from rewards import ledger
from rewards.models import Award, Draw, Gift, PoolVersion, PrizePool, Unit
from segmentation import member_sets
from segmentation.models import MemberTag, RfmModel, RfmSet, RfmVersion, Segment, Tag, TagGroup

if TYPE_CHECKING:
    from tests.segmentation.people import Clock, Person


def write(people: Sequence[Person], clock: Clock) -> None:
    """Write the people, what is known of them, the totals kept of it, and the names that rules may use."""
    levels = {
        slug: Level.objects.create(slug=slug, name=slug, rank=n, kind="paid")
        for n, slug in enumerate(["new", "growth", "paid"])
    }
    declare_attributes()
    Member.objects.bulk_create(
        Member(
            id=each.id,
            level=levels.get(each.level),
            erased_at=clock.now if each.erased else None,
            **each.profile,
        )
        for each in people
    )
    _write_attributes(people)
    _write_orders(people)
    metrics.rebuild()
    _write_events(people)
    _write_tags(people, clock)
    _write_sets(people, clock)
    _write_entries(people)
    _write_participation(people, clock)


def _write_attributes(people: Sequence[Person]) -> None:
    attributes = {attribute.slug: attribute for attribute in Attribute.objects.all()}
    AttributeValue.objects.bulk_create(
        AttributeValue(member_id=each.id, attribute=attributes[slug], **{COLUMN_OF[attributes[slug].kind]: value})
        for each in people
        for slug, value in each.attributes.items()
    )


def declare_attributes() -> None:
    """Declare the attributes that rules may ask for."""
    for slug, kind, choices in [
        ("city", "text", []),
        ("visits", "number", []),
        ("married", "boolean", []),
        ("since", "date", []),
        ("size", "choice", ["s", "m", "l"]),
    ]:
        Attribute.objects.create(slug=slug, label=slug, kind=kind, choices=choices)


def _write_orders(people: Sequence[Person]) -> None:
    for each in people:
        for number, bought in enumerate(each.orders):
            order = Order.objects.create(
                member_id=each.id,
                order_id=f"{each.id}-{number}",
                paid_at=bought.paid_at,
                amount=bought.amount,
                refunded_amount=bought.refunded,
                currency="CNY",
                quantity=bought.quantity,
                refunded_quantity=bought.refunded_quantity,
                channel=bought.channel,
                payment_method=bought.payment_method,
                status=bought.status,
            )
            OrderItem.objects.bulk_create(
                OrderItem(order=order, line=line, **item._asdict()) for line, item in enumerate(bought.items)
            )


def _write_tags(people: Sequence[Person], clock: Clock) -> None:
    group = TagGroup.objects.create(slug="power", name="Power")
    tags = {slug: Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high", "vip")}
    MemberTag.objects.bulk_create(
        MemberTag(member_id=each.id, tag=tags[slug], set_at=clock.now, expires_at=expires_at)
        for each in people
        for slug, expires_at in each.tags.items()
    )


def _write_sets(people: Sequence[Person], clock: Clock) -> None:
    for slug in ("a", "b"):
        members = member_sets.store(member_sets.BitMap(each.id for each in people if slug in each.segments))
        Segment.objects.create(slug=slug, name=slug, rule={}, members=members)
    model = RfmModel.objects.get(slug="default")
    version = RfmVersion.objects.create(
        model=model, at=clock.today, computed_at=clock.now, size=0, scale={}, summary={}
    )
    for dimension, values in (("r", range(1, 6)), ("class", ("important_value", "general_keep"))):
        for value in values:
            members = member_sets.BitMap(each.id for each in people if each.rfm.get(dimension) == value)
            RfmSet.objects.create(
                version=version, dimension=dimension, value=str(value), members=member_sets.store(members)
            )
    model.current = version
    model.save()


def _write_events(people: Sequence[Person]) -> None:
    rows = [
        EventRow(
            f"{each.id}-{number}",
            str(each.id),
            event.type,
            event.occurred_at.astimezone(UTC),
            event.item,
            event.category,
            event.keyword,
        )
        for each in people
        for number, event in enumerate(each.events)
    ]
    write_history(rows, members={str(each.id): each.id for each in people})


def _write_entries(people: Sequence[Person]) -> None:
    Unit.objects.create(slug="energy", name="energy")
    for each in people:
        for number, (at, unit, amount, reversed_at) in enumerate(each.entries):
            key = f"{each.id}:{number}"
            entry = ledger.post_entry(each.id, unit, amount=amount, key=key, reason="invented", now=at)
            if reversed_at is not None:
                ledger.reverse_entry(entry.pk, key=f"{key}:back", reason="invented", now=reversed_at)


def _write_participation(people: Sequence[Person], clock: Clock) -> None:
    campaigns = {slug: _campaign(slug, clock) for slug in ("spring", "autumn")}
    for each in people:
        for slug in each.joined:
            enrolment = Enrolment.objects.create(campaign=campaigns[slug], member_id=each.id, joined_at=clock.now)
            Completion.objects.bulk_create(
                Completion(enrolment=enrolment, task_key=task.split(".")[1], period=period, completed_at=clock.now)
                for task in each.finished
                for period in ("2026-01-01", "2026-01-02")
                if task.startswith(slug)
            )
            # Who has not finished the chain has done its first step.
            for step in (1, 2) if f"{slug}.path" in each.chains else (1,):
                ChainProgress.objects.create(
                    enrolment=enrolment, chain_key="path", step=step, previous_step=step - 1 or None, done_at=clock.now
                )
    _write_draws(people, clock)


def _campaign(slug: str, clock: Clock) -> Campaign:
    """Make a campaign whose chain had three steps and now has two."""
    campaign = Campaign.objects.create(
        slug=slug, name=slug, organiser="The shop", opens_at=clock.now, closes_at=clock.now
    )
    for number, steps in enumerate([["sign-in", "quiz", "gone"], ["sign-in", "quiz"]], start=1):
        definition = {
            "tasks": [{"key": "sign-in"}, {"key": "quiz"}],
            "chains": [{"key": "path", "steps": steps}],
        }
        Revision.objects.create(campaign=campaign, number=number, definition=definition, published_at=clock.now)
    return campaign


def _write_draws(people: Sequence[Person], clock: Clock) -> None:
    pool = PrizePool.objects.create(slug="wheel", name="Wheel")
    version = PoolVersion.objects.create(pool=pool, number=1, published_at=clock.now)
    thanks = Gift.objects.create(slug="thanks", name="Thanks", kind=Gift.Kind.THANKS)
    coupon = Gift.objects.create(slug="coupon", name="Coupon", kind=Gift.Kind.SHARED_COUPON, shared_code="SHARED")
    for each in people:
        for number, (drawn_at, slug, won) in enumerate(each.draws):
            key = f"{each.id}:{number}"
            award = Award.objects.create(
                member_id=each.id, gift=coupon if won else thanks, key=key, source="invented", granted_at=drawn_at
            )
            Draw.objects.create(
                member_id=each.id,
                scope=f"campaign:{slug}",
                version=version,
                request_key=key,
                roll=0,
                rolled="one",
                prize="one",
                award=award,
                drawn_at=drawn_at,
            )
