"""Members who already play the demo's campaign, so that its figures say something."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from numpy.random import Generator

from campaigns import playing
from campaigns.models import Campaign
from campaigns.refusals import Refused
from demo import crowds, shop
from demo.campaign import EXAM_ANSWERS, PURCHASES
from demo.people import bring_in
from members.models import Member
from rewards.drawing import SCALE

SHARE, MOST_VISITS = 0.12, 180
# From so many visits on, no hour of today and yesterday is without one.
FULL_HOURS = 150
ANSWERS = {"answers": [1, 0]}
MOST_DRAWS = 6
# Of those who come by, so many sit the exam, and so many buy a draw if they have the points.
SITS_EXAM, BUYS_DRAW = 0.5, 0.4
KNOWS_ANSWER = 0.75
# What finishes the last step of any chain: one order, three units, milk for more than 60.
BASKET = ("MILK-12", "milk", 3, Decimal("209.70"))


@dataclass(frozen=True, slots=True)
class Visit:
    shopper: shop.Shopper
    at: datetime
    steps: int


def let_members_play(campaign: Campaign, people: list[shop.Shopper], *, now: datetime, chance: Generator) -> None:
    """Let some members check in, answer, buy and draw, each up to a step of their own, at times since the opening."""
    visits = list(_visits(campaign, people, now=now, chance=chance))
    buyers = [visit for visit in visits if visit.steps == len(_steps(visit.shopper.habit.level))]
    bring_in("orders", (_order(number, visit) for number, visit in enumerate(buyers)), now)
    bring_in("order_items", (_item(number) for number in range(len(buyers))), now)
    for visit in visits:
        _play(campaign.slug, visit, chance)


def visits_of(members: int) -> int:
    """How many of so many members come by."""
    return min(int(members * SHARE), MOST_VISITS)


def _visits(campaign: Campaign, people: list[shop.Shopper], *, now: datetime, chance: Generator) -> Iterator[Visit]:
    """Yield who comes and when, in the order of time; in a large enough shop somebody in every hour since yesterday."""
    awake = [shopper for shopper in people if shopper.is_awake(now)]
    count = min(visits_of(len(people)), len(awake))
    since = campaign.opens_at + timedelta(minutes=1)
    yesterday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    sure = crowds.one_an_hour(since=yesterday, until=now, chance=chance) if count >= FULL_HOURS else []
    times = crowds.arrivals(count - len(sure), since=since, until=now, chance=chance)
    picked = chance.choice(len(awake), size=count, replace=False).tolist()
    for place, at in zip(picked, sorted([*sure, *times]), strict=True):
        steps = int(chance.choice([1, 2, 3, 4], p=[0.2, 0.2, 0.2, 0.4]))
        shopper = awake[place]
        if shopper.joined_at < at:
            yield Visit(shopper, at, steps)


def _steps(level: str) -> list[tuple[str, dict[str, list[int]]]]:
    return [("daily", {}), (f"start-{level}", {}), (f"quiz-{level}", ANSWERS), (PURCHASES[level][0], {})]


def _order(number: int, visit: Visit) -> dict[str, str]:
    _sku, _category, quantity, amount = BASKET
    return {
        "order_id": f"QMD{number:05d}", "uid": visit.shopper.uid, "paid_at": visit.at.isoformat(),
        "amount": str(amount), "currency": "CNY", "quantity": str(quantity), "channel": "mini_program",
        "payment_method": "wechat", "status": "paid",
    }  # fmt: skip


def _item(number: int) -> dict[str, str]:
    sku, category, quantity, amount = BASKET
    return {
        "order_id": f"QMD{number:05d}", "line": "1", "sku": sku, "category": category,
        "quantity": str(quantity), "amount": str(amount),
    }  # fmt: skip


def _play(slug: str, visit: Visit, chance: Generator) -> None:
    member = Member.objects.get(uid=visit.shopper.uid)
    steps = [*_steps(visit.shopper.habit.level)[: visit.steps], ("scratch", {})]
    if chance.random() < SITS_EXAM:
        steps.append(("exam", {"answers": _exam_answers(chance)}))
    for key, payload in steps:
        # A purchase may be done at once, by orders since the opening.
        with suppress(Refused):
            playing.submit(member, slug, key, payload, now=visit.at)
    _draw_all(member, slug, visit.at, chance)


def _exam_answers(chance: Generator) -> list[int]:
    return [right if chance.random() < KNOWS_ANSWER else 0 for right in EXAM_ANSWERS]


def _draw_all(member: Member, slug: str, at: datetime, chance: Generator) -> None:
    """Use up the member's chances; then some buy one more draw."""
    with suppress(Refused):
        for number in range(MOST_DRAWS):
            playing.draw(member.uid, slug, request_key=f"demo-{number}", roll=int(chance.integers(SCALE)), now=at)
    if chance.random() < BUYS_DRAW:
        with suppress(Refused):
            roll = int(chance.integers(SCALE))
            playing.draw(member.uid, slug, request_key="demo-bought", roll=roll, now=at, pay=True)
