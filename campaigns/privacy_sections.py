"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    ChainProgress,
    Completion,
    Enrolment,
    MadeUpDay,
    OfferCoupon,
    OfferGroup,
    OfferStock,
    Progress,
    Reservation,
    TakenBack,
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


def register_all() -> None:
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
