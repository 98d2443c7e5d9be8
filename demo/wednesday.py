"""The demo's weekly members' day: it has gone on for seven weeks, and most come on a Wednesday."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from numpy.random import Generator

from campaigns import by_the_clock, playing, task_codes
from campaigns.models import Campaign
from campaigns.refusals import Refused
from demo import crowds, from_files, shop
from demo.rank_giving import close_boards
from members.models import Member
from rewards.drawing import SCALE

SLUG = "wednesday"
WEEKS, TO_COME = 7, 20
WEDNESDAY = 2
SHARE, MOST = 0.08, 60
CODES = 60


def make_wednesday(
    people: list[shop.Shopper], language: str, *, by: User, now: datetime, chance: Generator
) -> Campaign:
    """Publish it seven weeks ago, from a Monday on; let members come; close the boards of weeks that are over."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    opens_at = midnight - timedelta(days=midnight.weekday(), weeks=WEEKS)
    closes_at = opens_at + timedelta(weeks=WEEKS + TO_COME)
    window = {"opens_at": opens_at, "closes_at": closes_at}
    campaign = from_files.publish(SLUG, language, **window, by=by, now=opens_at - timedelta(days=3))
    task_codes.generate(campaign, "receipt", CODES, by=by, now=opens_at)
    by_the_clock.follow_the_clock(now=opens_at + timedelta(minutes=1))
    _let_members_come(people, since=opens_at, until=now, chance=chance)
    close_boards(SLUG, now=now)
    campaign.refresh_from_db()
    return campaign


def _busy(day: date) -> float:
    return 8.0 if day.weekday() == WEDNESDAY else 1.0


def _let_members_come(people: list[shop.Shopper], *, since: datetime, until: datetime, chance: Generator) -> None:
    there = [shopper for shopper in people if shopper.joined_at < since and shopper.is_awake(until)]
    count = min(max(10, min(int(len(people) * SHARE), MOST)), len(there))
    picked = chance.choice(len(there), size=count, replace=False).tolist()
    members = {each.uid: each for each in Member.objects.filter(uid__in=[there[place].uid for place in picked])}
    regulars = [members[uid] for uid in sorted(members)]
    moments = crowds.arrivals(2 * count, since=since, until=until, chance=chance, busy=_busy)
    for number, at in enumerate(moments):
        member = regulars[int(chance.integers(len(regulars)))]
        for key in ("hello", "shop"):
            with suppress(Refused):
                playing.submit(member, SLUG, key, {}, now=at)
        with suppress(Refused):
            playing.draw(member.uid, SLUG, request_key=f"demo-{number}", roll=int(chance.integers(SCALE)), now=at)
