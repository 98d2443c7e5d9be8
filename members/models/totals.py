"""Running totals, kept by `members.ingest`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.people import Member


class MemberMetrics(models.Model):
    """Running totals of a member's paid orders, net of refunds, kept by `members.ingest`.

    An order refunded in whole counts for nothing. A member without a row has never had an order: all zeros.
    """

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="metrics")
    orders = models.PositiveIntegerField(_("orders"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2, default=0)
    quantity = models.PositiveBigIntegerField(_("quantity"), default=0)
    first_paid_at = models.DateTimeField(_("first order"), null=True)
    last_paid_at = models.DateTimeField(_("last order"), null=True)

    class Meta:
        verbose_name = _("member metrics")
        verbose_name_plural = _("member metrics")

    def __str__(self) -> str:
        return f"{self.member_id}"


class DailyTotal(models.Model):
    """A member's totals of one kind of fact on one day of the site's time zone.

    `kind` is "order" for paid orders. `category` is "" for all of the day together, net of refunds; the rows with
    a category add up the order items of that category, and count the orders that have one.
    """

    member = models.ForeignKey(Member, models.CASCADE, db_index=False, related_name="daily_totals")
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=20)
    category = models.CharField(_("category"), max_length=100, blank=True)
    count = models.PositiveIntegerField(_("count"), default=0)
    quantity = models.PositiveBigIntegerField(_("quantity"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("daily total")
        verbose_name_plural = _("daily totals")
        constraints = [
            models.UniqueConstraint(fields=["member", "day", "kind", "category"], name="daily_total_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.category}"
