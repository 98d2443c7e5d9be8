"""Codes that are used once, and decisions that are made once, by many at the same moment."""

from collections import Counter

import pytest

from campaigns import callbacks, playing, submission_reviews, task_codes
from campaigns.models import Completion, Submission, TaskCode
from campaigns.refusals import Refused
from campaigns.submission_reviews import AlreadyDecided, Approved
from operations.models import AuditRecord
from rewards.ledger import balances
from tests.campaigns import scenes
from tests.campaigns.scenes import NOW
from tests.races.together import Crowd, at_once

pytestmark = pytest.mark.django_db(transaction=True)
UNIQUE = {"unique": True}
CALLER = {"action": "wecom", "confirm": ["callback", "review"]}


def entered(count):
    members = [scenes.make_member(f"m{number}") for number in range(count)]
    for member in members:
        playing.enrol(member, "autumn", now=NOW)
    return members


def test_the_last_code_is_used_by_one_of_twenty_members():
    tasks = [scenes.task(f"task-{number}", "redeem_code", config=UNIQUE) for number in range(4)]
    campaign = scenes.publish(tasks=tasks)
    members = entered(20)
    with Crowd(20) as crowd:
        for number in range(4):
            task_codes.bring_in(campaign, f"task-{number}", ["LAST-1"], by=None, now=NOW)
            answers = crowd.each(
                lambda member, number=number: (
                    playing.submit(member, "autumn", f"task-{number}", {"code": "last1"}, now=NOW).completed
                ),
                members,
            )
            assert Counter(answers) == {True: 1, False: 19}
    assert Completion.objects.count() == TaskCode.objects.exclude(used_by=None).count() == 4


def test_of_twenty_wrong_codes_at_once_five_are_looked_up():
    scenes.publish(tasks=[scenes.task("task", "redeem_code", config={"words": ["spring"]})])
    (member,) = entered(1)
    answers = at_once(20, lambda number: playing.submit(member, "autumn", "task", {"code": f"no{number}"}, now=NOW))
    assert Counter(type(answer) for answer in answers)[Refused] == 20 - task_codes.MOST_TRIES


def test_two_reviewers_and_their_colleagues_make_one_decision():
    scenes.publish(tasks=[scenes.task("task", "proof", config={"text": "required"})])
    for member in entered(6):
        playing.submit(member, "autumn", "task", {"text": "mine"}, now=NOW)
        pk = Submission.objects.get(enrolment__member=member).pk

        def decide(number, pk=pk):
            if number % 2:
                return submission_reviews.approve(pk, by=None, now=NOW)
            return submission_reviews.refuse(pk, reason="no", by=None, now=NOW)

        answers = at_once(10, decide)
        assert Counter(type(answer) for answer in answers)[AlreadyDecided] == 9
        done = Submission.objects.get(pk=pk).state == "approved"
        assert [type(answer) for answer in answers].count(Approved) == done
        assert Completion.objects.filter(enrolment__member=member).count() == done
        assert balances(member.pk).get("points", 0) == 10 * done
        assert AuditRecord.objects.filter(action__startswith="submission.", target_id=str(pk)).count() == 1


def test_callbacks_beside_reviewers_confirm_once():
    scenes.publish(tasks=[scenes.task("task", "callback", config=CALLER)])
    for member in entered(6):
        playing.submit(member, "autumn", "task", {"text": "I did it"}, now=NOW)
        pk = Submission.objects.get(enrolment__member=member).pk
        who = callbacks.Who(uid=member.uid)

        def confirm(number, pk=pk, who=who):
            if number % 2:
                return submission_reviews.approve(pk, by=None, now=NOW)
            return callbacks.take(who, "autumn", "task", now=NOW)

        answers = at_once(10, confirm)
        unexpected = [each for each in answers if isinstance(each, Exception) and not isinstance(each, AlreadyDecided)]
        assert unexpected == []
        assert Completion.objects.filter(enrolment__member=member).count() == 1
        assert balances(member.pk)["points"] == 10
