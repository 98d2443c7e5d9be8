"""Callbacks, codes, proofs, shares and custom events, as their tables tell."""

from datetime import date

import pytest

from campaigns import callbacks, lapsing, playing, submission_reviews, task_codes
from campaigns.models import Campaign, Submission
from campaigns.refusals import Because, Refused
from members.models import Identity, Member
from tests.campaigns import story
from tests.campaigns.story import name_of, play, stories

pytestmark = pytest.mark.django_db
KINDS = ("callback", "event", "proof", "redeem_code", "share")
NOTHING_WAITS = Because("nothing_waits", "Nothing waits.")


def add_codes(_uid, key, payload, now):
    task_codes.bring_in(Campaign.objects.get(), key, payload["lines"], by=None, now=now)


def call_back(_uid, key, payload, now):
    callbacks.take(callbacks.parse(payload), "autumn", key, now=now)


def give_identity(uid, _key, payload, now):
    member = Member.objects.get(uid=uid)
    Identity.objects.create(member=member, provider=payload["provider"], subject=payload["id"])


def waiting(uid):
    mine = Submission.objects.filter(enrolment__member__uid=uid, state="pending").order_by("pk").first()
    if mine is None:
        raise Refused(NOTHING_WAITS)
    return mine.pk


def approve(uid, _key, _payload, now):
    submission_reviews.approve(waiting(uid), by=None, now=now)


def refuse(uid, _key, payload, now):
    submission_reviews.refuse(waiting(uid), reason=payload["reason"], by=None, now=now)


def type_code_of_day(uid, key, payload, now):
    (code, *_older) = task_codes.codes_of_day("autumn", key, date.fromisoformat(payload["of"]))
    return playing.submit(Member.objects.get(uid=uid), "autumn", key, {"code": code}, now=now)


def lapse(_uid, _key, _payload, now):
    lapsing.lapse(now=now)


story.OTHERS |= {
    "lapse": lapse,
    "callback": call_back,
    "identity": give_identity,
    "approve": approve,
    "refuse": refuse,
    "codes": add_codes,
    "day_code": type_code_of_day,
}


@pytest.mark.parametrize(
    "told", [pytest.param(told, id=f"{kind}: {name_of(told)}") for kind in KINDS for told in stories(kind)]
)
def test_a_task_moves_as_the_story_tells(told):
    play(told)
