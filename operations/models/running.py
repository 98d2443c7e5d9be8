"""Jobs, their heartbeat, and the books that are checked."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from operations.books import LONGEST_NAME


class Job(models.Model):
    """Background work that must happen once. django-q2 carries it; this row is the truth."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("dead")

    key = models.CharField(_("key"), max_length=200, unique=True)
    function = models.CharField(_("function"), max_length=200)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    run_after = models.DateTimeField(_("run after"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveIntegerField(_("attempts at most"), default=5)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    carrier = models.BigIntegerField(
        _("carrier"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The row of django-q2's queue that carries it."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["run_after"], name="job_open", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["-id"], name="job_dead", condition=Q(state="dead")),
            models.Index(fields=["finished_at"], name="job_done", condition=Q(state="done")),
        ]
        permissions = [("replay_job", gettext_noop("Can replay a dead job"))]

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a job last went the whole way from the schedule to a worker."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)
    beat_at = models.DateTimeField(_("last beat"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """The last count of one invariant of the books. Anything but 0 is a loss or a gift nobody meant."""

    name = models.CharField(_("name"), max_length=LONGEST_NAME, primary_key=True)
    violations = models.PositiveBigIntegerField(_("violations"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    took = models.DurationField(_("took"), default=timedelta)
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("book")
        verbose_name_plural = _("books")

    def __str__(self) -> str:
        return self.name

    @property
    def balances(self) -> bool:
        """Whether the last check ran and found nothing."""
        return self.violations == 0
