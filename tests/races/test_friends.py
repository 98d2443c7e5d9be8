"""Friends who answer links at once: exactly the helps that are needed, one inviter, no seat twice."""

from collections import Counter

import pytest

from campaigns import playing
from campaigns.models import Bargain, Completion, Enrolment, Help, Invitation, Team, TeamSeat
from campaigns.refusals import Refused
from rewards.ledger import balances
from rewards.models import Award
from tests.campaigns.friends import answer, enrol, link_of
from tests.campaigns.scenes import NOW, make_coupon, make_member, publish, task
from tests.campaigns.test_bargaining import TERMS
from tests.races.together import at_once
from tests.rewards.build import books_are_right

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(results):
    """How many answered, and how many were refused by which reason; any other exception shows as itself."""
    return Counter(each.refusal.value if isinstance(each, Refused) else type(each).__name__ for each in results)


def test_twenty_friends_cut_a_price_at_once_and_the_last_of_twelve_ends_at_the_floor():
    helps = {"helps": 12, "helper_reward": {"points": 1}}
    publish(tasks=[task("cut", "bargain", config=TERMS | helps, reward={"points": 10, "growth": 5})])
    ann = enrol("ann")
    token = link_of(ann, "cut")
    friends = [make_member(f"f{number}") for number in range(20)]

    results = at_once(20, lambda number: answer(friends[number], token, "cut"))

    assert outcomes(results) == {"TaskMoved": 12, "helped_enough": 8}
    cuts = list(Help.objects.order_by("number").values_list("number", "cut", "left"))
    assert [number for number, _cut, _left in cuts] == list(range(1, 13))
    assert sum(cut for _number, cut, _left in cuts) == 9900 - 990
    assert (Bargain.objects.get().left, Completion.objects.count()) == (0, 1)
    assert sum(balances(friend.pk)["points"] for friend in friends) == 12
    assert balances(ann.pk)["points"] == 10
    assert books_are_right()


def test_one_friend_who_taps_twenty_times_helps_once():
    publish(tasks=[task("help", "assist", config={"helps": 5, "helper_reward": {"points": 1}})])
    token, bob = link_of(enrol("ann"), "help"), make_member("bob")

    results = at_once(20, lambda _number: answer(bob, token, "help"))

    assert outcomes(results) == {"TaskMoved": 1, "helped_before": 19}
    assert balances(bob.pk)["points"] == 1


@pytest.mark.parametrize("turn", range(3))
def test_two_who_help_each_other_at_once_wait_in_turn(turn):
    publish(tasks=[task("help", "assist", config={"helps": 9, "helper_reward": {"points": 1, "growth": 1}})])
    # Enrolled in the other order than they became members.
    people = [make_member(f"m{number}") for number in range(6)]
    for member in reversed(people):
        playing.enrol(member, "autumn", now=NOW)
    links = [link_of(member, "help") for member in people]
    pairs = [(friend, sharer) for friend in range(6) for sharer in range(6) if friend != sharer]

    results = at_once(30, lambda number: answer(people[pairs[number][0]], links[pairs[number][1]], "help"))

    assert outcomes(results) == {"TaskMoved": 30}
    assert {balances(member.pk)["points"] for member in people} == {5}


def test_as_often_as_one_may_help_a_day_holds_at_once():
    publish(tasks=[task("help", "assist", config={"helps": 2, "per_helper": 3})])
    links = [link_of(enrol(f"m{number}"), "help") for number in range(12)]
    bob = enrol("bob")

    results = at_once(12, lambda number: answer(bob, links[number], "help"))

    assert outcomes(results) == {"TaskMoved": 3, "helps_per_day": 9}


def test_a_friend_who_accepts_two_invitations_at_once_has_one_inviter():
    publish(tasks=[task("invite", "invite", config={"count": 9, "qualify": "enter", "friend": {"points": 3}})])
    links = [link_of(enrol(f"m{number}"), "invite") for number in range(10)]
    bob = make_member("bob")

    results = at_once(20, lambda number: answer(bob, links[number % 10], "invite"))

    assert set(outcomes(results)) <= {"TaskMoved", "invited_before", "entered_before"}
    assert Invitation.objects.count() == 1
    assert balances(bob.pk)["points"] == 3


@pytest.mark.parametrize("turn", range(3))
def test_two_who_invite_each_other_at_once_never_make_a_ring(turn):
    """Both came by themselves a moment ago, or come by the other's link: whichever is first."""
    publish(tasks=[task("invite", "invite", config={"count": 9, "qualify": "enter"})])
    people = [make_member(f"m{number}") for number in range(6)]

    def enter_and_invite(number):
        friend, sharer = people[number % 6], people[(number + 1) % 6]
        try:
            return answer(friend, link_of(sharer, "invite"), "invite")
        except Refused as refused:
            return refused

    assert set(outcomes(at_once(12, enter_and_invite))) <= {"TaskMoved", "invited_before", "entered_before"}
    ids = list(Invitation.objects.values_list("inviter_id", "invitee_id"))
    assert all(inviter < invitee for inviter, invitee in ids)


def test_twenty_friends_and_two_seats():
    make_coupon(*(f"CODE-{number}" for number in range(5)))
    publish(tasks=[task("team", "team", config={"size": 3, "hours": 1}, reward={"points": 10, "gift": "coupon"})])
    token = link_of(enrol("ann"), "team")
    friends = [make_member(f"f{number}") for number in range(20)]

    results = at_once(20, lambda number: answer(friends[number], token, "team"))

    assert outcomes(results) == {"TaskMoved": 2, "team_full": 18}
    assert (Team.objects.get().taken, TeamSeat.objects.count(), Completion.objects.count()) == (3, 3, 3)
    assert Award.objects.count() == 3
    # Who found the team full has not entered by that.
    assert Enrolment.objects.count() == 3


def test_one_friend_who_joins_ten_teams_at_once_sits_in_one():
    publish(tasks=[task("team", "team", config={"size": 3, "hours": 1})])
    links = [link_of(enrol(f"m{number}"), "team") for number in range(10)]
    bob = enrol("bob")

    results = at_once(10, lambda number: answer(bob, links[number], "team"))

    assert outcomes(results) == {"TaskMoved": 1, "in_a_team": 9}
    assert TeamSeat.objects.filter(enrolment__member=bob).count() == 1
