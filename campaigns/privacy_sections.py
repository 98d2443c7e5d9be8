"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    Bargain,
    ChainProgress,
    Completion,
    Enrolment,
    Help,
    Invitation,
    MadeUpDay,
    Progress,
    TakenBack,
    Team,
    TeamSeat,
)
from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump

MODELS = (Progress, Completion, ChainProgress, MadeUpDay)


def participation(member: Member) -> Iterator[Row]:
    yield from dump(member.enrolments.order_by("id"), campaign_key=F("campaign__slug"))
    for model in MODELS:
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("id"))
    yield from dump(TakenBack.objects.filter(completion__enrolment__member=member).order_by("id"))


def friends(member: Member) -> Iterator[Row]:
    """Other members are in it by numbers alone."""
    yield from dump(Invitation.objects.filter(Q(inviter__member=member) | Q(invitee__member=member)).order_by("id"))
    yield from dump(Help.objects.filter(Q(helper__member=member) | Q(helped__member=member)).order_by("id"))
    yield from dump(Bargain.objects.filter(enrolment__member=member).order_by("id"))
    yield from dump(Team.objects.filter(founder__member=member).order_by("id"))
    yield from dump(TeamSeat.objects.filter(enrolment__member=member).order_by("id"))


def erase_answers(member: Member, _now: datetime) -> None:
    Progress.objects.filter(enrolment__member=member).update(data={})


def register_all() -> None:
    privacy.register(
        Section(
            "participation",
            _("Participation in campaigns"),
            _("answers are taken away; what was finished stays, of a member without a name"),
            covers(Enrolment, *MODELS, TakenBack),
        ),
        participation,
        erase_answers,
    )
    privacy.register(
        Section(
            "friends",
            _("Invitations, helps, bargains and teams"),
            _("stay, of a member without a name"),
            covers(Invitation, Help, Bargain, Team, TeamSeat),
        ),
        friends,
        privacy.keep,
    )
