"""The pages of the admin with what a campaign has beside its tasks, such as leaderboards and energy."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from campaigns import fault_places, features, states
from campaigns.features.face import Feature
from campaigns.kinds.forms import ConfigForm
from campaigns.models import Campaign
from campaigns.task_form import drawn
from operations import audit

NAME = "admin:campaigns_campaign_features"
RIGHT = "campaigns.change_campaign"


class HasFeatures(ModelAdmin):
    """Inherit from this to give the admin of campaigns the pages."""

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(partial(view, site=self.admin_site))

        return [
            path("<int:campaign_id>/features/", page(features_page), name="campaigns_campaign_features"),
            path("<int:campaign_id>/features/<slug:name>/", page(feature_page), name="campaigns_campaign_feature"),
            *super().get_urls(),
        ]

    @action(description=gettext_lazy("Features"), url_path="to-features", icon="extension", permissions=["view"])
    def to_features(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(NAME, object_id)


def features_page(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """List every feature, and which of them the draft has."""
    campaign = _campaign(request, campaign_id)
    had = campaign.features if isinstance(campaign.features, dict) else {}
    rows = [
        {"name": name, "label": features.find(name).LABEL, "told": features.find(name).TELLS, "on": name in had}
        for name in features.names()
    ]
    context = {"title": _("Features of “%(campaign)s”") % {"campaign": campaign}, "rows": rows}
    return _page(request, site, campaign, "admin/campaigns/features.html", context)


def feature_page(request: HttpRequest, campaign_id: int, name: str, *, site: AdminSite) -> HttpResponse:
    """Show one feature's settings; a POST saves them into the draft, or takes the feature out of it."""
    campaign = _campaign(request, campaign_id)
    if name not in features.names():
        raise Http404
    feature = features.find(name)
    had = campaign.features if isinstance(campaign.features, dict) else {}
    if request.method == "POST":
        if not request.user.has_perm(RIGHT) or campaign.state in states.OVER:
            raise PermissionDenied
        if "_remove" in request.POST:
            _save(request, campaign, name, None)
            return redirect(NAME, campaign.pk)
    form = _form(feature, request.POST or None, had.get(name, {}))
    if form.is_valid() and (config := _checked(feature, form)) is not None:
        _save(request, campaign, name, config)
        return redirect(NAME, campaign.pk)
    context = {
        "title": _("%(feature)s of “%(campaign)s”") % {"feature": feature.LABEL, "campaign": campaign},
        "form": form,
        "media": form.media,
        "on": name in had,
        "may_change": request.user.has_perm(RIGHT) and campaign.state not in states.OVER,
    }
    return _page(request, site, campaign, "admin/campaigns/feature.html", context)


def _form(feature: Feature, data: Any, config: Mapping[str, Any]) -> ConfigForm:
    form = feature.Form(data, initial=feature.Form.initial_of(config))
    for name, field in form.fields.items():
        form.fields[name] = drawn(field)
    return form


def _checked(feature: Feature, form: ConfigForm) -> dict[str, Any] | None:
    """The configuration, or None with its faults beside their fields."""
    config = form.config()
    found = feature.faults(config)
    for fault in found:
        first = fault_places.field_of(fault)
        error = ValidationError(fault_places.worded(fault, feature.Form), code="invalid")
        form.add_error(first if first in form.fields else None, error)
    return None if found else config


@transaction.atomic
def _save(request: Any, campaign: Campaign, name: str, config: Mapping[str, Any] | None) -> None:
    """Write the draft's feature, or take it out, and record it. The campaign is held, as by all who change it."""
    held = states.locked(campaign)
    before = held.features.get(name) if isinstance(held.features, dict) else None
    kept = {key: value for key, value in held.features.items() if key != name}
    held.features = kept | ({name: dict(config)} if config is not None else {})
    held.save(update_fields=["features"])
    changes = {f"features.{name}": [before, config]}
    audit.record("campaign.changed", held, by=request.user, now=timezone.now(), changes=changes)
    words = {"feature": features.find(name).LABEL}
    told = _("%(feature)s: saved in the draft.") if config is not None else _("%(feature)s: taken out of the draft.")
    messages.success(request, told % words)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    return get_object_or_404(Campaign, pk=campaign_id)


def _page(
    request: HttpRequest, site: AdminSite, campaign: Campaign, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    shown = {**site.each_context(request), "campaign": campaign, "opts": Campaign._meta, **context}
    return TemplateResponse(request, template, shown)
