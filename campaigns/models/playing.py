"""The live state of those who take part. It names tasks and chains by their keys, so that it survives a revision."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.draft import Campaign
from members.models import Member


class Enrolment(models.Model):
    """A member who entered a campaign, and the score (活动分数) made in it."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrolments", verbose_name=_("campaign"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="enrolments", verbose_name=_("member"))
    joined_at = models.DateTimeField(_("joined"))
    score = models.PositiveIntegerField(_("campaign score"), default=0)
    # The last period for which the member's level brought extra draw chances: who has had them is not asked again.
    level_chances_period = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        # Who joined today, in which campaign: the figures of the first page.
        indexes = [models.Index(fields=["joined_at", "campaign"], name="enrolment_when")]
        constraints = [models.UniqueConstraint(fields=["campaign", "member"], name="enrolment_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.campaign_id}"


class Progress(models.Model):
    """How far a member is with a task in a period: its key is that of `campaigns.periods`."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="progress", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    count = models.PositiveIntegerField(_("progress"), default=0)
    data = models.JSONField(_("data"), default=dict)
    # Of a task that is accepted first: until when, exclusive, it must be done.
    finish_until = models.DateTimeField(_("to be finished before"), null=True)
    # The places in quotas that it holds: [[key of the quota, key of its period], …] (`campaigns.quotas`).
    places = models.JSONField(default=list, db_default=[], editable=False)
    # When its place in the quotas was given back: it was accepted and not finished in time.
    lapsed_at = models.DateTimeField(_("lapsed"), null=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints = [models.UniqueConstraint(fields=["enrolment", "task_key", "period"], name="progress_once")]
        indexes = [
            models.Index(
                fields=["finish_until"],
                condition=Q(finish_until__isnull=False, lapsed_at=None),
                name="progress_to_lapse",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_key} {self.period}"


class Completion(models.Model):
    """A task done in a period; it is rewarded once: at once, or when the member claims it.

    `claim_until` ends the claim. `held_at` says since when the reward is held back for review, `held_for` by which
    signs; a reviewer releases it (`held_at` becomes NULL) or refuses it (`refused_at`), and then it is never given.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="completions", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    completed_at = models.DateTimeField(_("completed"))
    rewarded_at = models.DateTimeField(_("rewarded"), null=True)
    claim_until = models.DateTimeField(_("to be claimed before"), null=True)
    held_at = models.DateTimeField(_("held back"), null=True)
    held_for = models.JSONField(_("signs"), default=list, db_default=[])
    refused_at = models.DateTimeField(_("refused"), null=True)

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        indexes = [
            models.Index(
                fields=["held_at"], condition=Q(held_at__isnull=False, refused_at=None), name="completion_to_review"
            ),
            models.Index(
                fields=["claim_until"],
                condition=Q(claim_until__isnull=False, rewarded_at=None),
                name="completion_to_claim",
            ),
            models.Index(fields=["completed_at"], name="completion_when"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "task_key", "period"], name="completion_once"),
            models.CheckConstraint(
                condition=Q(rewarded_at=None) | (Q(held_at=None) & Q(refused_at=None)),
                name="completion_held_is_not_rewarded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_key} {self.period}"


class ChainProgress(models.Model):
    """A step of a chain done, or passed over by those it is not for (`skipped`).

    A composite foreign key to the step before it (migration) refuses whatever does not follow.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="chain_progress", verbose_name=_("enrolment"))
    chain_key = models.SlugField(_("chain of tasks"))
    step = models.PositiveSmallIntegerField(_("step"))
    previous_step = models.PositiveSmallIntegerField(null=True, editable=False)
    skipped = models.BooleanField(_("skipped"), default=False, db_default=False)
    done_at = models.DateTimeField(pgettext_lazy("time", "done"))

    class Meta:
        verbose_name = _("step done")
        verbose_name_plural = _("steps done")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "chain_key", "step"], name="chain_progress_once"),
            models.CheckConstraint(
                # Without the "not null" a step that names none before it would pass: NULL is no refusal to a CHECK.
                condition=Q(step=1, previous_step=None)
                | Q(step__gt=1, previous_step__isnull=False, previous_step=F("step") - 1),
                name="chain_progress_follows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain_key} {self.step}"


class TaskQuota(models.Model):
    """How often a task was done by all who share a quota, in a period of the quota. The CHECK is the last word."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign"))
    task_key = models.SlugField(_("task"))
    # The key of the quota (`campaigns.definition.Quota.key`), and of its period.
    part = models.CharField(_("quota"), max_length=64)
    period = models.CharField(_("period"), max_length=12)
    taken = models.PositiveIntegerField(_("taken"))
    quota = models.PositiveIntegerField(_("quota"))

    class Meta:
        verbose_name = _("quota of a task")
        verbose_name_plural = _("quotas of tasks")
        # Which are full is asked with every member's facts.
        indexes = [models.Index(fields=["campaign"], condition=Q(taken__gte=F("quota")), name="task_quota_full")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "task_key", "part", "period"], name="task_quota_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("quota")), name="task_quota_not_exceeded"),
        ]

    def __str__(self) -> str:
        return f"{self.task_key} {self.period}: {self.taken}/{self.quota}"
