"""API keys for whoever gives them out: created, replaced and revoked; a key itself is shown once."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from operations import api_keys, rotation
from operations.api_key_forms import ApiKeyForm, RotateForm
from operations.audited_admin import AuditedAdmin
from operations.models import ApiKey
from operations.rotation import NotRotated

COLOURS = {
    ApiKey.State.VALID: "success",
    ApiKey.State.EXPIRES_SOON: "warning",
    ApiKey.State.REPLACED: "info",
    ApiKey.State.EXPIRED: "danger",
    ApiKey.State.REVOKED: "danger",
}
# As a cell of a list has room for.
SHORT = {
    ApiKey.Scope.FACTS: pgettext_lazy("API scope", "facts"),
    ApiKey.Scope.ELIGIBILITY: pgettext_lazy("API scope", "eligibility"),
    ApiKey.Scope.PLAY: pgettext_lazy("API scope", "play"),
    ApiKey.Scope.REWARDS: pgettext_lazy("API scope", "rewards"),
    ApiKey.Scope.WEBHOOKS: pgettext_lazy("API scope", "webhooks"),
}


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin):
    form = ApiKeyForm
    list_display = ["name", "shown_state", "prefix", "scope_names", "last_use", "expiry_date"]
    list_filter = ["revoked"]
    search_fields = ["name", "prefix", "client"]
    search_help_text = _("Name or prefix")
    list_select_related = ["replaced_by"]
    readonly_fields = ["prefix", "client", "created", "last_use", "state_in_words", "replacement"]
    actions = ["revoke"]
    actions_detail = ["rotate", "revoke_one"]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        asked = (None, {"fields": ["name", "scopes"]})
        bounds = (_("Limits"), {"fields": ["expiry_date", "address_ranges", "calls_per_minute"]})
        known = (
            _("Use"),
            {"fields": [("state_in_words", "replacement"), ("last_use", "created"), ("prefix", "client")]},
        )
        return [asked, bounds] if obj is None else [asked, bounds, known]

    @display(description=_("scopes"))
    def scope_names(self, key: ApiKey) -> str:
        return gettext(", ").join(str(SHORT.get(scope, scope)) for scope in key.scopes)

    @display(description=_("state"), label=COLOURS)
    def shown_state(self, key: ApiKey) -> tuple[str, str]:
        state = key.state_at(timezone.now())
        return state.value, str(state.label)

    @display(description=_("state"))
    def state_in_words(self, key: ApiKey) -> str:
        state = key.state_at(timezone.now())
        if state is ApiKey.State.REPLACED and key.expiry_date is not None:
            until = date_format(timezone.localtime(key.expiry_date), "DATETIME_FORMAT")
            return gettext("Replaced, works until %(until)s") % {"until": until}
        return capfirst(str(state.label))

    @display(description=_("last used"), ordering="last_used_at")
    def last_use(self, key: ApiKey) -> str | None:
        return render_to_string("admin/operations/last_use.html", {"key": key}) if key.last_used_at else None

    @display(description=_("replaced by"))
    def replacement(self, key: ApiKey) -> str | None:
        if key.replaced_by is None:
            return None
        return render_to_string("admin/operations/replacement.html", {"key": key.replaced_by})

    @admin.action(description=_("Revoke selected keys for good"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            api_keys.revoke(key, by=request.user, now=timezone.now())
        self.message_user(request, _("The selected keys are revoked."), messages.SUCCESS)

    def has_rotate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        key = self._key(request, object_id)
        may = self.has_add_permission(request) and self.has_change_permission(request)
        return may and (key is None or (not key.revoked and key.replaced_by_id is None))

    @action(description=_("Replace by a new key"), permissions=["rotate"], url_path="rotate", icon="autorenew")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how long both keys work; then show the new one, once."""
        key = self._key_or_404(request, object_id)
        form = RotateForm(request.POST or None)
        if form.is_valid():
            overlap = timedelta(hours=form.cleaned_data["overlap"])
            try:
                new, plain, signing = rotation.rotate(key, overlap=overlap, by=request.user, now=timezone.now())
            except NotRotated as refused:
                self.message_user(request, str(refused), messages.ERROR)
                return HttpResponseRedirect(self._page(key))
            return self._issued(request, new, plain, signing)
        context = {"title": _("Replace an API key"), "form": form, "has_life": key.expiry_date is not None}
        return self._asked(request, key, "admin/operations/api_key_rotate.html", context)

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        key = self._key(request, object_id)
        return self.has_change_permission(request, key)

    @action(
        description=pgettext_lazy("API key", "Revoke"),
        permissions=["revoke"],
        url_path="revoke",
        variant=ActionVariant.DANGER,
    )
    def revoke_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what ends; then revoke the key for good."""
        key = self._key_or_404(request, object_id)
        if request.method == "POST":
            api_keys.revoke(key, by=request.user, now=timezone.now())
            self.message_user(request, _("The key %(key)s is revoked.") % {"key": key.prefix}, messages.SUCCESS)
            return HttpResponseRedirect(self._page(key))
        context = {"title": _("Revoke an API key"), "seconds": int(api_keys.TRUSTED_SECONDS)}
        return self._asked(request, key, "admin/operations/api_key_revoke.html", context)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            request.issued = api_keys.issue(obj)  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        return self._issued(request, obj, *request.issued)  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not obj.revoked)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # A key that was used is evidence: it is revoked, not deleted.
        return False

    def _issued(self, request: HttpRequest, key: ApiKey, plain: str, signing_secret: str) -> HttpResponse:
        # Shown in the answer itself: a redirect would have to keep the secrets in a cookie or session.
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The key was created"),
            "subtitle": key.name,
            "key": key,
            "replaces": ApiKey.objects.filter(replaced_by=key).first(),
            "plain": plain,
            "signing_secret": signing_secret,
        }
        template = "admin/operations/api_key_issued.html"
        return TemplateResponse(request, template, context, headers={"Cache-Control": "no-store"})

    def _asked(self, request: HttpRequest, key: ApiKey, template: str, context: dict[str, Any]) -> HttpResponse:
        context |= self.admin_site.each_context(request)
        context |= {"opts": self.opts, "original": key, "subtitle": key.name, "key": key, "page": self._page(key)}
        return TemplateResponse(request, template, context)

    def _key(self, request: HttpRequest, object_id: str | None) -> ApiKey | None:
        """The key of an address, in which Django writes the primary key in its own way."""
        return None if object_id is None else self.get_object(request, unquote(str(object_id)))

    def _key_or_404(self, request: HttpRequest, object_id: str) -> ApiKey:
        key = self._key(request, object_id)
        if key is None:
            raise Http404
        if not self.has_view_permission(request, key):
            raise PermissionDenied
        return key

    def _page(self, key: ApiKey) -> str:
        return reverse("admin:operations_apikey_change", args=[key.pk])
