"""Awards: gifts granted to members."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from members.models import Member


class Award(models.Model):
    """A gift granted to a member. A trigger (migration) refuses any change of state but those of `NEXT`.

    `cost` is what the gift cost when it was granted, in cents. `taken` is all that was taken for it, so that a reversal
    gives back exactly that: {"stock": id of a PrizeStock, "quotas": [ids of Quota], "budgets": [[id of BudgetUse,
    cents]]}.
    """

    class State(models.TextChoices):
        GRANTED = "granted", _("granted")
        CLAIMED = "claimed", pgettext_lazy("award", "claimed")
        DELIVERED = "delivered", pgettext_lazy("award", "delivered")
        REDEEMED = "redeemed", _("redeemed")
        EXPIRED = "expired", _("expired")
        REVERSED = "reversed", _("reversed")

    NEXT = {
        State.GRANTED: (State.CLAIMED, State.DELIVERED, State.REDEEMED, State.EXPIRED, State.REVERSED),
        State.CLAIMED: (State.DELIVERED, State.REVERSED),
        # A parcel may come back, or have been noted as sent by mistake.
        State.DELIVERED: (State.CLAIMED, State.REVERSED),
        State.REDEEMED: (),
        State.EXPIRED: (State.REVERSED,),
        State.REVERSED: (),
    }

    member = models.ForeignKey(Member, models.PROTECT, related_name="awards", db_index=False, verbose_name=_("member"))
    gift = models.ForeignKey("Gift", models.PROTECT, related_name="awards", verbose_name=_("gift"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    source = models.CharField(_("source"), max_length=200)
    scope = models.CharField(_("scope"), max_length=100, blank=True, default="", db_default="")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.GRANTED)
    cost = models.BigIntegerField(_("cost in cents"), default=0, db_default=0)
    taken = models.JSONField(_("taken for it"), default=dict, blank=True, editable=False, db_default={})
    granted_at = models.DateTimeField(pgettext_lazy("time", "granted"))
    usable_from = models.DateTimeField(_("can be used from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    # When it came into its present state, where that is not the first.
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        indexes = [
            models.Index(fields=["member", "-id"], name="award_member"),
            # For lists by time: a page from long ago 0.1 ms, 150 without, for 2 µs a grant and 30 bytes a row.
            models.Index(fields=["granted_at", "id"], name="award_when"),
            models.Index(
                fields=["expires_at"], name="award_due", condition=Q(state="granted", expires_at__isnull=False)
            ),
        ]
        permissions = [
            ("redeem_award", gettext_noop("Can check off an award")),
            ("reverse_award", gettext_noop("Can take an award back")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
