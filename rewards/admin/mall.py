"""The points mall: items are edited, orders are looked at and, with a reason, cancelled."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from operations import audit, four_eyes
from operations.field_help import help_of
from operations.guarded_admin import GuardedAdmin
from operations.picture_admin import HasPicture
from operations.read_only_admin import ReadOnlyAdmin
from rewards import admission, mall_orders
from rewards.models import MallItem, MallOrder

STATE_COLOURS = {"draft": "info", "on_sale": "success", "off": "warning"}
ORDER_COLOURS = {"placed": "success", "cancelled": "danger"}


@admin.register(MallItem)
class MallItemAdmin(HasPicture, GuardedAdmin):
    list_display = [
        "small_picture", "__str__", "shelf", "shown_gift", "price", "shown_sold", "shown_state", "shown_audience"
    ]  # fmt: skip
    list_display_links = ["__str__"]
    list_filter = ["state", "shelf", "gift__kind"]
    list_select_related = ["gift"]
    search_fields = ["slug", "name", "gift__name"]
    actions = ["put_on_sale", "take_off"]
    autocomplete_fields = ["gift"]
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": ["gift", ("name", "name_en"), "slug", "description", "picture"]}),
        (_("Price and limits"), {"fields": [("price", "stock"), ("per_member", "per_member_period")]}),
        (_("For whom"), {"fields": ["audience", "hidden_from_others"]}),
        (
            _("On the shelf"),
            {"fields": ["state", "opens_at", "closes_at", ("shelf", "shelf_en"), "position"]},
        ),
    ]

    class Media:
        css = {"all": ["admin/pictures.css", "admin/approvals.css"]}

    def picture_of(self, obj: MallItem) -> str:
        return obj.shown_picture

    def get_queryset(self, request: HttpRequest) -> QuerySet[MallItem]:
        stand = MallOrder.objects.filter(item=OuterRef("pk"), state=MallOrder.State.PLACED).order_by().values("item")
        sold = Subquery(stand.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
        return super().get_queryset(request).annotate(sold=Coalesce(sold, 0))

    def get_readonly_fields(self, request: HttpRequest, obj: MallItem | None = None) -> list[str]:
        # Quotas and orders name an item by its key, and an order's award is of its gift.
        if obj is None:
            return []
        if obj.orders.exists():
            return ["slug", "gift"]
        # On the shelf, another gift for the same price might be worth more: it goes back to being a draft first.
        shelved = obj.state != MallItem.State.DRAFT and four_eyes.needed(four_eyes.VALUE)
        return ["gift"] if shelved else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "audience" and (field := admission.form_field(request, capfirst(db_field.verbose_name))):
            field.help_text = help_of(db_field)  # type: ignore[assignment]
            return field
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("gift"), ordering="gift__name")
    def shown_gift(self, item: MallItem) -> str:
        kind = item.gift.get_kind_display()
        return f"{item.gift.name} · {kind}" if item.name else kind

    @display(description=_("sold / left"), ordering="sold")
    def shown_sold(self, item: Any) -> str:
        left = _("no limit") if item.stock is None else f"{max(0, item.stock - item.sold):,}"
        return f"{item.sold:,} / {left}"

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, item: MallItem) -> tuple[str, str]:
        return item.state, item.get_state_display()

    @display(description=_("for whom"))
    def shown_audience(self, item: MallItem) -> Any:
        return _("chosen members") if item.audience else _("everyone")

    @admin.action(description=_("Put on sale"), permissions=["change"])
    def put_on_sale(self, request: HttpRequest, queryset: QuerySet[MallItem]) -> None:
        self._move(request, queryset, MallItem.State.ON_SALE)

    @admin.action(description=_("Take off"), permissions=["change"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[MallItem]) -> None:
        self._move(request, queryset, MallItem.State.OFF)

    def _move(self, request: HttpRequest, queryset: QuerySet[MallItem], state: MallItem.State) -> None:
        for item in queryset:
            before = item.state
            with transaction.atomic():
                if not MallItem.objects.filter(pk=item.pk, state=before).exclude(state=state).update(state=state):
                    continue
                changes = {"state": [before, state.value]}
                audit.record("mall_item.changed", item, by=request.user, now=timezone.now(), changes=changes)
            words = {"item": item, "state": state.label}
            self.message_user(request, _("%(item)s is now %(state)s.") % words, messages.SUCCESS)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stays on record. Without names."),
    )


@admin.register(MallOrder)
class MallOrderAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "member", "item", "price", "shown_state", "shown_award", "ordered_at"]
    list_filter = ["state", "ordered_at", "item"]
    list_select_related = ["member", "item__gift", "award"]
    search_fields = ["member__uid__exact", "pk__exact"]
    search_help_text = _("uid of the member, or the number of the order")
    ordering = ["-id"]
    fields = [
        ("member", "item"),
        ("price", "state"),
        ("award", "shown_award"),
        ("entry", "ordered_at"),
        ("cancelled_at", "cancelled_by"),
        "cancel_reason",
    ]
    readonly_fields = ["shown_award"]
    actions_detail = ["cancel"]

    @display(description=_("state"), ordering="state", label=ORDER_COLOURS)
    def shown_state(self, order: MallOrder) -> tuple[str, str]:
        return order.state, order.get_state_display()

    @display(description=_("state of the award"))
    def shown_award(self, order: MallOrder) -> str:
        return order.award.get_state_display()

    def has_cancel_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("rewards.cancel_mallorder")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        order = self.get_object(request, str(object_id)) if object_id else None
        placed = order is not None and order.state == MallOrder.State.PLACED
        return super().get_actions_detail(request, object_id) if placed else []

    @action(description=_("Cancel the order"), permissions=["cancel"], url_path="cancel", icon="undo")
    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for the reason; then take the award back and give the points back."""
        order: MallOrder | None = self.get_object(request, str(object_id))
        if order is None:
            raise Http404
        if not self.has_view_permission(request, order):
            raise PermissionDenied
        page = reverse("admin:rewards_mallorder_change", args=[order.pk])
        form = CancelForm(request.POST or None)
        if not form.is_valid():
            return self._ask(request, order, form, page)
        try:
            reason = form.cleaned_data["reason"]
            mall_orders.cancel(order.pk, by=request.user, reason=reason, now=timezone.now())  # type: ignore[arg-type]
        except mall_orders.NotCancelled as refused:
            words = {"order": order, "reason": refused}
            self.message_user(request, _("Order %(order)s stays: %(reason)s") % words, messages.ERROR)
        else:
            words = {"order": order, "points": order.price}
            told = _("Order %(order)s is cancelled; %(points)s points went back to the member.") % words
            self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(page)

    def _ask(self, request: HttpRequest, order: MallOrder, form: CancelForm, page: str) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": _("Cancel an order of the mall"),
            "subtitle": str(order),
            "opts": self.opts,
            "original": order,
            "form": form,
            "page": page,
        }
        return TemplateResponse(request, "admin/rewards/cancel_order.html", context)
