"""Many accounts on one device at once, and reviewers who decide at once."""

from collections import Counter

import pytest
from django.contrib.auth.models import User

from campaigns import held_rewards, playing
from campaigns.eligibility import TaskState
from campaigns.entering import Origin
from campaigns.held_rewards import NotReviewed
from campaigns.models import Completion
from operations.models import AuditRecord
from rewards.ledger import balances
from tests.campaigns.scenes import NOW, make_member, publish
from tests.races.together import at_once
from tests.rewards.build import books_are_right

pytestmark = pytest.mark.django_db(transaction=True)
TABLET = Origin("tablet", "shop")


def crowd(count):
    people = [make_member(f"m{number}") for number in range(count)]
    for member in people:
        playing.enrol(member, "autumn", now=NOW)
    return people


def test_twenty_accounts_at_once_on_one_device_get_three_rewards_at_most():
    publish()
    people = crowd(20)

    moved = at_once(20, lambda n: playing.submit(people[n], "autumn", "check-in", {}, now=NOW, origin=TABLET))

    states = Counter(each.state for each in moved)
    assert states.keys() <= {TaskState.DONE, TaskState.HELD}
    assert states[TaskState.DONE] <= 3
    assert sum(balances(member.pk).get("points", 0) for member in people) == 10 * states[TaskState.DONE]


def test_ten_reviewers_at_once_are_one_decision():
    publish()
    for member in crowd(4):
        playing.submit(member, "autumn", "check-in", {}, now=NOW, origin=TABLET)
    held = held_rewards.waiting().get()
    reviewer = User.objects.create_superuser("reviewer")

    def decide(number):
        review = held_rewards.release if number % 2 else held_rewards.refuse
        return review(held.pk, reason="looked at", by=reviewer, now=NOW)

    results = at_once(10, decide)

    assert Counter(type(each) for each in results)[NotReviewed] == 9
    assert AuditRecord.objects.filter(action__in=["completion.released", "completion.refused"]).count() == 1
    decided = Completion.objects.get(pk=held.pk)
    given = balances(decided.enrolment.member_id).get("points", 0)
    assert given == (0 if decided.refused_at else 10)
    books_are_right()
