"""The builder's addresses below the campaigns of the admin, and the ways into it."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from campaigns.building import pages, start_pages, task_pages

ADDRESSES: dict[str, tuple[Any, str]] = {
    "build/": (start_pages.start, "start"),
    "<int:campaign_id>/build/": (pages.go_on, "go_on"),
    "<int:campaign_id>/build/forget/": (pages.forget, "forget"),
    **task_pages.urls,
    "<int:campaign_id>/build/<slug:key>/": (pages.step_page, "step"),
    "<int:campaign_id>/build/<slug:key>/autosave/": (pages.autosave, "autosave"),
}


class HasBuilder(ModelAdmin):
    """Inherit from this to give the admin of campaigns the builder."""

    def get_urls(self) -> list[URLPattern]:
        built = [
            path(
                route,
                self.admin_site.admin_view(partial(view, site=self.admin_site)),
                name=f"campaigns_campaign_build_{name}",
            )
            for route, (view, name) in ADDRESSES.items()
        ]
        return [*built, *super().get_urls()]

    @action(description=_("New campaign"), url_path="new-campaign", icon="add", permissions=["add"])
    def new_campaign(self, _request: HttpRequest) -> HttpResponse:
        return redirect("admin:campaigns_campaign_build_start")

    @action(description=_("Open the builder"), url_path="to-builder", icon="route", permissions=["change"])
    def to_builder(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("admin:campaigns_campaign_build_go_on", object_id)
