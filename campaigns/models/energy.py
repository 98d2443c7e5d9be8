"""Energy (能量): drops that ripen, wither and are collected; what each member has, and all members together."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.draft import Campaign
from campaigns.models.playing import Enrolment


class EnergyDrop(models.Model):
    """Energy that something a member did brought, to be collected from `matures_at` up to before `withers_at`.

    Of its `amount` every bit is in exactly one place: collected by the owner or a helper, stolen, withered, or there.
    """

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="energy_drops", db_index=False, verbose_name=_("enrolment")
    )
    # What it came from: the place of the source in the campaign's configuration, and the fact, such as "order:A-1".
    source = models.CharField(_("source"), max_length=80)
    key = models.CharField(_("key"), max_length=150)
    # The day in the campaign's zone: a source brings so much a day.
    day = models.DateField(_("day"))
    amount = models.PositiveIntegerField(_("amount"))
    collected = models.PositiveIntegerField(_("collected"), default=0, db_default=0)
    stolen = models.PositiveIntegerField(_("stolen"), default=0, db_default=0)
    withered = models.PositiveIntegerField(_("withered"), default=0, db_default=0)
    remaining = models.PositiveIntegerField(_("remaining"))
    matures_at = models.DateTimeField(_("ripe"))
    withers_at = models.DateTimeField(_("withers"))

    class Meta:
        verbose_name = _("drop of energy")
        verbose_name_plural = _("drops of energy")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "source", "key"], name="energy_drop_once"),
            models.CheckConstraint(
                condition=Q(amount=F("collected") + F("stolen") + F("withered") + F("remaining")),
                name="energy_drop_whole",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="energy_drop_not_empty"),
            models.CheckConstraint(condition=Q(withers_at__gt=F("matures_at")), name="energy_drop_ripe_for_a_while"),
        ]
        indexes = [
            models.Index(fields=["enrolment"], condition=Q(remaining__gt=0), name="energy_drop_there"),
            models.Index(fields=["withers_at"], condition=Q(remaining__gt=0), name="energy_drop_to_wither"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key}: {self.remaining}/{self.amount}"


class EnergyGain(models.Model):
    """Energy that a member got: from a drop of their own, a friend's, or as thanks for helping. Never changed."""

    class Kind(models.TextChoices):
        COLLECTED = "collected", _("collected")
        # A friend collected it for the owner, who is the one who gains.
        HELPED = "helped", _("collected by a friend")
        STOLEN = "stolen", _("taken from a friend")
        THANKS = "thanks", _("thanks for helping")

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="energy_gains", verbose_name=_("enrolment"))
    drop = models.ForeignKey(EnergyDrop, models.PROTECT, related_name="gains", verbose_name=_("drop of energy"))
    # Who did it: the owner, the friend who helped, or the one who took it.
    by = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="+", db_index=False, verbose_name=pgettext_lazy("person", "by")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.PositiveIntegerField(_("amount"))
    day = models.DateField(_("day"))
    gained_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("energy gained")
        verbose_name_plural = _("energy gained")
        constraints = [
            # A friend takes from a drop once, and is thanked for it once.
            models.UniqueConstraint(fields=["drop", "by", "kind"], name="energy_gain_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="energy_gain_not_empty"),
        ]
        indexes = [models.Index(fields=["by", "day"], condition=Q(kind="thanks"), name="energy_gain_thanks")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class EnergyAccount(models.Model):
    """All the energy that a member has gained in a campaign. It is never spent: milestones are passed."""

    enrolment = models.OneToOneField(
        Enrolment, models.PROTECT, related_name="energy", primary_key=True, verbose_name=_("enrolment")
    )
    total = models.PositiveIntegerField(_("energy"), default=0, db_default=0)

    class Meta:
        verbose_name = _("energy of a member")
        verbose_name_plural = _("energy of members")

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.total}"


class EnergyMilestone(models.Model):
    """A milestone passed. `rewarded_at` is empty while its gift could not be given; the member claims it later."""

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="energy_milestones", db_index=False, verbose_name=_("enrolment")
    )
    at = models.PositiveIntegerField(_("energy needed"))
    reached_at = models.DateTimeField(_("reached"))
    rewarded_at = models.DateTimeField(_("rewarded"), null=True)

    class Meta:
        verbose_name = _("milestone reached")
        verbose_name_plural = _("milestones reached")
        constraints = [models.UniqueConstraint(fields=["enrolment", "at"], name="energy_milestone_once")]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.at}"


class EnergyPot(models.Model):
    """A part of what all members of a campaign have gained together: its parts add up to all of it.

    Members are spread over the parts, so that not everyone waits for one row.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="energy_pots", db_index=False, verbose_name=_("campaign")
    )
    part = models.PositiveSmallIntegerField(_("part"))
    total = models.PositiveBigIntegerField(_("energy"), default=0, db_default=0)

    class Meta:
        verbose_name = _("shared energy")
        verbose_name_plural = _("shared energy")
        constraints = [models.UniqueConstraint(fields=["campaign", "part"], name="energy_pot_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id}.{self.part}: {self.total}"
