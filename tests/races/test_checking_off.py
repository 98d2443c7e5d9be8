"""One award at many counters at once, and beside its expiry and its reversal."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from operations.models import AuditRecord
from rewards.award_expiry import expire_due
from rewards.awards import grant_award
from rewards.checking_off import NotRedeemable, Refusal, Use, redeem
from rewards.guessing import MOST, TooManyWrong, count_try
from rewards.models import Award, Budget, CheckOff, Quota
from rewards.reversing import NotReversible, reverse_award
from tests.races.together import Crowd, at_once
from tests.rewards import at_counter
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, members

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


def test_thirty_staff_check_off_one_award_and_one_does():
    outlets = [at_counter.outlet(f"o{number}") for number in range(3)]
    staff = [(at_counter.clerk(f"c{number}", place := outlets[number % 3]), place) for number in range(30)]
    award = at_counter.award(gift("mug", "shared_coupon", valid_days=1))

    with Crowd(30) as crowd:
        answers = crowd.each(lambda who: redeem(award.pk, by=who[0], outlet=who[1], now=NOW), staff)

    assert Counter(type(answer) for answer in answers) == {Use: 1, NotRedeemable: 29}
    used = CheckOff.objects.get()
    told = [answer for answer in answers if isinstance(answer, NotRedeemable)]
    assert {(refused.reason, refused.at) for refused in told} == {(Refusal.REDEEMED, used.at)}
    assert {used.by.username in refused.where for refused in told} == {True}
    assert AuditRecord.objects.filter(action="award.redeemed").count() == 1
    assert books_are_right()


def test_thirty_replays_of_one_request_are_one_use_and_one_answer():
    west = at_counter.outlet("west")
    lin = at_counter.clerk("lin", west)
    award = at_counter.award(gift("mug", "shared_coupon"))

    def tap(_number):
        return redeem(award.pk, by=lin, outlet=west, request_key="page:1", now=NOW)

    answers = at_once(30, tap)
    assert Counter(answer.repeated for answer in answers) == {False: 1, True: 29}
    assert {answer.check_off.pk for answer in answers} == {CheckOff.objects.get().pk}


def test_a_use_an_expiry_and_a_reversal_at_once_leave_one_of_them():
    mug = gift("mug", "shared_coupon", cost=5, stock=100, per_member=100, valid_days=1)
    Budget.objects.create(scope=SCOPE, per="total", cents=10_000)
    (member,) = members(1)
    ends, shuffled = Counter(), random.Random(20_261_122)
    with Crowd(30) as crowd:
        for number in range(ROUNDS):
            award = grant_award(mug, member.pk, key=str(number), source="test", scope=SCOPE, now=NOW)
            after = award.expires_at + timedelta(seconds=1)

            def act(way, award=award, after=after):
                if way == "use":
                    # Whoever uses it came before the end; the expiry runs after it.
                    return redeem(award.pk, by=None, now=award.expires_at - timedelta(seconds=1))
                if way == "expire":
                    return expire_due(now=after, limit=500)
                return reverse_award(award.pk, by=None, reason="test", now=after)

            turns = shuffled.sample(["use", "expire", "reverse"] * 10, 30)
            answers = list(zip(turns, crowd.each(act, turns), strict=True))
            ends[check_one_end(award, answers)] += 1
            assert books_are_right()
    assert sum(ends.values()) == ROUNDS


def check_one_end(award, answers):
    """Assert that what the callers were told is what became of the award; return its state."""
    uses = [answer for way, answer in answers if way == "use" and isinstance(answer, Use)]
    expired = sum(answer for way, answer in answers if way == "expire")
    reversals = [answer for way, answer in answers if way == "reverse" and isinstance(answer, Award)]
    refused = (Use, NotRedeemable, NotReversible, Award, int)
    assert all(isinstance(answer, refused) for _way, answer in answers), answers
    award.refresh_from_db()
    # An expired award may be taken back afterwards; a used one is used for good.
    assert len(uses) + max(expired, len(reversals)) == 1
    assert (len(uses), len(reversals)) == (award.state == "redeemed", award.state == "reversed")
    kept = Quota.objects.filter(key="gift:mug", member=None).get().used
    assert kept == Award.objects.filter(gift=award.gift).exclude(state="reversed").count()
    return award.state


def test_sixty_guesses_at_once_are_as_many_as_one_after_the_other():
    lin = at_counter.clerk("lin")
    answers = at_once(30, lambda _number: count_try(lin, now=NOW))
    answers += at_once(30, lambda _number: count_try(lin, now=NOW))
    assert Counter(type(answer) for answer in answers) == {type(None): MOST, TooManyWrong: 60 - MOST}
    assert AuditRecord.objects.filter(action="check_off.last_try").count() == 1
