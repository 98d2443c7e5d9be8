"""Places of tasks that were accepted and not finished, and rewards that were held back for review."""

from datetime import timedelta

import pytest

from campaigns import completing, lapsing, playing, suspicion
from campaigns.models import Completion, TaskQuota
from campaigns.refusals import Refusal, Refused
from rewards.ledger import balances
from tests.campaigns.scenes import CLOSES, NOW, chain, make_member, publish, task
from tests.campaigns.test_any_order import violations

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def limited(**changes):
    accepted = {"claim_mode": "accept_first", "finish_within": 60, "quotas": [{"quota": 1}]}
    return publish(tasks=[task("one", **accepted | changes)])


def taken():
    return list(TaskQuota.objects.values_list("taken", flat=True))


def refusal_of(move, *arguments):
    with pytest.raises(Refused) as refused:
        move(*arguments, now=NOW)
    return refused.value.refusal


def test_a_place_that_was_accepted_and_missed_goes_to_the_next():
    limited()
    playing.accept(make_member("ann"), "autumn", "one", now=NOW)
    bob = make_member("bob")
    assert lapsing.lapse(now=NOW + HOUR - timedelta(microseconds=1)) == 0
    assert refusal_of(playing.accept, bob, "autumn", "one") is Refusal.QUOTA

    assert lapsing.lapse(now=NOW + HOUR) == 1
    assert lapsing.lapse(now=NOW + HOUR) == 0
    assert taken() == [0]
    playing.accept(bob, "autumn", "one", now=NOW + HOUR)
    assert playing.submit(bob, "autumn", "one", {}, now=NOW + HOUR).completed
    assert violations() == {}


def test_whoever_finished_in_time_keeps_the_place():
    limited()
    ann = make_member("ann")
    playing.accept(ann, "autumn", "one", now=NOW)
    playing.submit(ann, "autumn", "one", {}, now=NOW)

    assert lapsing.lapse(now=NOW + 2 * HOUR) == 0
    assert taken() == [1]


def test_a_lapsed_turn_is_over_whatever_the_clock_of_the_request_says():
    limited()
    ann = make_member("ann")
    playing.accept(ann, "autumn", "one", now=NOW)
    lapsing.lapse(now=NOW + HOUR)

    assert refusal_of(playing.submit, ann, "autumn", "one", {}) is Refusal.TOO_LATE


@pytest.fixture
def held(monkeypatch):
    """Ann has done a task, which signs speak against."""
    publish(
        tasks=[task("one", quotas=[{"quota": 1}], reward={"points": 10, "score": 5}), task("two")],
        chains=[chain("path", "one", "two", reward={"points": 100})],
    )
    with monkeypatch.context() as patched:
        patched.setattr(suspicion, "signs", lambda _play, _task: ["accounts_on_device"])
        moved = playing.submit(make_member("ann"), "autumn", "one", {}, now=NOW)
    assert (moved.state, moved.completed, moved.reward) == ("held", True, None)
    return Completion.objects.get()


def points(completion):
    return balances(completion.enrolment.member_id)["points"]


def test_what_is_held_gives_nothing_and_unlocks_nothing(held):
    ann = held.enrolment.member

    assert (points(held), held.held_for) == (0, ["accounts_on_device"])
    assert refusal_of(playing.submit, ann, "autumn", "two", {}) is Refusal.STEP_LOCKED
    assert refusal_of(playing.claim, ann, "autumn", "one") is Refusal.HELD


@pytest.mark.parametrize("now", [NOW + HOUR, CLOSES + HOUR])
def test_what_is_released_is_given_once_also_after_the_end(held, now):
    assert completing.release(held, now=now)
    assert not completing.release(held, now=now)

    held.refresh_from_db()
    held.enrolment.refresh_from_db()
    assert (points(held), held.enrolment.score, held.rewarded_at) == (10, 5, now)
    assert violations() == {}
    if now < CLOSES:
        assert playing.submit(held.enrolment.member, "autumn", "two", {}, now=now).chain_reward is not None


def test_what_is_denied_is_never_given_and_its_place_is_free(held):
    assert completing.deny(held, now=NOW)
    assert not completing.deny(held, now=NOW)
    assert not completing.release(held, now=NOW)

    assert (points(held), taken()) == (0, [0])
    assert refusal_of(playing.submit, held.enrolment.member, "autumn", "one", {}) is Refusal.NOT_GRANTED
    assert playing.submit(make_member("bob"), "autumn", "one", {}, now=NOW).completed
    assert violations() == {}
