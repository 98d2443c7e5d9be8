"""People and campaigns that tests of this room share."""

from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns import campaign_files, publishing
from campaigns.definition import as_json
from campaigns.drafts import Draft
from campaigns.models import Campaign, Revision
from campaigns.proposed import definition_proposed
from members.models import Level, Member
from rewards.codes import add_codes
from rewards.models import Gift

OPENS = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 11, 4, tzinfo=UTC)
CLOSES = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)

QUIZ = {
    "questions": [
        {"text": "Which is fresh?", "choices": ["this", "that"], "answer": 1},
        {"text": "Which is new?", "choices": ["one", "two", "three"], "answer": 2},
    ],
    "pass": 2,
}
RIGHT = {"answers": [1, 2]}
WRONG = {"answers": [0, 2]}


def task(key: str, kind: str = "checkin", **changes: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"quiz": QUIZ, "purchase": {"orders": 1}}.get(kind, {})
    return {
        "key": key,
        "title": f"Task {key}",
        "guide": "",
        "kind": kind,
        "config": config,
        "period": "once",
        "claim_mode": "automatic",
        "audience": {},
        "reward": {"points": 10},
    } | changes


def chain(key: str, *steps: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "title": f"Chain {key}",
        "audience": {},
        "reward": {"chances": 1},
        "steps": list(steps),
    } | changes


def pool(slug: str, **changes: Any) -> dict[str, Any]:
    """A pool in which every second roll wins points."""
    prizes = [
        {"key": "win", "gift": "hundred-points", "odds": 500_000, "stock": None, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 500_000, "stock": None, "consolation": True},
    ]
    return {"slug": slug, "name": f"Pool {slug}", "audience": {}, "prizes": prizes} | changes


def campaign_file(slug: str = "autumn", **changes: Any) -> dict[str, Any]:
    """A campaign with a check-in and a pool, as a file."""
    return {
        "version": 1,
        "slug": slug,
        "name": f"Campaign {slug}",
        "opens_at": OPENS.isoformat(),
        "closes_at": CLOSES.isoformat(),
        "tagline": "",
        "rules": "",
        "organiser": "The shop",
        "colour": "#d4380d",
        "audience": {},
        "tasks": [task("check-in")],
        "chains": [],
        "pools": [pool("everyone")],
    } | changes


def make_gifts() -> None:
    Gift.objects.get_or_create(slug="hundred-points", name="100 points", kind="points", amount=100)
    Gift.objects.get_or_create(slug="thanks", name="Thanks", kind="thanks")


def make_coupon(*codes: str) -> Gift:
    gift, _ = Gift.objects.get_or_create(slug="coupon", name="A coupon", kind="coupon")
    add_codes(gift.pk, codes)
    return gift


def draft(**changes: Any) -> Campaign:
    make_gifts()
    return campaign_files.load(campaign_file(**changes), by=None, now=OPENS)


def publish(**changes: Any) -> Campaign:
    campaign = draft(**changes)
    publish_draft(campaign, now=max(OPENS, campaign.opens_at))
    campaign.refresh_from_db()
    return campaign


class Whatever(frozenset[str]):
    """The keys of all warnings there can be: a draft need not be rehearsed twice to know them."""

    def __contains__(self, key: object) -> bool:
        return True


def publish_draft(campaign: Campaign, *, by: Any = None, now: datetime, **options: Any) -> Revision:
    """Publish a draft, and take note of whatever its rehearsal warns of."""
    return publishing.publish(campaign, by=by, now=now, acknowledged=Whatever(), **options)


def make_campaign(state: str, **fields: Any) -> Campaign:
    """A campaign of which only the row matters, in this state."""
    campaign = Campaign.objects.create(organiser="Shop", **fields)
    if state != "draft":
        definition = as_json(definition_proposed(Draft(campaign)))
        published = Revision.objects.create(campaign=campaign, number=1, definition=definition, published_at=OPENS)
        for each in {"live": ["live"], "paused": ["live", "paused"], "ended": ["live", "ended"]}[state]:
            Campaign.objects.filter(pk=campaign.pk).update(state=each, current=published)
        campaign.refresh_from_db()
    return campaign


def make_level(slug: str, rank: int = 1) -> Level:
    level, _ = Level.objects.get_or_create(slug=slug, defaults={"name": slug, "kind": "paid", "rank": rank})
    return level


def make_member(uid: str = "ann", **fields: Any) -> Member:
    return Member.objects.create(uid=uid, **fields)
