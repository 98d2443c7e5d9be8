"""Segments, their rules as they were saved, and their recomputations."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from segmentation.models.sets import MemberSet


class Segment(models.Model):
    """A set of members with a name: a living rule (分群), or a package (用户包), which changes by hand only.

    `members` is its last good version. `as_of` is the state of the facts that it answers for (`members.touches`).
    """

    class Kind(models.TextChoices):
        RULE = "rule", pgettext_lazy("segment", "rule")
        PACKAGE = "package", pgettext_lazy("segment", "package")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.RULE, editable=False)
    # Empty for a package.
    rule = models.JSONField(_("rule"), null=True)
    # How a package came to be: {"how": "upload"|"freeze"|"combine"|"split", …}. Empty for a rule.
    origin = models.JSONField(_("origin"), default=dict, blank=True, editable=False)
    members = models.ForeignKey(
        MemberSet, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("members")
    )
    # Empty: nobody knows; all members have to be looked at. A trigger empties it when the rule changes.
    as_of = models.TextField(blank=True, editable=False)
    # The families of facts that `members` were made from (`segmentation.dependencies`).
    families = ArrayField(models.CharField(max_length=20), default=list, blank=True, editable=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)
    follows = models.BooleanField(
        _("follow new facts"),
        default=True,
        help_text=_("Members touched by a new order, event or tag are looked at again within seconds."),
    )
    every_minutes = models.PositiveIntegerField(_("recompute every so many minutes"), null=True, blank=True)
    cron = models.CharField(
        _("recompute by the clock (cron)"),
        max_length=100,
        blank=True,
        help_text=_("Minute, hour, day, month, weekday, as “30 3 * * *”, in the site's time zone."),
    )
    next_run_at = models.DateTimeField(_("next run"), null=True, editable=False)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["slug"]
        permissions = [
            ("recompute_segment", gettext_noop("Can recompute a segment")),
            ("export_segment", gettext_noop("Can export the members of a segment")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="rule", rule__isnull=False) | Q(kind="package", rule__isnull=True),
                name="segment_rule_or_package",
            ),
            models.CheckConstraint(
                condition=Q(every_minutes__isnull=True) | Q(cron=""), name="segment_one_kind_of_schedule"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """A rule as it was saved: the definitions of a segment in their order, never changed."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions", verbose_name=_("segment"))
    number = models.PositiveIntegerField(_("version"))
    rule = models.JSONField(_("rule"))
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.CharField(_("saved by"), max_length=150, blank=True)
    # The number of the version that was rolled back to, where this one is a roll-back.
    restores = models.PositiveIntegerField(_("rolled back to"), null=True)

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]

    def __str__(self) -> str:
        return f"{self.segment} v{self.number}"


class SegmentRun(models.Model):
    """One recomputation of a segment: how far, how long, how many, who came and went, or why it failed."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    class Kind(models.TextChoices):
        FULL = "full", pgettext_lazy("run", "all members")
        TOUCHED = "touched", pgettext_lazy("run", "members with new facts")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="runs", verbose_name=_("segment"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.FULL)
    state = models.CharField(_("state"), max_length=10, choices=State)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    # Clauses answered, of clauses in all.
    clauses_done = models.PositiveIntegerField(_("clauses answered"), default=0)
    clauses = models.PositiveIntegerField(_("clauses"), default=0)
    # Members that were looked at: all, or those touched.
    looked_at = models.PositiveIntegerField(_("members looked at"), null=True)
    # Empty once the sets are pruned.
    before = models.ForeignKey(MemberSet, models.SET_NULL, null=True, related_name="+", verbose_name=_("before"))
    members = models.ForeignKey(MemberSet, models.SET_NULL, null=True, related_name="+", verbose_name=_("members"))
    size = models.PositiveIntegerField(_("size"), null=True)
    entered = models.PositiveIntegerField(pgettext_lazy("members", "entered"), null=True)
    left = models.PositiveIntegerField(pgettext_lazy("members", "left"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("segment run")
        verbose_name_plural = _("segment runs")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.segment} {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None
