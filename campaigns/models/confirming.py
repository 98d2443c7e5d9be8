"""What confirms that a member did something that the house does not see: a word from outside, a code, a reviewer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from campaigns.models.draft import Campaign
from campaigns.models.playing import Enrolment


class Submission(models.Model):
    """One thing said to be done in a task and period: by an outside system or a code, approved at once; or by the
    member, whose words, link and picture a reviewer looks at.

    One at a time is pending or approved. A trigger refuses to decide a second time.
    """

    class Way(models.TextChoices):
        CALLBACK = "callback", _("confirmed by an outside system")
        CODE = "code", pgettext_lazy("how it was confirmed", "code")
        REVIEW = "review", _("handed in for review")

    class State(models.TextChoices):
        PENDING = "pending", _("to be reviewed")
        APPROVED = "approved", pgettext_lazy("submission", "approved")
        REFUSED = "refused", pgettext_lazy("submission", "refused")

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="submissions", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    way = models.CharField(_("how it came"), max_length=10, choices=Way)
    text = models.TextField(_("text"), blank=True)
    link = models.CharField(_("link"), max_length=500, blank=True)
    # Below MEDIA_ROOT, to which no address leads: see `campaigns.proof_pictures`.
    file = models.FileField(_("picture"), upload_to="proofs/%Y/%m", max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    handed_in_at = models.DateTimeField(_("handed in"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions to review")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "task_key", "period"],
                condition=Q(state__in=["pending", "approved"]),
                name="submission_one_open",
            ),
            models.CheckConstraint(
                condition=(Q(state="pending") & Q(decided_at=None))
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="submission_decided_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="submission_refused_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["handed_in_at"], condition=Q(state="pending"), name="submission_queue"),
            models.Index(fields=["enrolment", "task_key", "period"], name="submission_of_task"),
        ]
        permissions = [("review_submission", gettext_noop("Can approve and refuse submissions"))]

    def __str__(self) -> str:
        return f"#{self.pk} {self.task_key}"


class TaskCode(models.Model):
    """One code of a task, sealed (`campaigns.sealed_task_codes`): it confirms one member's doing, once."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign"))
    task_key = models.SlugField(_("task"))
    sealed = models.BinaryField(_("code"))
    found_by = models.BinaryField(_("hash of the code"))
    added_at = models.DateTimeField(pgettext_lazy("time", "added"))
    # Those that were made here can be taken out as a file; whoever brought codes in has them.
    generated = models.BooleanField(_("generated"), default=False)
    used_by = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("used by")
    )
    used_at = models.DateTimeField(pgettext_lazy("time", "used"), null=True, blank=True)

    class Meta:
        verbose_name = _("code of a task")
        verbose_name_plural = _("codes of tasks")
        constraints = [
            models.UniqueConstraint(fields=["found_by", "campaign", "task_key"], name="task_code_once"),
            models.CheckConstraint(
                condition=Q(used_by=None, used_at=None) | Q(used_by__isnull=False, used_at__isnull=False),
                name="task_code_used_when",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "task_key"], name="task_code_of_task")]
        permissions = [
            ("import_taskcode", gettext_noop("Can bring in and generate codes of tasks")),
            ("reveal_taskcode", gettext_noop("Can see codes of tasks whole")),
        ]

    def __str__(self) -> str:
        return f"{self.task_key} #{self.pk}"


class CodeTries(models.Model):
    """Wrong codes that a participant typed in a task, and what was wrong with the last one."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    since = models.DateTimeField(_("since"))
    tried = models.PositiveSmallIntegerField(_("wrong codes"))
    last_at = models.DateTimeField(_("last try"))
    last_fault = models.CharField(_("what was wrong"), max_length=10)

    class Meta:
        verbose_name = _("wrong codes of a participant")
        verbose_name_plural = _("wrong codes of participants")
        constraints = [models.UniqueConstraint(fields=["enrolment", "task_key"], name="code_tries_once")]

    def __str__(self) -> str:
        return f"{self.task_key}: {self.tried}"


class CallbackSecret(models.Model):
    """The secret with which an outside system signs what it confirms in one task.

    After a change the one before it is still taken until `earlier_until`, so that nothing is lost meanwhile.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign"))
    task_key = models.SlugField(_("task"))
    sealed = models.BinaryField(_("secret"))
    issued_at = models.DateTimeField(pgettext_lazy("secret", "issued"))
    earlier_sealed = models.BinaryField(_("secret before it"), null=True, blank=True)
    earlier_until = models.DateTimeField(_("taken until"), null=True, blank=True)

    class Meta:
        verbose_name = _("callback secret")
        verbose_name_plural = _("callback secrets")
        constraints = [models.UniqueConstraint(fields=["campaign", "task_key"], name="callback_secret_once")]
        permissions = [("issue_callbacksecret", gettext_noop("Can issue the secrets of callbacks"))]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.task_key}"
