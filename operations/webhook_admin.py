"""Webhooks in the admin: who is told of what, how each fares, and the buttons that set right what does not."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operations import webhook_charts, webhook_endpoints, webhook_health, webhook_replays, webhook_rights
from operations.audited_admin import AuditedAdmin
from operations.models import WebhookDelivery, WebhookEndpoint
from operations.webhook_forms import EndpointForm, ReplayForm, began_failing
from operations.webhook_refusals import WebhookRefused, error_words, off_words
from operations.webhook_replays import Which

STATE_COLOURS = {"on": "success", "failing": "danger", "paused": "warning", "off": "danger"}
SHOWN_FAILURES, SHOWN_ADDRESS = 5, 28
CHANGE, REPLAY = "operations.change_webhookendpoint", "operations.replay_webhookdelivery"
State = WebhookEndpoint.State


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(AuditedAdmin):
    form = EndpointForm
    list_display = ["title", "state_label", "told_of", "waiting", "given_up", "delivered_lately", "delivered_last"]
    list_filter = ["state"]
    search_fields = ["name", "url", "client"]
    ordering = ["name", "pk"]
    fieldsets = [(_("What it is told, and where"), {"fields": ["name", "url", "events", "segments"]})]
    change_form_outer_before_template = "admin/operations/webhook_health.html"

    class Media:
        css = {"all": ["admin/charts.css", "admin/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        found = super().get_queryset(request).defer("sealed_secret", "earlier_sealed")
        return webhook_health.with_counts(found, now=timezone.now())

    @display(description=_("name"), ordering="name", header=True)
    def title(self, endpoint: WebhookEndpoint) -> list[str]:
        return [endpoint.name, Truncator(endpoint.url.removeprefix("https://")).chars(SHOWN_ADDRESS)]

    @display(description=pgettext_lazy("webhook", "events"))
    def told_of(self, endpoint: WebhookEndpoint) -> str:
        first, more = endpoint.events[0], len(endpoint.events) - 1
        return f"{first} +{more}" if more else first

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, endpoint: WebhookEndpoint) -> tuple[str, str]:
        if endpoint.state == State.ON and endpoint.failing_since:
            return "failing", pgettext("webhook", "failing")
        return endpoint.state, endpoint.get_state_display()

    @display(description=pgettext_lazy("webhook", "waiting"), ordering="waiting")
    def waiting(self, endpoint: Any) -> int:
        return endpoint.waiting

    @display(description=pgettext_lazy("webhook", "given up"), ordering="given_up")
    def given_up(self, endpoint: Any) -> int:
        return endpoint.given_up

    @display(description=_("in 24 hours"), ordering="delivered_lately")
    def delivered_lately(self, endpoint: Any) -> int:
        return endpoint.delivered_lately

    @display(description=_("last delivered"), ordering="last_delivered_at", header=True)
    def delivered_last(self, endpoint: WebhookEndpoint) -> list[str]:
        last, failing = (timesince(each, depth=1) if each else "" for each in _moments(endpoint))
        return [
            gettext("%(time)s ago") % {"time": last} if last else "–",
            gettext("failing for %(time)s") % {"time": failing} if failing else "",
        ]

    def get_urls(self) -> list[URLPattern]:
        pages = {"act/<slug:what>": ("act", self.act), "replay": ("replay", self.replay)}
        own = [
            path(f"<int:pk>/{address}/", self.admin_site.admin_view(view), name=f"operations_webhookendpoint_{name}")
            for address, (name, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

    # Adding, changing and deleting: `webhook_endpoints` does it and records it, as for the API.

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> WebhookEndpoint:
        return form.instance

    def save_model(self, request: Any, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        asked, now = form.cleaned_data, timezone.now()
        if change:
            webhook_endpoints.change(obj, **asked, by=request.user, now=now)
        else:
            made, request.secret = webhook_endpoints.create(**asked, client="", by=request.user, now=now)
            obj.pk = made.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing related, and the change is recorded already."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Count what goes with them: Django would list every delivery, and ask for the right to delete each."""
        deliveries = WebhookDelivery.objects.filter(endpoint__in=[each.pk for each in objs]).count()
        names = {self.opts.verbose_name_plural: len(objs), WebhookDelivery._meta.verbose_name_plural: deliveries}
        return [str(each) for each in objs], {str(name): count for name, count in names.items()}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        webhook_endpoints.delete(obj, by=request.user, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for endpoint in queryset:
            self.delete_model(request, endpoint)

    def response_add(self, request: Any, obj: WebhookEndpoint, post_url_continue: str | None = None) -> HttpResponse:
        return self._secret_shown(request, obj, request.secret)

    def _secret_shown(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
        # Shown in the answer itself: a redirect would have to keep the secret in a cookie or session.
        title = gettext("The secret of the webhook")
        return self._page(request, "webhook_secret", title, endpoint=endpoint, secret=secret)

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"title": title, "opts": self.opts, "media": self.media}
        name = f"admin/operations/{template}.html"
        return TemplateResponse(request, name, shared | context, headers={"Cache-Control": "no-store"})

    # The page of one endpoint, and its buttons.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        endpoint = self.get_object(request, object_id)
        shown = {} if endpoint is None else health(endpoint, request)
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Do what a button of the page says, to a POST."""
        endpoint = self._permitted(request, pk, CHANGE)
        if what not in ACTS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            return ACTS[what](self, request, endpoint)
        except WebhookRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return _to(endpoint)

    def replay(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask from when, say how many that are, and send them again."""
        endpoint = self._permitted(request, pk, REPLAY)
        posted = request.POST if request.method == "POST" else None
        form = ReplayForm(posted, initial={"since": began_failing(endpoint), "what": "given_up"})
        found = None
        if form.is_valid():
            asked = _range(form)
            if "sure" in request.POST:
                count = webhook_replays.replay_many(endpoint, **asked, by=request.user, now=timezone.now())
                self.message_user(request, _replayed(count), messages.SUCCESS)
                return _to(endpoint)
            found = webhook_replays.count(endpoint, **asked)
        title = gettext("Send again to %(webhook)s") % {"webhook": endpoint}
        return self._page(request, "webhook_replay", title, endpoint=endpoint, form=form, found=found)

    def _permitted(self, request: HttpRequest, pk: int, permission: str) -> WebhookEndpoint:
        if not (request.user.has_perm(permission) and self.has_view_permission(request)):
            raise PermissionDenied
        endpoint = self.get_object(request, str(pk))
        if endpoint is None:
            raise Http404
        return endpoint

    def _test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        delivery = webhook_endpoints.test_event(endpoint, by=request.user, now=timezone.now())
        return redirect("admin:operations_webhookdelivery_change", delivery.pk)

    def _rotate(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        turned, secret = webhook_endpoints.rotate_secret(endpoint, by=request.user, now=timezone.now())
        return self._secret_shown(request, turned, secret)

    def _pause(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        webhook_endpoints.pause(endpoint, by=request.user, now=timezone.now())
        self.message_user(request, _("It is paused. What waits is kept."), messages.SUCCESS)
        return _to(endpoint)

    def _switch_on(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        if fault := webhook_rights.fault(endpoint):
            self.message_user(request, off_words(fault), messages.ERROR)
        else:
            webhook_endpoints.switch_on(endpoint, by=request.user, now=timezone.now())
            self.message_user(request, _("It is on. What waits is sent now, in its order."), messages.SUCCESS)
        return _to(endpoint)


Act = Callable[[WebhookEndpointAdmin, HttpRequest, WebhookEndpoint], HttpResponse]
ACTS: dict[str, Act] = {
    "test": WebhookEndpointAdmin._test,
    "rotate": WebhookEndpointAdmin._rotate,
    "pause": WebhookEndpointAdmin._pause,
    "on": WebhookEndpointAdmin._switch_on,
}


def health(endpoint: WebhookEndpoint, request: HttpRequest) -> dict[str, Any]:
    """Return what templates/admin/operations/webhook_health.html shows."""
    now = timezone.now()
    failed = webhook_health.failures(endpoint, most=SHOWN_FAILURES, now=now)
    return {
        "endpoint": endpoint,
        "off_words": off_words(endpoint.off_reason),
        "oldest": webhook_health.oldest_waiting(endpoint),
        "failures": [(each, error_words(each.error)) for each in failed],
        "chart": webhook_charts.chart(webhook_health.hours(endpoint, now=now)),
        "may_change": request.user.has_perm(CHANGE),
        "may_replay": request.user.has_perm(REPLAY),
        "deliveries": f"{reverse('admin:operations_webhookdelivery_changelist')}?endpoint__id__exact={endpoint.pk}",
    }


def _range(form: ReplayForm) -> dict[str, Any]:
    asked = form.cleaned_data
    return {"since": asked["since"], "until": asked["until"] or timezone.now(), "which": Which(asked["what"])}


def _replayed(count: int) -> str:
    words = ngettext("%(count)d event is sent again.", "%(count)d events are sent again.", count)
    return words % {"count": count}


def _moments(endpoint: WebhookEndpoint) -> tuple[datetime | None, datetime | None]:
    return endpoint.last_delivered_at, endpoint.failing_since


def _to(endpoint: WebhookEndpoint) -> HttpResponse:
    return redirect("admin:operations_webhookendpoint_change", endpoint.pk)
