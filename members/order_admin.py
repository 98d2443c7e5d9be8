"""Orders with their lines and refunds, as operators see them: what came in, what went back, what is left."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import TabularInline

from members.facts_admin import FactsAdmin
from members.faults import Fault
from members.import_admin import ImportButton
from members.models import Order, OrderItem, Refund

# Why a refund that waited was refused, in fewer words than the one who sent it is told.
WHY_REFUSED = {Fault.REFUND_EXCEEDS_ORDER: _("more than was left to refund")}


class OrderItemInline(TabularInline):
    model = OrderItem
    fields = ["line", "sku", "category", "quantity", "refunded_quantity", "amount", "refunded_amount", "left"]
    readonly_fields = fields
    ordering = ["line"]
    hide_title = True
    can_delete = False
    max_num = 0
    extra = 0

    @admin.display(description=pgettext_lazy("amount", "left"))
    def left(self, item: OrderItem) -> Decimal:
        return item.amount - item.refunded_amount


@admin.register(Order)
class OrderAdmin(ImportButton, FactsAdmin):
    import_kind = "orders"
    list_display = ["order_id", "member", "paid_at", "amount", "refunded_amount", "net_amount", "currency", "status"]
    list_filter = ["status"]
    list_select_related = ["member"]
    search_fields = ["order_id__startswith", "member__uid__exact"]
    search_help_text = _("The beginning of the order id, or a uid")
    ordering = ["-id"]
    inlines = [OrderItemInline]
    fieldsets: Any = [
        (None, {"fields": [("order_id", "member"), ("paid_at", "status"), ("channel", "payment_method")]}),
        (_("Amount"), {"fields": [("amount", "refunded_amount", "net_amount"), "shares"]}),
        (_("Quantity"), {"fields": [("quantity", "refunded_quantity")]}),
        (_("Refunds"), {"fields": ["refunds"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).annotate(net=F("amount") - F("refunded_amount"))

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> list[str]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    @admin.display(description=_("net amount"), ordering="net")
    def net_amount(self, order: Order) -> Decimal:
        return order.amount - order.refunded_amount

    @admin.display(description=_("what is left"))
    def shares(self, order: Order) -> SafeString:
        left = order.amount - order.refunded_amount
        percent = round(100 * left / order.amount) if order.amount else 0
        return render_to_string(
            "admin/members/order_shares.html", {"order": order, "percent": percent, "net_amount": left}
        )

    @admin.display(description=_("refunds"))
    def refunds(self, order: Order) -> SafeString:
        refunds = Refund.objects.filter(order_id=order.order_id).order_by("refunded_at", "refund_id")
        shown = [(refund, why_refused(refund)) for refund in refunds]
        return render_to_string("admin/members/refunds.html", {"refunds": shown, "order": order})


@admin.register(Refund)
class RefundAdmin(ImportButton, FactsAdmin):
    import_kind = "refunds"
    list_display = ["refund_id", "order", "refunded_at", "amount", "line", "quantity", "state", "why"]
    list_filter = ["state"]
    search_fields = ["refund_id__startswith", "order_id__startswith"]
    search_help_text = _("The beginning of the refund id or of the order id")
    ordering = ["-id"]
    fieldsets: Any = [
        (None, {"fields": [("refund_id", "order"), ("refunded_at", "created_at"), ("state", "why")]}),
        (_("What was refunded"), {"fields": [("amount", "line", "quantity")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        order = Order.objects.filter(order_id=OuterRef("order_id")).values("pk")
        return super().get_queryset(request).annotate(order_pk=Subquery(order))

    def get_readonly_fields(self, request: HttpRequest, obj: Refund | None = None) -> list[str]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    @admin.display(description=_("order"), ordering="order_id")
    def order(self, refund: Any) -> SafeString:
        return render_to_string("admin/members/order_link.html", {"pk": refund.order_pk, "order_id": refund.order_id})

    @admin.display(description=_("why"))
    def why(self, refund: Refund) -> str:
        return why_refused(refund)


def why_refused(refund: Refund) -> str:
    return str(WHY_REFUSED.get(Fault(refund.fault), refund.fault)) if refund.fault else "–"
