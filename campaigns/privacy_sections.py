"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns import proof_pictures
from campaigns.models import (
    ChainProgress,
    CodeTries,
    Completion,
    Enrolment,
    MadeUpDay,
    OfferCoupon,
    OfferGroup,
    OfferStock,
    Progress,
    Reservation,
    Submission,
    TakenBack,
    TaskCode,
)
from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump

MODELS = (Progress, Completion, ChainProgress, MadeUpDay)
OFFERS = (Reservation, OfferCoupon, OfferStock)


def participation(member: Member) -> Iterator[Row]:
    yield from dump(member.enrolments.order_by("id"), campaign_key=F("campaign__slug"))
    for model in (*MODELS, *OFFERS):
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("id"))
    yield from dump(OfferGroup.objects.filter(leader__member=member).order_by("id"))
    yield from dump(TakenBack.objects.filter(completion__enrolment__member=member).order_by("id"))


def erase_answers(member: Member, _now: datetime) -> None:
    Progress.objects.filter(enrolment__member=member).update(data={})


def submissions(member: Member) -> Iterator[Row]:
    yield from dump(Submission.objects.filter(enrolment__member=member).order_by("id"), "decided_by_id")
    yield from dump(CodeTries.objects.filter(enrolment__member=member).order_by("id"))
    yield from dump(TaskCode.objects.filter(used_by__member=member).order_by("id"), "sealed", "found_by")


def erase_submissions(member: Member, _now: datetime) -> None:
    handed_in = Submission.objects.filter(enrolment__member=member)
    proof_pictures.forget(handed_in.exclude(file="").values_list("file", flat=True))
    privacy.delete(handed_in)
    privacy.delete(CodeTries.objects.filter(enrolment__member=member))


def register_all() -> None:
    privacy.register(
        Section(
            "submissions",
            _("Proofs and codes handed in for tasks"),
            _("taken away with their pictures; codes that were used stay used, of a member without a name"),
            covers(Submission, CodeTries, TaskCode),
        ),
        submissions,
        erase_submissions,
    )
    privacy.register(
        Section(
            "participation",
            _("Participation in campaigns"),
            _("answers are taken away; what was finished stays, of a member without a name"),
            covers(Enrolment, *MODELS, TakenBack, *OFFERS, OfferGroup),
        ),
        participation,
        erase_answers,
    )
