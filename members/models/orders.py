"""Orders, their items and refunds."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.people import Member


class Order(models.Model):
    """A paid order. `amount` is gross; rules read it net of `refunded_amount`."""

    class Status(models.TextChoices):
        PAID = "paid", _("paid")
        REFUNDED = "refunded", _("refunded")

    # The indexes below that begin with the same column serve the foreign keys marked db_index=False.
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, related_name="orders", verbose_name=_("member"))
    order_id = models.CharField(_("order id"), max_length=100, unique=True)
    paid_at = models.DateTimeField(pgettext_lazy("time", "paid"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    refunded_amount = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    refunded_quantity = models.PositiveIntegerField(_("quantity refunded"), default=0, db_default=0)
    channel = models.CharField(_("channel"), max_length=50, blank=True)
    payment_method = models.CharField(_("payment method"), max_length=50, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PAID)
    # Refunded because its refunds add up to all of it, while the shop's last word on the order itself was "paid".
    refunded_by_parts = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["member", "paid_at"], name="order_member_paid"),
            models.Index(fields=["paid_at"], name="order_paid"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0) & Q(refunded_amount__lte=models.F("amount")),
                name="order_refund_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(refunded_quantity__lte=models.F("quantity")), name="order_refund_within_quantity"
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class OrderItem(models.Model):
    """One line of an order. What was refunded of the order is shared out over its lines by `members.refunding`."""

    order = models.ForeignKey(Order, models.CASCADE, db_index=False, related_name="items", verbose_name=_("order"))
    line = models.PositiveIntegerField(_("line"))
    sku = models.CharField(_("SKU"), max_length=100)
    category = models.CharField(_("category"), max_length=100, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    refunded_quantity = models.PositiveIntegerField(_("quantity refunded"), default=0, db_default=0)
    refunded_amount = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0, db_default=0)

    class Meta:
        verbose_name = _("order item")
        verbose_name_plural = _("order items")
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="order_item_line_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_item_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0)
                & Q(refunded_amount__lte=models.F("amount"))
                & Q(refunded_quantity__lte=models.F("quantity")),
                name="order_item_refund_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class Refund(models.Model):
    """Money given back for an order, in whole or in part, perhaps for one line. It may come in before its order."""

    class State(models.TextChoices):
        APPLIED = "applied", _("applied")
        WAITING = "waiting", _("waiting for its order")
        REFUSED = "refused", _("refused")

    refund_id = models.CharField(_("refund id"), max_length=100, unique=True)
    order_id = models.CharField(_("order id"), max_length=100, db_index=True)
    refunded_at = models.DateTimeField(_("refunded"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    line = models.PositiveIntegerField(_("line"), null=True, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    # Why it was refused: a code of `members.faults`.
    fault = models.CharField(_("fault"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_above_zero")]

    def __str__(self) -> str:
        return self.refund_id
