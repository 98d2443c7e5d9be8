"""Where a member stands on the ladder, which paid levels they bought, and each change of level.

`Member.level` is the level that counts: the higher ranked of the level by growth and the paid levels that run. It is
written by `members.standing` alone, which writes these tables too.
"""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.levels import Level
from members.models.people import Member


class MemberLevel(models.Model):
    """A member's level by growth: always the one that `growth - growth_base`, and never less than 0, reaches.

    A member without a row has earned nothing: the level that needs nothing is theirs.

    `growth` is all growth value ever earned, net of reversals, as the ledger last told. `growth_base` is what no
    longer counts, or counts beyond what was earned where it is negative: a downgrade raises it to what is needed, an
    imported level lowers it.
    """

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="standing")
    growth_level = models.ForeignKey(
        Level, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("level by growth")
    )
    growth = models.BigIntegerField(_("growth value earned"), default=0)
    growth_base = models.BigIntegerField(_("growth value that no longer counts"), default=0)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("reviewed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("member's level")
        verbose_name_plural = _("members' levels")
        indexes = [models.Index(fields=["until"], name="member_level_until", condition=Q(until__isnull=False))]

    def __str__(self) -> str:
        return f"{self.member_id}"


class PaidPeriod(models.Model):
    """A stretch of time for which a paid level was bought. It ends early when its order is refunded.

    Who has an open period, neither closed nor taken back, has its level. Those of one level follow each other without
    a gap, so that the first is always one that runs, or one whose end the nightly job has yet to see.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, db_index=False, related_name="paid_periods", verbose_name=_("member")
    )
    level = models.ForeignKey(Level, models.PROTECT, related_name="+", verbose_name=_("level"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    order_id = models.CharField(_("order id"), max_length=100, blank=True)
    # For how long it was bought: a period is moved up when the one before it is taken back. Empty: for ever.
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    # Empty: it never ends.
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    bought_at = models.DateTimeField(_("bought"))
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    # Whether its end has been seen, by the nightly job or by a refund.
    closed = models.BooleanField(_("closed"), default=False)

    class Meta:
        verbose_name = _("paid period")
        verbose_name_plural = _("paid periods")
        indexes = [
            models.Index(fields=["member", "ends_at"], name="paid_period_member"),
            models.Index(fields=["ends_at"], name="paid_period_open", condition=Q(closed=False)),
            models.Index(fields=["order_id"], name="paid_period_order", condition=~Q(order_id="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="paid_period_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def last_day(self) -> date | None:
        """The last day of the site's time zone that it covers; None where it never ends."""
        if self.ends_at is None:
            return None
        return timezone.localdate(self.ends_at - timedelta(microseconds=1), timezone.get_default_timezone())


class LevelChange(models.Model):
    """The level that counts for a member became another. Append-only: a trigger refuses changes."""

    class Cause(models.TextChoices):
        GROWTH = "growth", _("growth earned")
        REVERSAL = "reversal", _("growth taken back")
        REVIEW = "review", _("end of the validity")
        BOUGHT = "bought", _("bought")
        PAID_ENDED = "paid_ended", _("the paid period ended")
        REFUNDED = "refunded", _("refunded")
        IMPORTED = "imported", _("import")
        BY_HAND = "by_hand", _("by hand")
        LADDER = "ladder", _("the ladder changed")

    member = models.ForeignKey(
        Member, models.CASCADE, db_index=False, related_name="level_changes", verbose_name=_("member")
    )
    before = models.ForeignKey(Level, models.PROTECT, null=True, related_name="+", verbose_name=_("before"))
    after = models.ForeignKey(Level, models.PROTECT, null=True, related_name="+", verbose_name=_("after"))
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    reference = models.CharField(_("reference"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("change of level")
        verbose_name_plural = _("changes of level")
        indexes = [models.Index(fields=["member", "-changed_at"], name="level_change_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.cause}"
