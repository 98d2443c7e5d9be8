"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from campaigns import proof_pictures
from campaigns.models import (
    Bargain,
    BoardScore,
    ChainProgress,
    CodeTries,
    Completion,
    DeviceUse,
    EnergyAccount,
    EnergyDrop,
    EnergyGain,
    EnergyMilestone,
    Enrolment,
    Help,
    Invitation,
    MadeUpDay,
    OfferCoupon,
    OfferGroup,
    OfferStock,
    Progress,
    RankPrize,
    Reservation,
    Submission,
    TagGiven,
    TakenBack,
    TaskCode,
    Team,
    TeamSeat,
    Trusted,
)
from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, delete, dump

MODELS = (Progress, Completion, ChainProgress, MadeUpDay)
OFFERS = (Reservation, OfferCoupon, OfferStock)
BOARDS = (BoardScore, RankPrize)
ENERGY = (EnergyDrop, EnergyGain, EnergyAccount, EnergyMilestone)


def participation(member: Member) -> Iterator[Row]:
    yield from dump(member.enrolments.order_by("id"), campaign_key=F("campaign__slug"))
    for model in (*MODELS, *OFFERS):
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("id"))
    yield from dump(OfferGroup.objects.filter(leader__member=member).order_by("id"))
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


def submissions(member: Member) -> Iterator[Row]:
    yield from dump(Submission.objects.filter(enrolment__member=member).order_by("id"), "decided_by_id")
    yield from dump(CodeTries.objects.filter(enrolment__member=member).order_by("id"))
    yield from dump(TaskCode.objects.filter(used_by__member=member).order_by("id"), "sealed", "found_by")


def erase_submissions(member: Member, _now: datetime) -> None:
    handed_in = Submission.objects.filter(enrolment__member=member)
    proof_pictures.forget(handed_in.exclude(file="").values_list("file", flat=True))
    privacy.delete(handed_in)
    privacy.delete(CodeTries.objects.filter(enrolment__member=member))


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


def devices(member: Member) -> Iterator[Row]:
    yield from dump(member.device_uses.order_by("id"), "address", campaign_key=F("campaign__slug"))
    yield from dump(Trusted.objects.filter(member=member), "device")


def erase_devices(member: Member, now: datetime) -> None:
    """Forget where the member played. What waits for a reviewer is refused: there is nobody to give it to."""
    delete(member.device_uses.all())
    delete(Trusted.objects.filter(member=member))
    waiting = Completion.objects.filter(enrolment__member=member, held_at__isnull=False, refused_at=None)
    waiting.update(refused_at=now)


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
    privacy.register(
        Section(
            "devices",
            _("Devices"),
            _("taken away; rewards that were held back are refused"),
            covers(DeviceUse, Trusted),
        ),
        devices,
        erase_devices,
    )
