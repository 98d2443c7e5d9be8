"""What campaigns hold about a member: what they took part in, how far they came and what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.models import ChainProgress, Completion, DeviceUse, Enrolment, Progress, Trusted
from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, delete, dump

MODELS = (Progress, Completion, ChainProgress)


def participation(member: Member) -> Iterator[Row]:
    yield from dump(member.enrolments.order_by("id"), campaign_key=F("campaign__slug"))
    for model in MODELS:
        yield from dump(model._default_manager.filter(enrolment__member=member).order_by("id"))


def erase_answers(member: Member, _now: datetime) -> None:
    Progress.objects.filter(enrolment__member=member).update(data={})


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
            "devices",
            _("Devices"),
            _("taken away; rewards that were held back are refused"),
            covers(DeviceUse, Trusted),
        ),
        devices,
        erase_devices,
    )
