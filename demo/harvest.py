"""The demo's finished campaign: played for three weeks, closed by the clock, its board's prizes given and sent."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from numpy.random import Generator

from campaigns import by_the_clock, playing, rank_prizes
from campaigns.models import Campaign
from campaigns.refusals import Refused
from demo import crowds, from_files, shop
from demo.rank_giving import close_boards
from members.models import Member
from rewards.drawing import SCALE

SLUG = "harvest"
OPENED, CLOSED = timedelta(days=31), timedelta(days=10)
SHARE, MOST = 0.1, 60
# The share that knows the answer of the quiz, and on how many days people come by.
KNOWS, MOST_DAYS, MOST_DRAWS = 0.8, 4, 3


def make_harvest(people: list[shop.Shopper], language: str, *, by: User, now: datetime, chance: Generator) -> Campaign:
    """Publish it a month ago, let members play, and close it ten days ago."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    opens_at, closes_at = midnight - OPENED, midnight - CLOSED
    window = {"opens_at": opens_at, "closes_at": closes_at}
    campaign = from_files.publish(SLUG, language, **window, by=by, now=opens_at - timedelta(days=2))
    by_the_clock.follow_the_clock(now=opens_at + timedelta(minutes=1))
    _let_members_play(people, since=opens_at, until=closes_at, chance=chance)
    by_the_clock.follow_the_clock(now=closes_at + timedelta(minutes=1))
    close_boards(SLUG, now=closes_at + 2 * rank_prizes.GRACE)
    campaign.refresh_from_db()
    return campaign


def _let_members_play(people: list[shop.Shopper], *, since: datetime, until: datetime, chance: Generator) -> None:
    there = [shopper for shopper in people if shopper.joined_at < since]
    count = max(12, min(int(len(people) * SHARE), MOST, len(there)))
    picked = chance.choice(len(there), size=min(count, len(there)), replace=False).tolist()
    players = list(Member.objects.filter(uid__in=[there[place].uid for place in picked]).order_by("pk"))
    visits: list[tuple[datetime, int]] = []
    for number in range(len(players)):
        days = int(chance.integers(1, MOST_DAYS + 1))
        visits += [(at, number) for at in crowds.arrivals(days, since=since, until=until, chance=chance)]
    seen: set[int] = set()
    for at, number in sorted(visits):
        _come(players[number], at, again=number in seen, chance=chance)
        seen.add(number)


def _come(member: Member, at: datetime, *, again: bool, chance: Generator) -> None:
    moves: list[tuple[str, dict[str, Any]]] = [("gather", {})]
    if not again:
        moves += [("quiz", {"answers": [0, 0 if chance.random() < KNOWS else 1]}), ("spread", {}), ("basket", {})]
    for key, payload in moves:
        with suppress(Refused):
            playing.submit(member, SLUG, key, payload, now=at)
    with suppress(Refused):
        for number in range(MOST_DRAWS):
            key, roll = f"demo-{at:%d}-{number}", int(chance.integers(SCALE))
            playing.draw(member.uid, SLUG, request_key=key, roll=roll, now=at)
