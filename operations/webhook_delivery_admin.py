"""Deliveries of webhooks in the admin: looked at, with payload and every try, and sent again."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET
from unfold.decorators import display

from operations import webhook_kinds, webhook_lookups, webhook_replays
from operations.models import WebhookDelivery, WebhookEndpoint
from operations.read_only_admin import ReadOnlyAdmin
from operations.webhook_refusals import WebhookRefused, error_words
from operations.webhook_words import payload, short

STATE_COLOURS = {"waiting": "info", "retrying": "warning", "delivered": "success", "given_up": "danger"}
REPLAY = "operations.replay_webhookdelivery"
State = WebhookDelivery.State


class KindFilter(admin.SimpleListFilter):
    """By kind of event, from the kinds that are registered: asking the table would read all of it."""

    title = pgettext_lazy("webhook", "event")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.name) for kind in webhook_kinds.all_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(event__kind=self.value()) if self.value() else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["when", "kind", "uid", "endpoint", "state_label", "attempts", "last_answer", "next_try"]
    list_filter = ["state", KindFilter, "endpoint", ("created_at", admin.DateFieldListFilter)]
    list_select_related = ["endpoint", "event"]
    search_fields = ["event__message_id"]
    search_help_text = _("A member's uid, or a webhook-id")
    ordering = ["-id"]
    actions = ["send_again"]
    change_form_outer_before_template = "admin/operations/webhook_delivery.html"

    class Media:
        css = {"all": ["admin/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        kept = super().get_queryset(request).filter(endpoint__deleted_at=None)
        return kept.select_related("endpoint", "event", "replays")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nothing: the page above says it all."""
        return []

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not (asked := search_term.strip()):
            return queryset, False
        if asked.startswith("msg_"):
            return queryset.filter(event__message_id=asked), False
        member_id = webhook_lookups.member_id(asked)
        return (queryset.none() if member_id is None else queryset.filter(event__member_id=member_id)), False

    @display(description=_("time"), ordering="id")
    def when(self, delivery: WebhookDelivery) -> str:
        return short(delivery.created_at)

    @display(description=pgettext_lazy("webhook", "event"), ordering="event__kind")
    def kind(self, delivery: WebhookDelivery) -> str:
        return delivery.event.kind

    @display(description=_("member"))
    def uid(self, delivery: WebhookDelivery) -> str:
        return delivery.event.data.get("uid") or "–"

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, delivery: WebhookDelivery) -> tuple[str, str]:
        return state_of(delivery)

    @display(description=pgettext_lazy("webhook", "last answer"))
    def last_answer(self, delivery: WebhookDelivery) -> str:
        # What is behind the colon is for the page of the delivery.
        return str(delivery.last_status or "") or error_words(delivery.last_error.partition(":")[0]) or "–"

    @display(description=_("next attempt"), ordering="due_at")
    def next_try(self, delivery: WebhookDelivery) -> str:
        return short(delivery.due_at if delivery.state == State.WAITING else None)

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(require_GET(self.progress))
        again = self.admin_site.admin_view(self.again)
        return [
            path("<int:pk>/progress/", progress, name="operations_webhookdelivery_progress"),
            path("<int:pk>/again/", again, name="operations_webhookdelivery_again"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        context = {} if delivery is None else shown(delivery, request) | {"title": delivery.event.kind}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | context)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How the delivery stands, fetched every second or so while a worker has it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return render(request, "admin/operations/webhook_tries.html", shown(self._existing(request, pk), request))

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send it again, to a POST, and show the new delivery."""
        if not (self.has_replay_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        delivery = self._existing(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            delivery = webhook_replays.replay(delivery, by=request.user, now=timezone.now())
        except WebhookRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        return redirect("admin:operations_webhookdelivery_change", delivery.pk)

    @admin.action(description=_("Send selected again"), permissions=["replay"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        sent, refused = 0, set()
        for delivery in queryset.order_by("pk"):
            try:
                webhook_replays.replay(delivery, by=request.user, now=timezone.now())
                sent += 1
            except WebhookRefused as error:
                refused.add(str(error))
        for words in sorted(refused):
            self.message_user(request, words, messages.WARNING)
        if sent:
            words = ngettext("%(count)d event is sent again.", "%(count)d events are sent again.", sent)
            self.message_user(request, words % {"count": sent}, messages.SUCCESS)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REPLAY)

    def _existing(self, request: HttpRequest, pk: int) -> WebhookDelivery:
        delivery = self.get_object(request, str(pk))
        if delivery is None:
            raise Http404
        return delivery


def state_of(delivery: WebhookDelivery) -> tuple[str, str]:
    """Return the state and its words; what failed and is tried again is told from what waits for its first try."""
    if delivery.state == State.WAITING and delivery.attempts:
        return "retrying", pgettext("webhook", "tried again")
    return delivery.state, delivery.get_state_display()


def shown(delivery: WebhookDelivery, request: HttpRequest) -> dict[str, Any]:
    """Return what templates/admin/operations/webhook_delivery.html shows."""
    state, words = state_of(delivery)
    endpoint_on = delivery.endpoint.state == WebhookEndpoint.State.ON
    waits = delivery.state == State.WAITING
    kind = webhook_kinds.find(delivery.event.kind)
    return {
        "delivery": delivery,
        "state": state,
        "state_words": words,
        "colour": STATE_COLOURS[state],
        "kind": kind,
        "payload": json.dumps(payload(delivery.event), ensure_ascii=False, indent=2, default=str),
        "tries": list(_tries(delivery)),
        # Only what is sent about now is worth asking after each second.
        "is_near": waits and endpoint_on and not delivery.attempts,
        "waits": waits,
        "endpoint_on": endpoint_on,
        "may_replay": request.user.has_perm(REPLAY),
        "repeats": list(delivery.replayed_by.order_by("pk").only("pk", "created_at")),
    }


def _tries(delivery: WebhookDelivery) -> Iterable[dict[str, Any]]:
    for attempt in delivery.tries.order_by("number"):
        good = attempt.status is not None and 200 <= attempt.status < 300
        yield {"attempt": attempt, "good": good, "error": error_words(attempt.error)}
