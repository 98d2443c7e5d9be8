"""Teams: one founds, others join, the last seat fills it; not full in time, it lapses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import kinds, playing
from campaigns.eligibility import TaskState
from campaigns.models import Team, TeamSeat
from rewards.ledger import balances
from tests.campaigns.friends import answer, buy, enrol, link_of, refusal, send_back
from tests.campaigns.scenes import NOW, make_level, make_member, publish, task

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


def team(**config):
    return task("team", "team", config={"size": 3, "hours": 1} | config)


def state_of(member, now=NOW):
    moved = playing.enter_task(member, "autumn", "team", now=now)
    return moved.state, moved.count


def test_the_last_seat_completes_the_task_of_all():
    publish(tasks=[team()])
    ann = enrol("ann")
    token = link_of(ann, "team")
    bob, cas, dee = (make_member(uid) for uid in ("bob", "cas", "dee"))
    assert answer(bob, token, "team").result == {"answered": True, "taken": 2, "size": 3, "full": False}
    assert state_of(ann) == state_of(bob) == (TaskState.OPEN, 2)
    assert answer(cas, token, "team").result["full"]
    assert [state_of(each)[0] for each in (ann, bob, cas)] == [TaskState.DONE] * 3
    assert [balances(each.pk)["points"] for each in (ann, bob, cas)] == [10] * 3
    assert refusal(dee, token, "team") == "team_full"


def test_any_member_of_the_team_may_send_its_link():
    publish(tasks=[team()])
    ann = enrol("ann")
    bob = make_member("bob")
    answer(bob, link_of(ann, "team"), "team")
    answer(make_member("cas"), link_of(bob, "team"), "team")
    assert state_of(ann)[0] is TaskState.DONE


def test_one_is_in_one_team_at_a_time_and_not_twice_in_it():
    publish(tasks=[team()])
    ann, bob, cas = enrol("ann"), enrol("bob"), make_member("cas")
    to_ann, to_bob = link_of(ann, "team"), link_of(bob, "team")
    answer(cas, to_ann, "team")
    assert refusal(cas, to_ann, "team") == "in_this_team"
    assert refusal(cas, to_bob, "team") == "in_a_team"
    assert refusal(bob, to_ann, "team") == "in_a_team"
    assert refusal(ann, to_ann, "team") == "own_link"
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamSeat.objects.create(
            team=Team.objects.get(founder=bob.enrolments.get()),
            enrolment=cas.enrolments.get(),
            task_key="team",
            period="once",
            taken_at=NOW,
        )


def test_a_team_that_is_not_full_in_time_lapses_and_its_members_may_join_another():
    publish(tasks=[team(size=2)])
    ann, bob, cas = enrol("ann"), enrol("bob"), make_member("cas")
    to_ann = link_of(ann, "team")
    later = NOW + HOUR
    assert refusal(cas, to_ann, "team", now=later) == "link_expired"
    to_bob = link_of(bob, "team", now=later)
    answer(ann, to_bob, "team", now=later)
    assert state_of(ann, later)[0] is state_of(bob, later)[0] is TaskState.DONE
    assert TeamSeat.objects.filter(lapsed_at=later).count() == 1


def test_the_last_moment_of_a_team():
    publish(tasks=[team(size=2)])
    ann = enrol("ann")
    answer(make_member("bob"), link_of(ann, "team"), "team", now=NOW + HOUR - timedelta(seconds=1))
    assert state_of(ann)[0] is TaskState.DONE


def test_founding_again_keeps_the_team_and_after_it_lapsed_makes_another():
    publish(tasks=[team()])
    ann = enrol("ann")
    assert link_of(ann, "team") == link_of(ann, "team")
    assert Team.objects.count() == 1
    link_of(ann, "team", now=NOW + HOUR)
    assert Team.objects.count() == 2


def test_a_team_of_a_day_does_not_outlive_the_day():
    publish(tasks=[team(hours=48) | {"period": "daily"}])
    link_of(enrol("ann"), "team")
    assert Team.objects.get().until == NOW.replace(hour=16)


def test_who_is_not_in_the_audience_of_the_task_does_not_join():
    gold = make_level("gold")
    publish(tasks=[team() | {"audience": {"levels": ["gold"]}}])
    ann = enrol("ann", level=gold)
    assert refusal(make_member("bob"), link_of(ann, "team"), "team") == "level"
    assert Team.objects.get().taken == 1


def test_a_team_in_which_all_have_to_buy_is_done_with_the_last_order():
    publish(tasks=[team(size=2, goal="all_bought")])
    ann, bob = enrol("ann"), make_member("bob")
    buy(ann, "5.00", at=NOW - timedelta(minutes=1), order="before")
    answer(bob, link_of(ann, "team"), "team")
    buy(bob, "5.00", at=NOW, order="o-1")
    assert state_of(ann) == (TaskState.OPEN, 1)
    send_back("5.00", order="o-1")
    buy(ann, "5.00", at=NOW, order="o-2")
    assert state_of(bob) == (TaskState.OPEN, 1)
    buy(bob, "5.00", at=NOW, order="o-3")
    assert state_of(ann)[0] is state_of(bob)[0] is TaskState.DONE


@pytest.mark.parametrize("wrong", [{"taken": 3}, {"taken": 4}, {"taken": 0}, {"full_at": NOW}])
def test_the_database_refuses_seats_that_do_not_fit(wrong):
    publish(tasks=[team()])
    link_of(enrol("ann"), "team")
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.update(**wrong)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"size": 1}, "size"),
        ({"size": 101}, "size"),
        ({"hours": 0}, "hours"),
        ({"goal": "half"}, "goal"),
        ({"x": 1}, "x"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_with_its_place(wrong, path):
    assert [fault.path for fault in kinds.find("team").faults({"size": 2, "hours": 1} | wrong)] == [path]
