"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

<<<<<<< HEAD
from campaigns.models import (
    ChainProgress,
    Completion,
    Enrolment,
    OfferCoupon,
    OfferGroup,
    OfferStock,
    Progress,
    Reservation,
)
=======
from campaigns.models import ChainProgress, Completion, Enrolment, MadeUpDay, Progress, TakenBack
>>>>>>> core
from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump

<<<<<<< HEAD
MODELS = (Progress, Completion, ChainProgress)
OFFERS = (Reservation, OfferCoupon, OfferStock)
=======
MODELS = (Progress, Completion, ChainProgress, MadeUpDay)
>>>>>>> core


def participation(member: Member) -> Iterator[Row]:
    yield from dump(member.enrolments.order_by("id"), campaign_key=F("campaign__slug"))
    for model in (*MODELS, *OFFERS):
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("id"))
<<<<<<< HEAD
    yield from dump(OfferGroup.objects.filter(leader__member=member).order_by("id"))
=======
    yield from dump(TakenBack.objects.filter(completion__enrolment__member=member).order_by("id"))
>>>>>>> core


def erase_answers(member: Member, _now: datetime) -> None:
    Progress.objects.filter(enrolment__member=member).update(data={})


def register_all() -> None:
    privacy.register(
        Section(
            "participation",
            _("Participation in campaigns"),
            _("answers are taken away; what was finished stays, of a member without a name"),
<<<<<<< HEAD
            covers(Enrolment, *MODELS, *OFFERS, OfferGroup),
=======
            covers(Enrolment, *MODELS, TakenBack),
>>>>>>> core
        ),
        participation,
        erase_answers,
    )
