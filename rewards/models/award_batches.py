"""A gift for many members at once, by an operator."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from rewards.models.gifts import Gift
from segmentation.models import MemberSet, UidList


class AwardBatch(models.Model):
    """A gift for each member of a list. First looked at and, with four eyes, approved; then worked off by workers.

    `last_id` is the member up to whom it is done; `missed` are counts by the reason why a gift could not be given.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", pgettext_lazy("bulk awards", "to be checked")
        WAITING = "waiting", _("waiting for approval")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", pgettext_lazy("bulk awards", "stopped")

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="award_batches", verbose_name=_("gift"))
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+", verbose_name=_("members"))
    uids = models.ForeignKey(
        UidList, models.SET_NULL, null=True, related_name="+", verbose_name=_("list of uids"), editable=False
    )
    size = models.PositiveIntegerField(_("members"))
    scope = models.CharField(_("paid by the budgets of"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=150)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARED)
    last_id = models.BigIntegerField(default=-1, editable=False)
    done = models.PositiveIntegerField(_("members done"), default=0)
    given = models.PositiveIntegerField(_("given"), default=0)
    resumed = models.PositiveSmallIntegerField(default=0, editable=False)
    missed = models.JSONField(_("not given"), default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("awards in bulk")
        verbose_name_plural = _("awards in bulk")
        ordering = ["-id"]
        default_permissions = ("add", "view")
        permissions = [
            ("approve_awardbatch", gettext_noop("Can approve awards in bulk that another asked for")),
            ("stop_awardbatch", gettext_noop("Can stop awards in bulk")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="award_batch_of_somebody"),
            models.CheckConstraint(condition=~Q(reason=""), name="award_batch_has_a_reason"),
            models.CheckConstraint(
                condition=Q(done__lte=F("size")) & Q(given__lte=F("done")), name="award_batch_within_its_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gift} × {self.size:,}"

    @property
    def percent(self) -> int:
        """How many members have been dealt with; 100 only when all have."""
        return self.done * 100 // self.size
