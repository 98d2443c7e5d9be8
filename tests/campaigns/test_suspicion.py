"""Who plays too fast is refused; many accounts on one device are held back, and a reviewer decides once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from campaigns import held_rewards, kinds, pacing, pausing, playing, suspicion, trusting
from campaigns.eligibility import TaskState
from campaigns.entering import Origin, enter
from campaigns.held_rewards import NotReviewed
from campaigns.models import Completion, DeviceUse, Pace, TaskQuota, Trusted
from campaigns.refusals import Refusal, Refused
from operations.models import AuditRecord
from rewards.chances import chances_left
from rewards.ledger import balances
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, RIGHT, chain, make_coupon, make_member, publish, task

pytestmark = pytest.mark.django_db
TABLET = Origin("tablet", "shop")
SECOND = timedelta(seconds=1)


@pytest.fixture
def reviewer():
    return User.objects.create_superuser("reviewer")


def check_in(member, key="check-in", now=NOW, origin=TABLET):
    return playing.submit(member, "autumn", key, {}, now=now, origin=origin)


def points(member):
    return balances(member.pk).get("points", 0)


def crowd(count):
    return [make_member(f"m{number}") for number in range(count)]


def not_reviewed(decide, held, by):
    with pytest.raises(NotReviewed) as refused:
        decide(held.pk, reason="looked at", by=by, now=NOW)
    return refused.value.reason


def held_one(**changes):
    """The fourth member on one device, whose reward waits."""
    publish(**changes)
    key = "one" if changes.get("chains") else "check-in"
    *_, last = [check_in(member, key) and member for member in crowd(4)]
    return last, held_rewards.waiting().get()


# Too fast


@pytest.mark.parametrize(
    ("setting", "origin"),
    [
        ("FRAUD_MEMBER_MOVES", None),
        ("FRAUD_DEVICE_MOVES", Origin("tablet")),
        ("FRAUD_ADDRESS_MOVES", Origin(address="shop")),
    ],
)
def test_more_moves_than_allowed_are_refused_until_the_window_is_over(settings, setting, origin):
    setattr(settings, setting, 3)
    publish(tasks=[task(f"t{number}") for number in range(6)])
    ann = make_member()
    for number in range(3):
        check_in(ann, f"t{number}", NOW + number * SECOND, origin)

    with pytest.raises(Refused) as refused:
        check_in(ann, "t3", NOW + 59 * SECOND, origin)
    assert refused.value.refusal == suspicion.TOO_FAST
    assert points(ann) == 30
    assert check_in(ann, "t3", NOW + 60 * SECOND, origin).completed


def test_members_in_one_shop_share_its_address_and_not_their_limits(settings):
    settings.FRAUD_MEMBER_MOVES = 1
    publish()
    assert all(check_in(member, origin=Origin(address="shop")).reward for member in crowd(8))


@pytest.mark.parametrize("features", [{"fraud": {"off": True}}, {"fraud": {"member_moves": 0}}])
def test_a_campaign_may_have_limits_of_its_own_or_none(settings, features):
    settings.FRAUD_MEMBER_MOVES = 1
    publish(tasks=[task("a"), task("b")], features=features)
    ann = make_member()
    assert all(check_in(ann, key).completed for key in "ab")


def test_switched_off_nothing_is_counted(settings, django_assert_num_queries):
    settings.FRAUD_LIMITS = False
    publish()
    with django_assert_num_queries(0):
        assert pacing.count(1, "autumn", TABLET, now=NOW) == {}


def test_counting_costs_one_statement_and_is_forgotten(settings, django_assert_num_queries):
    publish()
    ann = make_member()
    with django_assert_num_queries(1):
        moves = pacing.count(ann.pk, "autumn", TABLET, now=NOW)
    assert moves == {"member": 1, "device": 1, "address": 1}
    assert DeviceUse.objects.get().address == ""

    pacing.forget(now=NOW + timedelta(minutes=1))
    assert (Pace.objects.count(), DeviceUse.objects.count()) == (0, 1)
    pacing.forget(now=NOW + timedelta(days=settings.FRAUD_KEEP_DAYS, seconds=1))
    assert DeviceUse.objects.count() == 0


# Many accounts on one device


def test_the_fourth_account_on_a_device_waits_and_the_first_three_do_not():
    publish()
    moved = [check_in(member) for member in crowd(4)]

    assert [each.state for each in moved] == [TaskState.DONE] * 3 + [TaskState.HELD]
    held = held_rewards.waiting().get()
    assert (held.held_for, held.rewarded_at, held.held_at) == (["shared_device"], None, NOW)
    last = held.enrolment.member
    assert points(last) == 0
    with pytest.raises(Refused) as refused:
        playing.claim(last, "autumn", "check-in", now=NOW)
    assert refused.value.refusal is Refusal.HELD


def test_accounts_are_counted_within_the_days_on_one_device_in_one_campaign():
    publish()
    early, *others = crowd(4)
    check_in(early, now=OPENS)
    assert all(check_in(member, now=OPENS + 30 * DAY - SECOND).reward for member in others[:2])
    assert check_in(others[2], now=OPENS + 30 * DAY - SECOND, origin=Origin("phone", "shop")).reward


def test_a_trusted_device_and_a_trusted_member_are_not_counted(reviewer, settings):
    settings.FRAUD_MEMBER_MOVES = 1
    publish(tasks=[task("check-in"), task("another")])
    first, *others, tester = crowd(6)
    check_in(first)
    trusting.trust_device(DeviceUse.objects.get(), name="tablet", by=reviewer, now=NOW)
    assert all(check_in(member).reward for member in others)
    assert check_in(first, "another").reward

    Trusted.objects.filter(device="tablet").update(device=None, member=tester)
    assert check_in(tester).reward
    assert check_in(tester, "another").reward


def test_who_invites_from_the_same_device_or_address_is_told_of(settings):
    settings.FRAUD_INVITE_SAME_ADDRESS = True
    publish()
    inviter, one, other, far = crowd(4)
    for member, origin in [
        (inviter, Origin("phone", "home")),
        (one, Origin("phone", "work")),
        (other, Origin("pad", "home")),
        (far, Origin("desk", "far")),
    ]:
        check_in(member, origin=origin)

    def between(*others):
        play = enter(inviter, "autumn", now=NOW)
        return suspicion.signs_between(play, [each.pk for each in others])

    assert between(one) == ["same_device"]
    assert between(other) == ["same_address"]
    assert between(far) == between() == []
    settings.FRAUD_INVITE_SAME_ADDRESS = False
    assert between(one, other, far) == ["same_device"]


def test_a_task_that_friends_on_the_same_device_finished_is_held_back(monkeypatch):
    publish()
    ann, friend = crowd(2)
    check_in(friend)
    monkeypatch.setattr(kinds.find("checkin"), "company", lambda _config, _turn: [friend.pk], raising=False)

    assert check_in(ann).state is TaskState.HELD
    assert held_rewards.waiting().get().held_for == ["same_device"]


# The review


def test_a_released_reward_is_given_once_and_on_record(reviewer):
    last, held = held_one(tasks=[task("check-in", reward={"points": 10, "chances": 1, "score": 5})])

    held_rewards.release(held.pk, reason="a family", by=reviewer, now=NOW + DAY)

    assert points(last) == 10
    assert chances_left(last.pk, "campaign:autumn") == 1
    assert last.enrolments.get().score == 5
    assert Completion.objects.get(pk=held.pk).rewarded_at == NOW + DAY
    record = AuditRecord.objects.filter(action="completion.released").get()
    assert (record.actor, record.reason) == (reviewer, "a family")
    assert "m3" not in record.target_name
    for decide in (held_rewards.release, held_rewards.refuse):
        assert not_reviewed(decide, held, reviewer) is NotReviewed.Reason.NOT_WAITING
    assert points(last) == 10


def test_a_refused_reward_is_never_given_and_its_place_is_free_again(reviewer):
    last, held = held_one(tasks=[task("check-in", quotas=[{"quota": 4}])])
    assert TaskQuota.objects.get().taken == 4

    held_rewards.refuse(held.pk, reason="one person", by=reviewer, now=NOW)

    assert TaskQuota.objects.get().taken == 3
    with pytest.raises(Refused) as refused:
        check_in(last)
    assert refused.value.refusal is Refusal.NOT_GRANTED
    assert points(last) == 0


def test_a_step_counts_when_it_is_released_also_after_the_end(reviewer):
    tasks = [task("one"), task("two", "quiz")]
    last, held = held_one(tasks=tasks, chains=[chain("path", "one", "two")])
    with pytest.raises(Refused) as refused:
        playing.submit(last, "autumn", "two", RIGHT, now=NOW)
    assert refused.value.refusal is Refusal.STEP_LOCKED

    held_rewards.release(held.pk, reason="a family", by=reviewer, now=CLOSES + DAY)

    assert points(last) == 10
    assert last.enrolments.get().chain_progress.get().step == 1


def test_the_last_step_released_finishes_the_chain(reviewer):
    last, held = held_one(tasks=[task("one")], chains=[chain("path", "one", reward={"points": 500})])
    assert points(last) == 0
    held_rewards.release(held.pk, reason="a family", by=reviewer, now=NOW)
    assert points(last) == 510


def test_without_codes_a_release_waits_for_more(reviewer):
    make_coupon("A", "B", "C")
    last, held = held_one(tasks=[task("check-in", reward={"gift": "coupon"})])
    assert not_reviewed(held_rewards.release, held, reviewer) is NotReviewed.Reason.OUT_OF_GIFTS
    assert held_rewards.waiting().get() == held

    make_coupon("D")
    held_rewards.release(held.pk, reason="a family", by=reviewer, now=NOW)
    assert last.awards.get().coupon_code.code == "D"


def test_a_paused_or_ended_campaign_gives_what_is_released(reviewer):
    last, held = held_one()
    campaign = held.enrolment.campaign
    pausing.end(campaign, by=None, now=NOW)
    held_rewards.release(held.pk, reason="a family", by=reviewer, now=NOW)
    assert points(last) == 10


def test_who_has_no_right_decides_nothing():
    _, held = held_one()
    clerk = User.objects.create_user("clerk")
    assert not_reviewed(held_rewards.release, held, clerk) is NotReviewed.Reason.NO_PERMISSION


def test_a_completion_that_a_refund_took_away_is_no_longer_waiting(reviewer):
    _last, held = held_one()
    Completion.objects.filter(pk=held.pk).delete()
    for decide in (held_rewards.release, held_rewards.refuse):
        assert not_reviewed(decide, held, reviewer) is NotReviewed.Reason.NOT_WAITING
