"""A draft submitted for review, and what was decided about it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.draft import Campaign, Revision


class Proposal(models.Model):
    """The draft as it was submitted, word for word: only what was reviewed goes live.

    `file` is the text of `campaigns.campaign_files.dump`, `gifts` what its gifts were then, `definition` the revision
    that it would become. A trigger keeps all of them, and whatever was decided, from being changed (migration).
    """

    class State(models.TextChoices):
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        SENT_BACK = "sent_back", _("sent back")
        WITHDRAWN = "withdrawn", _("withdrawn")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="proposals", verbose_name=_("campaign"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.IN_REVIEW)
    file = models.TextField(_("draft"))
    gifts = models.JSONField(_("gifts"), default=dict)
    definition = models.JSONField(_("definition"))
    note = models.TextField(_("what changes, and why"), blank=True)
    submitted_at = models.DateTimeField(_("submitted"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("submitted by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.TextField(_("reason"), blank=True)
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="+", verbose_name=_("revision"))

    class Meta:
        verbose_name = _("proposal of a campaign")
        verbose_name_plural = _("proposals of campaigns")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["campaign"], condition=Q(state="in_review"), name="one_proposal_in_review"),
            # The four-eyes rule: nobody decides about what they submitted themselves; they may withdraw it.
            models.CheckConstraint(
                condition=Q(state="in_review", decided_by=None, decided_at=None)
                | Q(state__in=["approved", "sent_back"], decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("submitted_by"))
                # Without the "not null" a NULL would pass: it is no refusal to a CHECK.
                | Q(
                    state="withdrawn", decided_by__isnull=False, decided_by=F("submitted_by"), decided_at__isnull=False
                ),
                name="proposal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", revision__isnull=False) | ~Q(state="approved") & Q(revision=None),
                name="proposal_approved_has_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} #{self.pk}"
