"""The feed of facts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
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


class Touch(models.Model):
    """Members about whom some facts of one family changed, written in the transaction of the facts themselves.

    `xid` is that transaction, so that what came after a given state of the database can be told exactly
    (`members.touches`). Rows are kept for a day.
    """

    family = models.CharField(_("family of facts"), max_length=20)
    member_ids = ArrayField(models.BigIntegerField(), verbose_name=_("members"))
    xid = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()))
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("touched members")
        verbose_name_plural = _("touched members")
        indexes = [models.Index(fields=["xid"], name="touch_xid")]

    def __str__(self) -> str:
        return f"{self.family} {len(self.member_ids)}"
