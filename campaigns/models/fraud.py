"""From where members play: how fast, on which devices, and which of these are trusted. No address and no id is kept.

Devices and addresses are keyed hashes (`campaigns.origins`), as hexadecimal digits.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from campaigns.models.draft import Campaign
from campaigns.models.playing import Completion
from members.models import Member

HASH_DIGITS = 32


class Pace(models.Model):
    """How many moves came since a moment: of "member:ID:CAMPAIGN", of "device:HASH" or of "address:HASH".

    The table is not logged (migration): a crash forgets the last minute's counts, and no move waits for the disk.
    """

    who = models.CharField(max_length=90, primary_key=True)
    since = models.DateTimeField()
    moves = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.who}: {self.moves}"


class DeviceUse(models.Model):
    """A member who played a campaign on a device, the first and, within minutes, the last time.

    `address` is the last one, where the installation keeps them (FRAUD_INVITE_SAME_ADDRESS); its hash is of one day.
    """

    device = models.CharField(_("device"), max_length=HASH_DIGITS)
    member = models.ForeignKey(Member, models.PROTECT, related_name="device_uses", verbose_name=_("member"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign"))
    address = models.CharField(max_length=HASH_DIGITS, blank=True, default="", db_default="", editable=False)
    first_at = models.DateTimeField(_("first used"))
    last_at = models.DateTimeField(_("last used"))

    class Meta:
        verbose_name = _("device of a member")
        verbose_name_plural = _("devices of members")
        constraints = [models.UniqueConstraint(fields=["device", "campaign", "member"], name="device_use_once")]
        indexes = [models.Index(fields=["last_at"], name="device_use_last")]

    def __str__(self) -> str:
        return self.device[:8]


class Trusted(models.Model):
    """A device, or a member, that no limit counts: the shop's own tablet, a tester."""

    device = models.CharField(_("device"), max_length=HASH_DIGITS, unique=True, null=True, editable=False)
    member = models.OneToOneField(Member, models.PROTECT, null=True, related_name="trusted", verbose_name=_("member"))
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Such as “tablet at the counter”. Without names of people.")
    )
    trusted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=pgettext_lazy("person", "by"),
    )
    trusted_at = models.DateTimeField(_("since"), editable=False)

    class Meta:
        verbose_name = _("trusted device or member")
        verbose_name_plural = _("trusted devices and members")
        constraints = [
            models.CheckConstraint(
                condition=Q(device=None, member__isnull=False) | Q(device__isnull=False, member=None),
                name="trusted_device_or_member",
            )
        ]

    def __str__(self) -> str:
        return self.name


class HeldCompletions(models.Manager["HeldCompletion"]):
    def get_queryset(self) -> models.QuerySet["HeldCompletion"]:
        return super().get_queryset().exclude(held_for=[])


class HeldCompletion(Completion):
    """A completion whose reward was held back, as reviewers see it: waiting, released or refused."""

    objects: ClassVar[HeldCompletions] = HeldCompletions()

    class Meta:
        proxy = True
        verbose_name = _("reward to check")
        verbose_name_plural = _("rewards to check")
        permissions = [("review_completions", gettext_noop("Can release or refuse rewards that are held back"))]

    @property
    def audit_name(self) -> str:
        # The trail never forgets, so it does not learn the uid.
        return f"{self.task_key} {self.period}, member #{self.enrolment.member_id}"
