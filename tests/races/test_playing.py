"""One member's task, claim and draw asked for many times at once: each gives once."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns import following, lapsing, playing
from campaigns.models import ChainProgress, Completion, Enrolment, Progress, TaskQuota
from campaigns.refusals import Refusal, Refused
from members.ingest import ingest_orders
from members.models import Order
from members.rows import OrderRow
from rewards import earning, ledger
from rewards.ledger import balances
from rewards.models import ChanceGrant, Draw
from tests.campaigns.scenes import NOW, RIGHT, chain, make_member, publish, task
from tests.races.together import at_once
from tests.rewards import earned
from tests.rewards.build import books_are_right

pytestmark = pytest.mark.django_db(transaction=True)
REWARD = {"points": 10, "chances": 1, "score": 5}


def outcomes(results):
    """How many moved, and how many were refused by which reason; any other exception shows as itself."""
    return Counter(each.refusal if isinstance(each, Refused) else type(each).__name__ for each in results)


def enrolled():
    """A member who is in already: the making of the enrolment would line the others up by itself."""
    ann = make_member()
    playing.enrol(ann, "autumn", now=NOW)
    return ann


def test_thirty_submissions_complete_a_task_once():
    publish(tasks=[task("one", reward=REWARD)])
    ann = enrolled()

    results = at_once(30, lambda _: playing.submit(ann, "autumn", "one", {}, now=NOW))

    assert outcomes(results) == {"TaskMoved": 1, Refusal.DONE: 29}
    assert Completion.objects.count() == ChanceGrant.objects.count() == 1
    assert balances(ann.pk)["points"] == 10
    assert Enrolment.objects.get().score == 5


def test_thirty_claims_give_a_reward_once():
    publish(tasks=[task("one", claim_mode="by_hand", reward=REWARD)])
    ann = make_member()
    playing.submit(ann, "autumn", "one", {}, now=NOW)

    results = at_once(30, lambda _: playing.claim(ann, "autumn", "one", now=NOW))

    assert outcomes(results) == {"TaskMoved": 1, Refusal.NOT_DONE: 29} or outcomes(results) == {
        "TaskMoved": 1,
        Refusal.DONE: 29,
    }
    assert balances(ann.pk)["points"] == 10
    assert Enrolment.objects.get().score == 5


def test_the_last_places_of_a_quota_go_to_as_many_members_as_there_are():
    publish(tasks=[task("one", quotas=[{"quota": 7}, {"quota": 100, "per": "day"}], reward=REWARD)])
    members = [make_member(f"m{number}") for number in range(30)]

    results = at_once(30, lambda number: playing.submit(members[number], "autumn", "one", {}, now=NOW))

    assert outcomes(results) == {"TaskMoved": 7, Refusal.QUOTA: 23}
    assert Completion.objects.count() == 7
    assert set(TaskQuota.objects.values_list("taken", flat=True)) == {7}


def test_accepting_lapsing_and_finishing_at_once_never_give_a_place_twice():
    accepted = {"claim_mode": "accept_first", "finish_within": 60, "quotas": [{"quota": 3}]}
    publish(tasks=[task("one", **accepted, reward=REWARD)])
    members = [make_member(f"m{number}") for number in range(12)]
    for member in members[:3]:
        playing.accept(member, "autumn", "one", now=NOW)
    last, late = NOW + timedelta(minutes=59), NOW + timedelta(minutes=60)

    def act(number):
        if number < 3:
            return playing.submit(members[number], "autumn", "one", {}, now=last)
        if number < 6:
            return lapsing.lapse(now=late)
        return playing.accept(members[number - 3], "autumn", "one", now=late)

    at_once(15, act)

    done = Completion.objects.count()
    holding = Progress.objects.exclude(places=[]).count()
    assert TaskQuota.objects.get().taken == holding
    assert done <= holding <= 3


def test_all_steps_asked_for_at_once_are_done_in_their_order():
    publish(tasks=[task("one"), task("two", "quiz"), task("three")], chains=[chain("path", "one", "two", "three")])
    ann = enrolled()

    def submit(number):
        key = ("three", "two", "one")[number % 3]
        return playing.submit(ann, "autumn", key, RIGHT if key == "two" else {}, now=NOW)

    for _ in range(3):
        assert set(outcomes(at_once(30, submit))) <= {"TaskMoved", Refusal.DONE, Refusal.STEP_LOCKED}

    assert list(ChainProgress.objects.order_by("step").values_list("step", flat=True)) == [1, 2, 3]
    assert balances(ann.pk)["points"] == 30
    assert ChanceGrant.objects.count() == 1


def test_thirty_first_visits_are_one_enrolment():
    publish()
    ann = make_member()

    results = at_once(30, lambda _: playing.enrol(ann, "autumn", now=NOW).pk)

    assert set(results) == {Enrolment.objects.get().pk}


def test_thirty_draws_use_three_chances():
    publish(tasks=[task("one", reward={"chances": 3})])
    ann = make_member()
    playing.submit(ann, "autumn", "one", {}, now=NOW)

    results = at_once(30, lambda number: playing.draw(ann.uid, "autumn", request_key=f"key-{number}", roll=0, now=NOW))

    assert outcomes(results) == {"Drawn": 3, Refusal.NO_CHANCE: 27}
    assert Draw.objects.count() == 3


@pytest.mark.parametrize("turn", range(4))
def test_tasks_that_follow_orders_and_what_these_earn_wait_in_turn(turn):
    """The enrolments are in the other order than the members, and a chain gives growth value after the points."""
    publish(
        tasks=[task("buy", "purchase", config={"orders": 1}), task("two")],
        chains=[chain("path", "buy", reward={"growth": 5})],
    )
    earned.rule()
    people = [make_member(f"m{number}") for number in range(20)]
    for member in people:
        ledger.post_entry(member.pk, "points", amount=1, key=f"start:{member.pk}", reason="test", now=NOW)
    for member in reversed(people):
        playing.enrol(member, "autumn", now=NOW)
    ingest_orders([OrderRow(each.uid, each.uid, NOW, Decimal(10), currency="CNY") for each in people], now=NOW)
    enrolments, orders = (list(model.objects.values_list("pk", flat=True)) for model in (Enrolment, Order))

    def follow_or_settle(number):
        if number == 0:
            return following.follow(enrolments, now=NOW)
        for start in range(0, len(orders), 5):
            earning.settle_slice(orders[start : start + 5], now=NOW)
        return None

    assert at_once(3, follow_or_settle) == [None] * 3
    assert {ledger.holdings(member.pk)["points"].balance for member in people} == {1 + 10 + 10}
    assert {ledger.holdings(member.pk)["growth"].balance for member in people} == {5}
    assert books_are_right()


@pytest.mark.parametrize("turn", range(4))
def test_points_and_then_growth_of_one_play_and_what_an_order_earns_wait_in_turn(turn):
    tasks = [task(f"t{number}") for number in range(8)]
    chains = [chain(f"c{number}", f"t{number}", reward={"growth": 5}) for number in range(8)]
    publish(tasks=tasks, chains=chains)
    earned.rule()
    ann = enrolled()
    ledger.post_entry(ann.pk, "points", amount=1, key="start", reason="test", now=NOW)
    orders = [earned.put_order(ann, f"A-{number}", "10.00").pk for number in range(40)]

    def play_or_settle(number):
        if number == 0:
            return [playing.submit(ann, "autumn", each["key"], {}, now=NOW).completed for each in tasks]
        return [earning.settle_slice([order], now=NOW) for order in orders[number::2]]

    assert at_once(3, play_or_settle) == [[True] * 8, [None] * 20, [None] * 19]
    assert ledger.holdings(ann.pk)["growth"].balance == 40
    assert books_are_right()
