"""Days of a check-in that were made up afterwards (补签), and what each cost."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.playing import Enrolment


class MadeUpDay(models.Model):
    """A day that a member had missed. `number` counts those made up in the month `month`, in which it was done.

    The unique keys and the CHECK are the last word on how many a month allows, and that each day is made up once.
    """

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, db_index=False, related_name="made_up_days", verbose_name=_("enrolment")
    )
    task_key = models.SlugField(_("task"))
    day = models.DateField(_("day"))
    made_at = models.DateTimeField(_("made up"))
    # "2026-11", in the campaign's time zone.
    month = models.CharField(_("month"), max_length=7)
    number = models.PositiveSmallIntegerField(_("number in the month"))
    allowed = models.PositiveSmallIntegerField(_("allowed in the month"))
    # The key of the ledger's unit that it was paid in.
    unit = models.SlugField(_("unit"))
    price = models.PositiveIntegerField(_("price"))

    class Meta:
        verbose_name = _("made-up day")
        verbose_name_plural = _("made-up days")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "task_key", "day"], name="made_up_day_once"),
            models.UniqueConstraint(fields=["enrolment", "task_key", "month", "number"], name="made_up_day_numbered"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=F("allowed")), name="made_up_day_allowed"),
        ]

    def __str__(self) -> str:
        return f"{self.task_key} {self.day}"
