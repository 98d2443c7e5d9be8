"""The demo's campaign: each kind of member meets a chain of tasks and a prize pool of their own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from campaigns import publishing
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Task
from campaigns.rehearsal.rehearsing import warnings_of
from demo.pictures import keep_banner
from demo.words import say
from rewards.models import PrizePool

SLUG = "double-twelve"
COLOUR = "#c8321f"
# level → the last step of its chain: key and what to buy
PURCHASES: dict[str, tuple[str, dict[str, Any]]] = {
    "normal": ("buy-first", {"orders": 1}),
    "growth": ("buy-milk", {"amount": "60", "categories": ["milk"]}),
    "paid": ("buy-plus", {"units": 3}),
}
# Tried in this order: level and tag together come before the level alone.
POOLS: dict[str, dict[str, list[str]]] = {
    "black-gold": {"levels": ["paid"], "tags_any": ["spending-power.high"]},
    "plus": {"levels": ["paid"]},
    "growth": {"levels": ["growth"]},
    "everyone": {},
}
# Drawn from only by whom a task or the result of a quiz has sent there.
NAMED_POOLS = ("exam-high", "exam-low", "scratch")
EXAM_POOLS = [{"from": 80, "pool": "exam-high"}, {"from": 50, "below": 80, "pool": "exam-low"}]
OPEN_FOR_DAYS = 6
EXAM_ANSWERS = (1, 0, 2, 1)
CHANCES = {"normal": 1, "growth": 1, "paid": 2}


def make_campaign(language: str, *, by: Any, now: datetime) -> Campaign:
    """Build the draft and publish it; it opened six days ago and goes on for four weeks."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    campaign = Campaign.objects.create(
        slug=SLUG,
        colour=COLOUR,
        banner=keep_banner(SLUG, now=now),
        opens_at=midnight - timedelta(days=OPEN_FOR_DAYS),
        closes_at=midnight + timedelta(days=28),
        **{field: say(f"campaign.{field}", language) for field in ("name", "tagline", "organiser", "rules")},
    )
    _make_daily_checkin(campaign, language)
    _make_tasks_that_name_pools(campaign, language)
    for position, level in enumerate(PURCHASES, start=1):
        _make_chain(campaign, level, position, language)
    for position, (slug, audience) in enumerate(POOLS.items(), start=1):
        pool = PrizePool.objects.get(slug=slug)
        CampaignPool.objects.create(campaign=campaign, pool=pool, audience=audience, position=position)
    for position, slug in enumerate(NAMED_POOLS, start=len(POOLS) + 1):
        pool = PrizePool.objects.get(slug=slug)
        CampaignPool.objects.create(campaign=campaign, pool=pool, named_only=True, position=position)
    publishing.publish(campaign, by=by, now=now, acknowledged=warnings_of(campaign, now=now))
    return campaign


def _make_daily_checkin(campaign: Campaign, language: str) -> None:
    reward = {"points": 5, "score": 5}
    _make_task(campaign, "daily", "checkin", {}, period=Task.Period.DAILY, **_words("daily", language), **reward)


def _make_tasks_that_name_pools(campaign: Campaign, language: str) -> None:
    """Make a daily scratch card with a pool of its own, and a quiz whose result names the pool."""
    pool = PrizePool.objects.get(slug="scratch")
    daily = {"period": Task.Period.DAILY, "pool": pool, "chances": 1}
    _make_task(campaign, "scratch", "checkin", {}, **_words("scratch", language), **daily)
    exam = _quiz(language, answers=EXAM_ANSWERS, needed=2) | {"pools": EXAM_POOLS}
    _make_task(campaign, "exam", "quiz", exam, **_words("exam", language), points=10, chances=1)


def _make_chain(campaign: Campaign, level: str, position: int, language: str) -> None:
    """Make check-in → quiz → purchase for the members of a level; the whole chain earns their draws."""
    purchase, config = PURCHASES[level]
    audience = {"levels": [level]}
    chain = Chain.objects.create(
        campaign=campaign, key=f"chain-{level}", title=say("chain.title", language), audience=audience,
        chances=CHANCES[level], position=position,
    )  # fmt: skip
    for number, (key, words, kind, needs, reward) in enumerate(
        [
            (f"start-{level}", "start", "checkin", {}, {"points": 10, "score": 10}),
            (f"quiz-{level}", "quiz", "quiz", _quiz(language), {"points": 20, "score": 20}),
            (purchase, purchase, "purchase", config, {"growth": 50, "score": 50}),
        ],
        start=1,
    ):
        task = _make_task(campaign, key, kind, needs, audience=audience, **_words(words, language), **reward)
        ChainStep.objects.create(chain=chain, number=number, task=task)


def _make_task(campaign: Campaign, key: str, kind: str, config: dict[str, Any], **fields: Any) -> Task:
    position = campaign.tasks.count() + 1
    return Task.objects.create(campaign=campaign, key=key, kind=kind, config=config, position=position, **fields)


def _words(task: str, language: str) -> dict[str, str]:
    return {field: say(f"task.{task}.{field}", language) for field in ("title", "guide")}


def _quiz(language: str, *, answers: Sequence[int] = (1, 0), needed: int = 2) -> dict[str, Any]:
    def question(number: int, answer: int) -> dict[str, Any]:
        choices = [say(f"quiz.{number}.{letter}", language) for letter in "abc"]
        return {"text": say(f"quiz.{number}", language), "choices": choices, "answer": answer}

    return {"questions": [question(number, each) for number, each in enumerate(answers, 1)], "pass": needed}
