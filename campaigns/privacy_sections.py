"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    BoardScore,
    ChainProgress,
    Completion,
    EnergyAccount,
    EnergyDrop,
    EnergyGain,
    EnergyMilestone,
    Enrolment,
    Progress,
    RankPrize,
    TagGiven,
)
from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump

MODELS = (Progress, Completion, ChainProgress)
BOARDS = (BoardScore, RankPrize)
ENERGY = (EnergyDrop, EnergyGain, EnergyAccount, EnergyMilestone)


def participation(member: Member) -> Iterator[Row]:
    yield from dump(member.enrolments.order_by("id"), campaign_key=F("campaign__slug"))
    for model in MODELS:
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("id"))


def erase_answers(member: Member, _now: datetime) -> None:
    Progress.objects.filter(enrolment__member=member).update(data={})


def places(member: Member) -> Iterator[Row]:
    for model in BOARDS:
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("pk"))


def leave_boards(member: Member, _now: datetime) -> None:
    privacy.delete(BoardScore.objects.filter(enrolment__in=_of(member)))


def energy(member: Member) -> Iterator[Row]:
    for model in ENERGY:
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("pk"))


def erase_sources(member: Member, _now: datetime) -> None:
    # The key names an order or an event.
    nameless = Concat(Value("erased:"), Cast("pk", TextField()))
    EnergyDrop.objects.filter(enrolment__in=_of(member)).update(key=nameless)


def tags(member: Member) -> Iterator[Row]:
    yield from dump(TagGiven.objects.filter(enrolment__member=member).order_by("pk"))


def erase_tags(member: Member, _now: datetime) -> None:
    privacy.delete(TagGiven.objects.filter(enrolment__in=_of(member)))


def _of(member: Member) -> list[int]:
    return list(member.enrolments.values_list("pk", flat=True))


def register_all() -> None:
    privacy.register(
        Section(
            "participation",
            _("Participation in campaigns"),
            _("answers are taken away; what was finished stays, of a member without a name"),
            covers(Enrolment, *MODELS),
        ),
        participation,
        erase_answers,
    )
    privacy.register(
        Section(
            "leaderboards",
            _("Places on leaderboards"),
            _("taken off every leaderboard; the prizes won stay, of a member without a name"),
            covers(*BOARDS),
        ),
        places,
        leave_boards,
    )
    privacy.register(
        Section(
            "energy",
            _("Energy in campaigns"),
            _("what it came from is taken away; the amounts stay, of a member without a name"),
            covers(*ENERGY),
        ),
        energy,
        erase_sources,
    )
    privacy.register(
        Section("participation-tags", _("Tags for taking part"), _("deleted"), covers(TagGiven)), tags, erase_tags
    )
