"""One decision about a request, though several decide at once."""

from collections import Counter

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation
from pyroaring import BitMap

from operations import approvals
from operations.models import ApprovalRequest, AuditRecord
from rewards import award_batches
from rewards.models import Award, AwardBatch, Budget
from segmentation import member_sets
from tests.races.together import Crowd
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, with_chances
from tests.rewards.priced import budget, drawn, priced
from tests.rewards.two_people import APPROVES, olga, person

pytestmark = pytest.mark.django_db(transaction=True)
State = ApprovalRequest.State


def raised(held: Budget, by: User, cents: int) -> tuple[ApprovalRequest, str]:
    asked = approvals.ask("budget.budget", held, {"cents": str(cents)}, by=by, now=NOW)
    # What is shown is words: those who decide in threads of their own read the site's language.
    with translation.override(settings.LANGUAGE_CODE):
        return asked, approvals.shown(asked).token


def kind_of(outcome: object) -> str:
    if isinstance(outcome, approvals.NotDecided):
        return outcome.reason.name
    return outcome.state if isinstance(outcome, ApprovalRequest) else repr(outcome)


def test_of_many_who_approve_at_once_one_does():
    asker, held = olga(), budget(1_000)
    reviewers = [person(f"rei-{number}", *APPROVES) for number in range(8)]
    with Crowd(8) as crowd:
        for number in range(2, 12):
            asked, token = raised(held, asker, number * 1_000)
            found = crowd.each(
                lambda user, asked=asked, token=token: approvals.approve(asked, by=user, now=NOW, token=token),
                reviewers,
            )
            assert Counter(map(kind_of, found)) == {"approved": 1, "NOT_WAITING": 7}
            assert Budget.objects.get().cents == number * 1_000
    assert AuditRecord.objects.filter(action="budget.raised").count() == 10


def test_of_an_approval_and_a_withdrawal_at_once_one_holds():
    asker, reviewer = olga(), person("rei", *APPROVES)
    with Crowd(2) as crowd:
        for number in range(20):
            held = budget(1_000, scope=f"campaign:c{number}")
            asked, token = raised(held, asker, 2_000)

            def decide(who: int, asked: ApprovalRequest = asked, token: str = token) -> object:
                if who:
                    return approvals.withdraw(asked, by=asker, now=NOW)
                return approvals.approve(asked, by=reviewer, now=NOW, token=token)

            found = crowd.each(decide, range(2))
            asked.refresh_from_db()
            held.refresh_from_db()
            assert Counter(map(kind_of, found)) == {asked.state: 1, "NOT_WAITING": 1}
            assert held.cents == (2_000 if asked.state == State.APPROVED else 1_000)


def test_of_many_requests_at_once_for_one_thing_one_waits():
    held = budget(1_000)
    people = [person(f"olga-{number}", "change_budget") for number in range(8)]
    with Crowd(8) as crowd:
        found = crowd.each(
            lambda user: approvals.ask("budget.budget", held, {"cents": "2000"}, by=user, now=NOW), people
        )
    assert Counter(map(kind_of, found)) == {"waiting": 1, "WAITS_ALREADY": 7}
    assert ApprovalRequest.objects.count() == 1


def batch_of(people, by: User, **fields) -> AwardBatch:
    stored = member_sets.store(BitMap(member.pk for member in people))
    return AwardBatch.objects.create(
        members=stored, size=stored.size, reason="Sorry", made_by=by, created_at=NOW, state="running", **fields
    )


@pytest.mark.parametrize("kind", ["points", "chances", "thanks"])
def test_a_batch_and_draws_under_one_budget_all_end(kind):
    version, people = priced(("gold", 999_999, 300)), with_chances(6, each=20)
    budget(10_000_000)
    budget(10_000_000, per="member")
    amount = {"amount": 3} if kind in ("points", "chances") else {}
    batch = batch_of(people, olga(), gift=gift("given", kind, cost="2.00", stock=1_000, **amount), scope=SCOPE)
    members = member_sets.load(batch.members_id)

    def work(number: int) -> object:
        if number < 2:
            while award_batches.give_next(batch.pk, members, now=NOW):
                pass
            return "given"
        return [drawn(people[(number + each) % 6], version).prize for each in range(8)]

    with Crowd(6) as crowd:
        found = crowd.each(work, range(6))
    assert [each for each in found if isinstance(each, Exception)] == []
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.given) == ("done", 6, 6)
    assert Award.objects.filter(gift__slug="given").count() == 6
    assert books_are_right()


def test_a_batch_that_is_stopped_while_it_is_given_counts_what_it_gave_and_stays_stopped():
    people, by = with_chances(40), olga()
    with Crowd(3) as crowd:
        for number in range(6):
            batch = batch_of(people, by, gift=gift(f"given-{number}"))
            members = member_sets.load(batch.members_id)

            def work(who: int, batch: AwardBatch = batch, members: BitMap = members) -> None:
                if who == 0:
                    while not Award.objects.filter(gift=batch.gift).exists():
                        pass
                    award_batches.stop(batch, by=by, now=NOW)
                    return
                while award_batches.give_next(batch.pk, members, now=NOW):
                    pass

            assert [each for each in crowd.each(work, range(3)) if each is not None] == []
            batch.refresh_from_db()
            assert batch.state == "stopped"
            assert Award.objects.filter(gift=batch.gift).count() == batch.given == batch.done
