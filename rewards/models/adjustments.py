"""Corrections of a balance by hand."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from members.models import Member
from rewards.models.ledger import Entry, Unit


class Adjustment(models.Model):
    """A correction with its reason. Above the unit's limit it waits for a second person."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for approval")
        POSTED = "posted", _("posted")
        REFUSED = "refused", _("refused")

    member = models.ForeignKey(Member, models.PROTECT, related_name="adjustments", verbose_name=_("member"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    amount = models.BigIntegerField(_("amount"), help_text=_("Below 0 it is taken away."))
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, verbose_name=_("entry"))

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        ordering = ["-id"]
        indexes = [models.Index(fields=["-id"], name="adjustment_waiting", condition=Q(state="waiting"))]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="adjustment_moves_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="adjustment_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=Q(state="posted", entry__isnull=False) | (~Q(state="posted") & Q(entry=None)),
                name="adjustment_posted_has_its_entry",
            ),
        ]
        permissions = [("approve_adjustment", gettext_noop("Can approve another's adjustment"))]

    def __str__(self) -> str:
        return f"#{self.pk}"
