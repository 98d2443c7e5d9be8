"""One member checks in and makes days up many times at once: each day once, and no more than is paid for."""

from collections import Counter

import pytest

from campaigns import making_up, playing
from campaigns.models import Completion, MadeUpDay
from campaigns.refusals import Refusal, Refused
from rewards import ledger
from rewards.ledger import balances
from tests.campaigns.scenes import DAY, NOW, make_member, publish, task
from tests.races.together import at_once
from tests.rewards.build import books_are_right

pytestmark = pytest.mark.django_db(transaction=True)
STREAKS = [{"days": 2, "reward": {"points": 100}}]


def checked_in(*, per_month, price, points):
    """A member who checked in on the 11th and has so many points on the 20th."""
    make_up = {"days_back": 9, "per_month": per_month, "unit": "points", "price": price}
    config = {"make_up": make_up, "streaks": STREAKS}
    publish(tasks=[task("check-in", period="daily", config=config, reward={"score": 1})])
    ann = make_member()
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    ledger.post_entry(ann.pk, "points", amount=points, key="gift", reason="gift", now=NOW)
    return ann


def make_up(ann, day, now):
    return making_up.make_up(ann, "autumn", "check-in", {"day": f"2026-11-{day:02}"}, now=now)


def outcomes(results):
    return Counter(each.refusal.value if isinstance(each, Refused) else type(each).__name__ for each in results)


def test_twenty_check_ins_of_a_day_are_one():
    ann = checked_in(per_month=1, price=5, points=1)

    results = at_once(20, lambda _: playing.submit(ann, "autumn", "check-in", {}, now=NOW + DAY))

    assert outcomes(results) == {"TaskMoved": 1, Refusal.DONE.value: 19}
    assert balances(ann.pk)["points"] == 101
    assert Completion.objects.count() == 2
    assert books_are_right()


def test_twenty_times_one_day_is_made_up_and_paid_once():
    ann = checked_in(per_month=20, price=5, points=100)

    results = at_once(20, lambda _: make_up(ann, 12, NOW + 9 * DAY))

    assert outcomes(results) == {"TaskMoved": 1, Refusal.DONE.value: 19}
    assert balances(ann.pk)["points"] == 100 - 5 + 100
    assert MadeUpDay.objects.count() == 1
    assert books_are_right()


def test_the_last_points_make_up_one_of_four_days():
    ann = checked_in(per_month=20, price=5, points=9)

    # No two next to each other, nor to the 11th: a bonus would pay for others.
    results = at_once(4, lambda number: make_up(ann, 13 + 2 * number, NOW + 9 * DAY))

    assert outcomes(results) == {"TaskMoved": 1, making_up.CANNOT_PAY.value: 3}
    assert balances(ann.pk)["points"] == 4
    assert MadeUpDay.objects.count() == 1
    assert books_are_right()


def test_a_month_allows_two_of_four_days_at_once():
    ann = checked_in(per_month=2, price=1, points=100)

    results = at_once(4, lambda number: make_up(ann, 13 + 2 * number, NOW + 9 * DAY))

    assert outcomes(results)["TaskMoved"] == 2
    assert sorted(MadeUpDay.objects.values_list("number", flat=True)) == [1, 2]
    assert balances(ann.pk)["points"] == 98
    assert books_are_right()


def test_two_joined_rows_reach_their_bonus_once_however_the_days_come():
    """The 12th and the 13th at once: whichever is second reaches nothing that the first has had."""
    ann = checked_in(per_month=9, price=1, points=100)

    results = at_once(2, lambda number: make_up(ann, 12 + number, NOW + 9 * DAY))

    assert outcomes(results) == {"TaskMoved": 2}
    assert balances(ann.pk)["points"] == 100 - 2 + 100
    assert books_are_right()
