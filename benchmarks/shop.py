"""What the benchmarks play with: generated facts, 50 campaigns, one hot pool, an API client."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import connection

from benchmarks.draws_by_orm import HOT_POOL
from campaigns import publishing
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Enrolment, Progress, Task
from campaigns.rehearsal.rehearsing import warnings_of
from members.models import Level, Member
from operations.api_keys import create_api_key
from rewards.models import Gift, Prize, PrizePool
from segmentation import recomputing, tagging
from segmentation.models import Segment, Tag, TagGroup

CAMPAIGNS = 50
# Each fifth is for everyone.
OPEN_CAMPAIGN = "bench-0"
PLAYERS = 500
CHANCES = 100_000
HOT_CAMPAIGN = "hot-draw"


@dataclass(frozen=True, slots=True)
class Client:
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class HotPool:
    campaign: str
    scope: str
    version_id: int
    uids: list[str]
    member_ids: list[int]


def generate_facts(members: int, orders: int) -> None:
    call_command("generate_facts", members=members, orders=orders, seed=1)


def make_client() -> Client:
    _key, plain, _secret = create_api_key("benchmark", ["facts", "eligibility", "play"])
    return Client({"Authorization": f"Api-Key {plain}"})


def make_campaigns(*, now: datetime, chance: random.Random) -> None:
    """Publish 50 campaigns, each with an audience of levels, tags and segments, two tasks, a chain and a pool."""
    tags = _make_tags(now=now, chance=chance)
    segments = _make_segments(now=now)
    pool = make_pool("campaigns-pool", stock=1_000_000)
    levels = list(Level.objects.values_list("slug", flat=True))
    for number in range(CAMPAIGNS):
        audience = {
            "levels": chance.sample(levels, k=min(2, len(levels))),
            "tags_any": chance.sample(tags, k=3),
            "segments_not_in": [chance.choice(segments)],
        }
        _publish_campaign(f"bench-{number}", pool, audience if number % 5 else {}, now=now)


def _make_tags(*, now: datetime, chance: random.Random) -> list[str]:
    members = list(Member.objects.values_list("id", flat=True))
    group = TagGroup.objects.create(slug="interest", name="interest")
    for number in range(10):
        tag = Tag.objects.create(group=group, slug=f"t{number}", name=f"t{number}")
        tagging.set_tag(chance.sample(members, k=len(members) // 10), tag, source="import", now=now)
    return [f"interest.t{number}" for number in range(10)]


def _make_segments(*, now: datetime) -> list[str]:
    slugs = []
    for least in (1, 5, 10, 20):
        rule = {
            "version": 1, "combinator": "and",
            "rules": [{"field": "orders.count", "operator": ">=", "value": least}],
        }  # fmt: skip
        segment = Segment.objects.create(slug=f"orders-{least}", name=f"orders-{least}", rule=rule)
        recomputing.recompute(segment, now=now)
        slugs.append(segment.slug)
    return slugs


def make_pool(slug: str, *, stock: int | None) -> PrizePool:
    """Make a pool in which three of ten rolls win points, with a stock of so many."""
    points, _ = Gift.objects.get_or_create(
        slug="bench-points", defaults={"name": "points", "kind": "points", "amount": 5}
    )
    thanks, _ = Gift.objects.get_or_create(slug="bench-thanks", defaults={"name": "thanks", "kind": "thanks"})
    pool = PrizePool.objects.create(slug=slug, name=slug)
    Prize.objects.create(pool=pool, key="points", gift=points, odds=300_000, stock=stock)
    Prize.objects.create(pool=pool, key="thanks", gift=thanks, odds=700_000, consolation=True)
    return pool


def _publish_campaign(slug: str, pool: PrizePool, audience: dict[str, object], *, now: datetime) -> None:
    campaign = Campaign.objects.create(
        slug=slug, name=slug, organiser="bench", audience=audience,
        opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=30),
    )  # fmt: skip
    quiz = {"questions": [{"text": "?", "choices": ["a", "b"], "answer": 0}], "pass": 1}
    tasks = [
        Task.objects.create(
            campaign=campaign, key=key, title=key, kind=kind, config=config, points=5, position=position, audience=meant
        )
        for position, (key, kind, config, meant) in enumerate(
            [
                ("checkin", "checkin", {}, {}),
                ("quiz", "quiz", quiz, {}),
                ("start", "checkin", {}, {}),
                ("buy", "purchase", {"orders": 1}, {}),
                *(
                    (f"{kind}-{least}", kind, config, {"score_from": least} | audience)
                    for least, (kind, config) in enumerate(
                        [("checkin", {}), ("quiz", quiz), ("purchase", {"units": 2})] * 2, start=1
                    )
                ),
            ]
        )
    ]
    chain = Chain.objects.create(campaign=campaign, key="chain", title="chain", chances=1)
    for step, task in enumerate(tasks[2:4], start=1):
        ChainStep.objects.create(chain=chain, number=step, task=task)
    CampaignPool.objects.create(campaign=campaign, pool=pool)
    publishing.publish(campaign, by=None, now=now, acknowledged=warnings_of(campaign, now=now))


def enrol_some(*, now: datetime) -> None:
    """Have every fifth member take part in the campaign that is open to everyone, with one task begun."""
    campaign = Campaign.objects.get(slug=OPEN_CAMPAIGN)
    members = list(Member.objects.values_list("id", flat=True))[::5]
    enrolled = Enrolment.objects.bulk_create(
        Enrolment(campaign=campaign, member_id=member, joined_at=now, score=number % 7)
        for number, member in enumerate(members)
    )
    Progress.objects.bulk_create(
        Progress(enrolment=each, task_key="checkin", period="once", updated_at=now) for each in enrolled
    )


def make_hot_pool(*, now: datetime) -> HotPool:
    """Publish a campaign with one pool whose stock every draw competes for, and grant chances to its players."""
    pool = make_pool(HOT_POOL, stock=50_000_000)
    _publish_campaign(HOT_CAMPAIGN, pool, {}, now=now)
    pool.refresh_from_db()
    players = list(Member.objects.order_by("id").values_list("id", "uid")[:PLAYERS])
    scope = f"campaign:{HOT_CAMPAIGN}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rewards_chances (member_id, scope, granted, used) SELECT unnest(%s::bigint[]), %s, %s, 0",
            [[member_id for member_id, _ in players], scope, CHANCES],
        )
    version_id = pool.current_id
    if version_id is None:
        raise RuntimeError("publishing the campaign did not publish its pool")
    return HotPool(HOT_CAMPAIGN, scope, version_id, [uid for _, uid in players], [pk for pk, _ in players])


def some_uids(count: int = 2_000) -> list[str]:
    return list(Member.objects.order_by("?").values_list("uid", flat=True)[:count])
