"""Chances and the draws they were used for."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member
from rewards.models.gifts import Award
from rewards.models.pools import PoolVersion
from rewards.odds import SCALE as ODDS_TOTAL


class Chances(models.Model):
    """How many draws a member was granted in a scope, and how many are used."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="chances", db_index=False, verbose_name=_("member"))
    scope = models.CharField(_("scope"), max_length=100)
    granted = models.PositiveIntegerField(pgettext_lazy("count", "granted"), default=0)
    used = models.PositiveIntegerField(pgettext_lazy("count", "used"), default=0)

    class Meta:
        verbose_name = _("chances")
        verbose_name_plural = _("chances")
        constraints = [
            models.UniqueConstraint(fields=["member", "scope"], name="chances_once"),
            models.CheckConstraint(condition=Q(used__lte=F("granted")), name="chances_used_within_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.scope}: {self.used}/{self.granted}"

    @property
    def left(self) -> int:
        """Return how many draws are left."""
        return self.granted - self.used


class ChanceGrant(models.Model):
    """Chances given once for a reason."""

    chances = models.ForeignKey(Chances, models.PROTECT, related_name="grants", verbose_name=_("chances"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    count = models.PositiveIntegerField(_("count"))
    granted_at = models.DateTimeField(pgettext_lazy("time", "granted"))

    class Meta:
        verbose_name = _("grant of chances")
        verbose_name_plural = _("grants of chances")

    def __str__(self) -> str:
        return self.key


class Draw(models.Model):
    """One recorded roll. Append-only. `rolled` owned the roll; `prize` was given; they differ only for `fallback`."""

    class Fallback(models.TextChoices):
        OUT_OF_STOCK = "out_of_stock", _("out of stock")
        NO_CODE = "no_code", _("no coupon code left")

    member = models.ForeignKey(Member, models.PROTECT, related_name="draws", db_index=False, verbose_name=_("member"))
    scope = models.CharField(_("scope"), max_length=100)
    version = models.ForeignKey(
        PoolVersion, models.PROTECT, related_name="draws", db_index=False, verbose_name=_("pool version")
    )
    request_key = models.CharField(_("request key"), max_length=200)
    roll = models.PositiveIntegerField(_("roll"))
    rolled = models.SlugField(_("rolled prize"))
    prize = models.SlugField(_("prize given"))
    fallback = models.CharField(_("why another prize"), max_length=20, choices=Fallback, blank=True)
    award = models.OneToOneField(Award, models.PROTECT, verbose_name=_("award"))
    drawn_at = models.DateTimeField(_("drawn"))

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        indexes = [models.Index(fields=["version", "prize"], name="draw_version_prize")]
        constraints = [
            models.UniqueConstraint(fields=["member", "scope", "request_key"], name="draw_once"),
            models.CheckConstraint(condition=Q(roll__lt=ODDS_TOTAL), name="draw_roll_in_range"),
            models.CheckConstraint(
                condition=Q(fallback="", rolled=F("prize")) | ~Q(fallback=""), name="draw_fallback_named"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
