"""Physical gifts on their way: where each is to go, the file that took it to whoever sends it, its tracking number."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from rewards.models.awards import Award


class ShippingBatch(models.Model):
    """What one operator exported at once, for one file."""

    created_at = models.DateTimeField(_("exported"))
    # The trail of who exported it stands without the account.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("exported by")
    )
    parcels = models.PositiveIntegerField(_("parcels"))

    class Meta:
        verbose_name = _("shipping file")
        verbose_name_plural = _("shipping files")
        permissions = [("export_shipments", gettext_noop("Can export addresses for shipping"))]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Shipment(models.Model):
    """Where a physical award is to go. `sealed` is the address, sealed (`rewards.addresses`); None after an erasure."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("shipment", "waiting")
        EXPORTED = "exported", pgettext_lazy("shipment", "being sent")
        SHIPPED = "shipped", pgettext_lazy("shipment", "shipped")
        RETURNED = "returned", pgettext_lazy("shipment", "came back")

    award = models.OneToOneField(Award, models.PROTECT, related_name="shipment", verbose_name=_("award"))
    sealed = models.BinaryField(_("address, sealed"), null=True)
    # The code of the district, or of a city without districts (GB/T 2260).
    region = models.CharField(_("region"), max_length=6, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    batch = models.ForeignKey(
        ShippingBatch, models.PROTECT, null=True, related_name="shipments", verbose_name=_("shipping file")
    )
    carrier = models.CharField(pgettext_lazy("parcel", "carrier"), max_length=50, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=50, blank=True)
    given_at = models.DateTimeField(_("address given"))
    shipped_at = models.DateTimeField(_("shipped"), null=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        indexes = [models.Index(fields=["id"], name="shipment_waiting", condition=Q(state="waiting"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", batch=None) | (~Q(state="waiting") & Q(batch__isnull=False)),
                name="shipment_waits_or_is_in_a_batch",
            ),
        ]
        permissions = [
            ("reveal_shipment", gettext_noop("Can see whole addresses")),
            ("track_shipment", gettext_noop("Can enter tracking numbers")),
        ]

    def __str__(self) -> str:
        return f"#{self.award_id}"
