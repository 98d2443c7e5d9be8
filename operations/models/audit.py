"""The audit trail."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class AuditRecord(models.Model):
    """Who did what to which row, when and why. Append-only: a trigger refuses changes."""

    occurred_at = models.DateTimeField(_("time"))
    # DO_NOTHING without a constraint: a record outlives its actor, and SET_NULL would be an UPDATE, which is refused.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, db_constraint=False, verbose_name=_("user")
    )
    actor_name = models.CharField(_("done by"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=100)
    target_type = models.CharField(_("kind of object"), max_length=100)
    target_id = models.CharField(_("object id"), max_length=100)
    target_name = models.CharField(_("object"), max_length=200)
    # The member whom it is about, where one is: a number, so that the trail knows nobody after an erasure.
    member_id = models.BigIntegerField(_("member"), null=True, blank=True)
    changes = models.JSONField(_("changes"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit trail")
        permissions = [("export_auditrecord", gettext_noop("Can export the audit trail"))]
        # The latest first, whatever is asked for (`operations.audit_search`).
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            models.Index(fields=["-occurred_at", "-id"], name="audit_latest"),
            models.Index(fields=["actor", "-occurred_at", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-occurred_at", "-id"], name="audit_by_action"),
            models.Index(fields=["target_type", "-occurred_at", "-id"], name="audit_by_kind"),
            models.Index(
                fields=["member_id", "-occurred_at", "-id"],
                name="audit_by_member",
                condition=Q(member_id__isnull=False),
            ),
            models.Index(fields=["actor_name"], name="audit_actor_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["target_name"], name="audit_target_name", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_name}"
