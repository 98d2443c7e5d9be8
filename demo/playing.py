"""Members who already play the demo's campaign, so that its figures say something."""

from contextlib import suppress
from datetime import datetime, timedelta

from numpy.random import Generator

from campaigns import playing
from campaigns.models import Campaign
from campaigns.refusals import Refused
from demo import shop
from demo.campaign import PURCHASES
from members.models import Member
from rewards.drawing import SCALE

SHARE = 0.12
ANSWERS = {"answers": [1, 0]}


def let_members_play(campaign: Campaign, people: list[shop.Shopper], *, now: datetime, chance: Generator) -> None:
    """Let some members check in, answer and draw as far as their own orders take them, at times since the opening."""
    count = int(len(people) * SHARE)
    for index in sorted(chance.choice(len(people), size=count, replace=False)):
        at = now - timedelta(seconds=float(chance.uniform(60, (now - campaign.opens_at).total_seconds() - 60)))
        _play(campaign.slug, people[index], at, chance)


def _play(slug: str, shopper: shop.Shopper, at: datetime, chance: Generator) -> None:
    member = Member.objects.get(uid=shopper.uid)
    level = shopper.habit.level
    steps = [("daily", {}), (f"start-{level}", {}), (f"quiz-{level}", ANSWERS), (PURCHASES[level][0], {})]
    stopping_after = int(chance.choice([1, 2, 3, 4], p=[0.2, 0.2, 0.2, 0.4]))
    for key, payload in steps[:stopping_after]:
        # A purchase may be done at once, by orders since the opening.
        with suppress(Refused):
            playing.submit(member, slug, key, payload, now=at)
    if stopping_after == len(steps):
        _draw_all(member, slug, at, chance)


def _draw_all(member: Member, slug: str, at: datetime, chance: Generator) -> None:
    for number in range(3):
        try:
            playing.draw(member, slug, request_key=f"demo-{number}", roll=int(chance.integers(SCALE)), now=at)
        except Refused:
            return
