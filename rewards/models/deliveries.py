"""Payments of red packets by systems outside."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from rewards.models.awards import Award

# The order of the list: what wants an operator first.
WANTED_FIRST = Case(When(state="failed", then=0), When(state="unknown", then=1), default=2)


class Delivery(models.Model):
    """One red packet to be paid out. A trigger (migration) makes it with the award; `rewards.delivering` moves it on.

    `key` goes to the provider with every attempt: it pays once for one key.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("payment", "waiting")
        # Committed before the provider is called: whoever finds it so long after knows that nobody knows.
        SENDING = "sending", pgettext_lazy("payment", "being paid")
        DELIVERED = "delivered", pgettext_lazy("payment", "paid")
        FAILED = "failed", pgettext_lazy("payment", "failed")
        UNKNOWN = "unknown", pgettext_lazy("payment", "outcome unknown")
        GIVEN_UP = "given_up", pgettext_lazy("payment", "given up")

    award = models.OneToOneField(Award, models.PROTECT, related_name="delivery", verbose_name=_("award"))
    provider = models.SlugField(_("paid out by"))
    key = models.CharField(_("key for the provider"), max_length=32, unique=True)
    cents = models.PositiveBigIntegerField(_("amount in cents"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, db_default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, db_default=0)
    # When it is next looked at: sent while it waits, asked about while its outcome is unknown.
    due_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("last attempt"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    # Who has taken a payment by hand upon themselves.
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("paid by")
    )
    reference = models.CharField(_("reference of the payment"), max_length=100, blank=True, db_default="")
    error = models.CharField(_("error"), max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = _("payment of a red packet")
        verbose_name_plural = _("payments of red packets")
        indexes = [
            models.Index(
                fields=["due_at"], name="delivery_open", condition=Q(state__in=["waiting", "sending", "unknown"])
            ),
            models.Index(fields=["-id"], name="delivery_failed", condition=Q(state="failed")),
            models.Index(WANTED_FIRST, F("id").desc(), name="delivery_wanted_first"),
            models.Index(fields=["reference"], name="delivery_reference", condition=~Q(reference="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(settled_at__isnull=False), name="delivery_paid_at_a_time"
            ),
        ]
        permissions = [("settle_delivery", gettext_noop("Can pay red packets by hand and settle failed ones"))]

    def __str__(self) -> str:
        return f"#{self.award_id}"
