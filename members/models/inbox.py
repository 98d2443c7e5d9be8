"""What members are told, kept until its time is over."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.people import Member


class InboxMessage(models.Model):
    """One message to one member: a registered kind (`members.inbox_kinds`) says it in the reader's language.

    `params` are what the kind's words are made of; they never name another member, whose erasure would not find them
    here. `link` is an address below /h5/, "" for none. `key` is what is told: the same is told once.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, db_index=False, related_name="inbox_messages", verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("details"), default=dict, blank=True)
    link = models.CharField(_("link"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=150)
    created_at = models.DateTimeField(pgettext_lazy("a message", "sent"), db_index=True)
    read_at = models.DateTimeField(pgettext_lazy("a message", "read"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbox message")
        verbose_name_plural = _("inbox messages")
        # Written by `members.inbox` alone.
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="inbox_message_once")]
        indexes = [
            models.Index(fields=["member", "-created_at", "-id"], name="inbox_message_member"),
            # For the number on “Mine”, which each page of a participant asks for.
            models.Index(fields=["member"], name="inbox_message_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"
