"""Invitations: one inviter for each friend, who counts once they have done what is asked of them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from campaigns import inviting, playing, published
from campaigns.eligibility import TaskState
from campaigns.models import Enrolment, Invitation
from campaigns.subjects import load_subject
from campaigns.turns import turn_at
from members.models import Member
from operations.models import Job
from rewards.ledger import balances
from rewards.models import Award
from tests.campaigns.friends import answer, buy, enrol, link_of, refusal, run_jobs, send_back
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, make_coupon, make_level, make_member, publish, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def invite(**config):
    return task("invite", "invite", config={"count": 2, "qualify": "enter"} | config)


def count_of(member, *, now=NOW):
    return playing.enter_task(member, "autumn", "invite", now=now).count


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_friends_who_enter_complete_the_task_and_both_sides_are_rewarded():
    publish(tasks=[invite(friend={"points": 3})])
    ann = enrol("ann")
    token = link_of(ann, "invite")
    bob, cas = make_member("bob"), make_member("cas")
    moved = answer(bob, token, "invite")
    assert moved.result == {"answered": True, "invited_by": "A friend", "qualified": True}
    assert moved.reward.points == 3
    assert count_of(ann) == 1
    answer(cas, token, "invite")
    assert [balances(each.pk)["points"] for each in (ann, bob, cas)] == [10, 3, 3]
    assert playing.enter_task(ann, "autumn", "invite", now=NOW).state is TaskState.DONE


def test_nobody_invites_themselves():
    publish(tasks=[invite()])
    ann = enrol("ann")
    assert refusal(ann, link_of(ann, "invite"), "invite") == "own_link"
    assert not Invitation.objects.exists()


def test_who_takes_part_already_cannot_be_invited_so_that_no_ring_comes_about():
    publish(tasks=[invite()])
    ann = enrol("ann")
    bob = make_member("bob")
    answer(bob, link_of(ann, "invite"), "invite")
    assert refusal(ann, link_of(bob, "invite"), "invite") == "entered_before"


def test_a_longer_ring_does_not_come_about_either():
    publish(tasks=[invite()])
    chain = [enrol("ann"), make_member("bob"), make_member("cas"), make_member("dee")]
    for inviter, friend in pairwise(chain):
        answer(friend, link_of(inviter, "invite"), "invite")
    for inviter in chain[1:]:
        assert refusal(chain[0], link_of(inviter, "invite"), "invite") == "entered_before"
    assert Invitation.objects.count() == 3


def test_the_database_refuses_rings_and_oneself():
    publish(tasks=[invite()])
    first, second = (enrol(uid).enrolments.get() for uid in ("ann", "bob"))
    for inviter, invitee in ((second, first), (first, first)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.create(inviter=inviter, invitee=invitee, task_key="invite", invited_at=NOW)


def test_there_is_no_second_inviter():
    publish(tasks=[invite()])
    ann, cas, bob = enrol("ann"), enrol("cas"), make_member("bob")
    answer(bob, link_of(ann, "invite"), "invite")
    assert refusal(bob, link_of(cas, "invite"), "invite") == "invited_before"
    assert Invitation.objects.get().inviter.member == ann


def test_accepting_again_changes_nothing():
    publish(tasks=[invite(friend={"points": 3})])
    ann, bob = enrol("ann"), make_member("bob")
    token = link_of(ann, "invite")
    answer(bob, token, "invite")
    again = answer(bob, token, "invite")
    assert (again.result["qualified"], again.reward) == (True, None)
    assert balances(bob.pk)["points"] == 3
    assert count_of(ann) == 1


def test_a_friend_who_must_buy_counts_with_the_order_and_not_before():
    publish(tasks=[invite(qualify="buy", amount="50.00", friend={"points": 3})])
    ann, bob = enrol("ann"), make_member("bob")
    moved = answer(bob, link_of(ann, "invite"), "invite")
    assert (moved.result["qualified"], moved.reward, count_of(ann)) == (False, None, 0)
    buy(bob, "49.99", at=NOW + timedelta(hours=1))
    assert count_of(ann) == 0
    buy(bob, "0.01", at=NOW + timedelta(hours=2), order="o-2")
    assert count_of(ann) == 1
    assert balances(bob.pk)["points"] == 3


def test_what_was_bought_before_the_invitation_does_not_count():
    publish(tasks=[invite(qualify="buy")])
    ann, bob = enrol("ann"), make_member("bob")
    buy(bob, "80.00", at=NOW - timedelta(hours=1))
    assert answer(bob, link_of(ann, "invite"), "invite").result["qualified"] is False


@pytest.mark.parametrize(("after", "counts"), [(3 * DAY - timedelta(seconds=1), 1), (3 * DAY, 0)])
def test_the_days_to_buy_in_begin_when_the_friend_comes(after, counts):
    publish(tasks=[invite(qualify="buy", within_days=3)])
    ann, bob = enrol("ann"), make_member("bob")
    answer(bob, link_of(ann, "invite"), "invite")
    buy(bob, "80.00", at=NOW + after)
    assert Invitation.objects.filter(qualified_at__isnull=False).count() == counts


def test_a_refund_takes_the_credit_back_and_the_friend_is_rewarded_once():
    publish(tasks=[invite(qualify="buy", friend={"points": 3, "score": 1})])
    ann, bob = enrol("ann"), make_member("bob")
    answer(bob, link_of(ann, "invite"), "invite")
    buy(bob, "80.00")
    send_back("80.00")
    assert count_of(ann) == 0
    buy(bob, "20.00", order="o-2")
    assert count_of(ann) == 1
    assert balances(bob.pk)["points"] == 3
    assert Enrolment.objects.get(member=bob).score == 1


def test_a_friend_who_must_register_counts_once_the_shop_knows_them():
    publish(tasks=[invite(qualify="register")])
    ann, bob = enrol("ann"), make_member("bob")
    Member.objects.filter(pk=bob.pk).update(created_at=NOW)
    bob.refresh_from_db()
    assert answer(bob, link_of(ann, "invite"), "invite").result["qualified"] is False
    assert inviting.follow_registered(now=NOW) == 0
    Member.objects.filter(pk=bob.pk).update(joined_at=NOW)
    assert inviting.follow_registered(now=NOW) == 1
    run_jobs()
    assert Invitation.objects.get().qualified_at is not None


@pytest.mark.parametrize("config", [{"qualify": "register"}, {"new_only": True}])
def test_an_invitation_for_new_members_is_not_for_old_ones(config):
    publish(tasks=[invite(**config)])
    ann = enrol("ann")
    token = link_of(ann, "invite")
    assert refusal(make_member("bob", joined_at=OPENS - timedelta(seconds=1)), token, "invite") == "not_new"
    # The refusal takes all of it back: whoever could not be invited has not entered either.
    assert not Enrolment.objects.filter(member__uid="bob").exists()
    assert answer(make_member("cas", joined_at=OPENS), token, "invite").result["qualified"]


def test_a_friend_whom_the_campaign_does_not_admit_is_told_why():
    make_level("gold")
    publish(tasks=[invite()], audience={"levels": ["gold"]})
    ann = enrol("ann", level=make_level("gold"))
    assert refusal(make_member("bob"), link_of(ann, "invite"), "invite") == "level"


def test_a_gift_without_codes_waits_for_an_operator_and_the_friend_counts_all_the_same():
    make_coupon()
    publish(tasks=[invite(friend={"gift": "coupon"})])
    ann, bob = enrol("ann"), make_member("bob")
    assert answer(bob, link_of(ann, "invite"), "invite").reward is None
    assert count_of(ann) == 1
    assert Job.objects.filter(function="campaigns.jobs.reward_friend").count() == 1
    make_coupon("CODE-1")
    run_jobs()
    assert Award.objects.get().member == bob


def test_each_time_of_a_task_done_several_times_takes_friends_of_its_own():
    publish(tasks=[invite(count=1) | {"period": "times", "times": 2}])
    ann = enrol("ann")
    for uid in ("bob", "cas"):
        answer(make_member(uid), link_of(ann, "invite"), "invite")
    assert balances(ann.pk)["points"] == 20


def test_credit_after_the_end_of_the_campaign_is_refused():
    publish(tasks=[invite()])
    ann = enrol("ann")
    token = link_of(ann, "invite")
    assert refusal(make_member("bob"), token, "invite", now=CLOSES) == "link_expired"


def test_the_friends_are_shown_with_masked_names_and_their_state():
    publish(tasks=[invite(qualify="buy")])
    ann = enrol("ann")
    answer(make_member("bob", name="王小明"), link_of(ann, "invite"), "invite")
    definition = published.definition_of("autumn")
    subject = load_subject(ann, definition, now=NOW)
    turn = turn_at(definition, definition.by_key["invite"], subject, enrolment=ann.enrolments.get(), now=NOW)
    (friend,) = inviting.friends_of(turn)
    assert (friend.name, friend.done) == ("王**", False)
