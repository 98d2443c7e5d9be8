"""The feed of facts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.people import Member


class Activity(models.Model):
    """The feed of facts, in the order they came in. Apps above subscribe to it (`members.activity`)."""

    # Without a constraint in the database: facts are written under the lock of their member, who is there, and to look
    # each of them up again took an eighth of the time of a bulk import (`benchmarks/README.md`).
    member = models.ForeignKey(Member, models.CASCADE, db_index=False, db_constraint=False, related_name="activities")
    kind = models.CharField(_("kind"), max_length=50)
    reference = models.CharField(_("reference"), max_length=100)
    occurred_at = models.DateTimeField(_("time"))
    data = models.JSONField(_("data"), default=dict)
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [models.Index(fields=["member", "-id"], name="activity_member")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
