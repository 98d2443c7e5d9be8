"""Pages of an admin that are neither a list nor a form of one row."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

STYLES = {"all": ["members/imports.css", "admin/charts.css", "admin/segmentation.css", "admin/packages.css"]}


class OwnPages(ModelAdmin):
    """Inherit from this for `page` and `route`."""

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        """Show a template of templates/admin/segmentation/ in the frame of the admin."""
        lists = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        shared = {"title": title, "opts": self.opts, "media": self.media, "list_page": lists}
        return TemplateResponse(
            request, f"admin/segmentation/{template}.html", self.admin_site.each_context(request) | shared | context
        )

    def route(self, address: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        whole = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(address, self.admin_site.admin_view(view), name=whole)


def existing(model_admin: ModelAdmin, request: HttpRequest, object_id: Any) -> Any:
    """Return the row that an address names, as the admin finds it, or raise Http404: the text may be anything."""
    found = model_admin.get_object(request, str(object_id))
    if found is None:
        raise Http404
    return found


def require(request: HttpRequest, *permissions: str) -> None:
    """Raise PermissionDenied unless the user has all of them."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied
