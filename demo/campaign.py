"""The demo's campaign: each kind of member meets a chain of tasks and a prize pool of their own."""

from datetime import datetime, timedelta
from typing import Any

from campaigns import publishing
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Task
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
POOLS = {"plus": {"levels": ["paid"]}, "growth": {"levels": ["growth"]}, "everyone": {}}
CHANCES = {"normal": 1, "growth": 1, "paid": 2}


def make_campaign(language: str, *, by: Any, now: datetime) -> Campaign:
    """Build the draft and publish it; it opened three days ago and goes on for four weeks."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    campaign = Campaign.objects.create(
        slug=SLUG,
        colour=COLOUR,
        opens_at=midnight - timedelta(days=3),
        closes_at=midnight + timedelta(days=28),
        **{field: say(f"campaign.{field}", language) for field in ("name", "tagline", "organiser", "rules")},
    )
    _make_daily_checkin(campaign, language)
    for position, level in enumerate(PURCHASES, start=1):
        _make_chain(campaign, level, position, language)
    for position, (slug, audience) in enumerate(POOLS.items(), start=1):
        pool = PrizePool.objects.get(slug=slug)
        CampaignPool.objects.create(campaign=campaign, pool=pool, audience=audience, position=position)
    publishing.publish(campaign, by=by, now=now)
    return campaign


def _make_daily_checkin(campaign: Campaign, language: str) -> None:
    reward = {"points": 5, "score": 5}
    _make_task(campaign, "daily", "checkin", {}, period=Task.Period.DAILY, **_words("daily", language), **reward)


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


def _quiz(language: str) -> dict[str, Any]:
    def question(number: int, answer: int) -> dict[str, Any]:
        choices = [say(f"quiz.{number}.{letter}", language) for letter in "abc"]
        return {"text": say(f"quiz.{number}", language), "choices": choices, "answer": answer}

    return {"questions": [question(1, 1), question(2, 0)], "pass": 2}
