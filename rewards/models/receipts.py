"""Who outside may tell us what became of payments and parcels."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class ReceiptSender(models.Model):
    """One who signs receipts: a provider of payments, about its own; or whoever sends parcels, about parcels.

    `provider` is a name of settings.DELIVERY_PROVIDERS, "" for parcels. Secrets are sealed (`rewards.receipt_secrets`);
    after a change the one before is still taken until `earlier_until`, so that nothing is lost meanwhile.
    """

    class About(models.TextChoices):
        PAYMENTS = "payments", pgettext_lazy("receipts", "payments of red packets")
        PARCELS = "parcels", pgettext_lazy("receipts", "parcels")

    name = models.CharField(_("name"), max_length=100, unique=True)
    about = models.CharField(pgettext_lazy("receipts", "about"), max_length=10, choices=About)
    provider = models.SlugField(_("paid out by"), blank=True)
    sealed = models.BinaryField(_("secret"))
    issued_at = models.DateTimeField(pgettext_lazy("secret", "issued"))
    earlier_sealed = models.BinaryField(_("secret before it"), null=True, blank=True)
    earlier_until = models.DateTimeField(_("earlier secret valid until"), null=True, blank=True)
    last_heard_at = models.DateTimeField(_("last heard"), null=True, blank=True)

    class Meta:
        verbose_name = _("sender of receipts")
        verbose_name_plural = _("senders of receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(about="parcels", provider="") | (Q(about="payments") & ~Q(provider="")),
                name="receipt_sender_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(earlier_sealed=None, earlier_until=None)
                | Q(earlier_sealed__isnull=False, earlier_until__isnull=False),
                name="receipt_sender_earlier_secret_ends",
            ),
        ]
        permissions = [("issue_receiptsender", gettext_noop("Can issue the secrets of receipts"))]

    def __str__(self) -> str:
        return self.name

    def get_username(self) -> str:
        """Return what the audit trail calls whoever sent a receipt."""
        return self.name
