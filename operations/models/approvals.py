"""What one person asks for and another decides about (四眼)."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApprovalRequest(models.Model):
    """A change that waits for a second person.

    `payload` is the exact change asked for, as its kind (`operations.approval_items`) reads it; `told` is what the
    decision was shown, line by line, in the language of who decided. A trigger (migration) keeps what was asked for,
    and whatever was decided, from being changed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for approval")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        OVERTAKEN = "overtaken", _("overtaken")

    kind = models.CharField(_("kind"), max_length=50)
    target_type = models.CharField(_("kind of object"), max_length=100)
    target_id = models.CharField(_("object id"), max_length=100)
    target_name = models.CharField(_("object"), max_length=200)
    payload = models.JSONField(_("change"), default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(pgettext_lazy("request", "why"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.TextField(_("reason of the decision"), blank=True)
    told = models.JSONField(_("what was shown"), default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-id"], name="approval_waiting", condition=Q(state="waiting")),
            models.Index(fields=["asked_by", "-id"], name="approval_asked"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "target_type", "target_id"], condition=Q(state="waiting"), name="approval_waits_once"
            ),
            # The four-eyes rule. Without the "not null" a NULL would pass: it is no refusal to a CHECK.
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(state__in=["approved", "refused"], decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("asked_by"))
                | Q(state="withdrawn", decided_by__isnull=False, decided_by=F("asked_by"), decided_at__isnull=False)
                | Q(state="overtaken", decided_at__isnull=False),
                name="approval_decided_by_another",
            ),
            models.CheckConstraint(condition=~Q(state="refused", note=""), name="approval_refused_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.target_name}"


class ApprovalComment(models.Model):
    """What somebody had to say about a request. Append-only: a trigger refuses changes."""

    request = models.ForeignKey(
        ApprovalRequest, models.PROTECT, db_index=False, related_name="comments", verbose_name=_("approval")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by"))
    at = models.DateTimeField(_("time"))
    text = models.TextField(_("comment"), max_length=2_000)

    class Meta:
        verbose_name = _("comment on an approval")
        verbose_name_plural = _("comments on approvals")
        ordering = ["id"]
        default_permissions = ()
        indexes = [models.Index(fields=["request", "id"], name="approval_comments")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="approval_comment_says_something")]

    def __str__(self) -> str:
        return f"#{self.request_id} {self.by}"
