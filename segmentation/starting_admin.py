"""The gallery of segments to start from: choose a model of the trade, fill in its values, see the count, create."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from segmentation.models import Segment
from segmentation.rule_errors import RuleError
from segmentation.starting_form import StartingForm
from segmentation.starting_points import BY_KEY, STARTING_POINTS, StartingPoint
from segmentation.starting_segments import count_each, create_each
from segmentation.wording import fault_words


class HasStartingPoints(ModelAdmin):
    """Inherit from this to give the admin of segments the gallery."""

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(partial(view, site=self.admin_site))

        name = "segmentation_segment_starting"
        return [
            path("models/", page(gallery), name=f"{name}_points"),
            path("models/<slug:key>/", page(one_point), name=f"{name}_point"),
            path("models/<slug:key>/count/", self.admin_site.admin_view(count), name=f"{name}_count"),
            *super().get_urls(),
        ]


def gallery(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    _refuse_strangers(request)
    title = _("Start from a model")
    context = site.each_context(request) | {"title": title, "opts": Segment._meta, "points": STARTING_POINTS}
    return TemplateResponse(request, "admin/segmentation/starting_points.html", context)


def one_point(request: HttpRequest, key: str, *, site: AdminSite) -> HttpResponse:
    """Ask for the values; a POST creates the segments, unless it only asks for the count."""
    _refuse_strangers(request)
    point = _point(key)
    form = StartingForm(point, request.POST if request.method == "POST" else None)
    counted = None
    if request.method == "POST" and form.is_valid():
        if "create" not in request.POST:
            counted = count_each(form.made(), now=timezone.now())
        elif created := _create(request, form):
            one = len(created) == 1
            return redirect(*(("admin:segmentation_segment_change", created[0].pk) if one else (LIST,)))
    context = {"title": point.title, "opts": Segment._meta, "point": point, "form": form, "counted": counted}
    return TemplateResponse(request, "admin/segmentation/starting_point.html", site.each_context(request) | context)


LIST = "admin:segmentation_segment_changelist"


def count(request: HttpRequest, key: str) -> HttpResponse:
    """The counts by themselves, for the page as its values change."""
    _refuse_strangers(request)
    form = StartingForm(_point(key), request.POST)
    counted = count_each(form.made(), now=timezone.now()) if form.is_valid() else None
    return TemplateResponse(request, "admin/segmentation/starting_counts.html", {"counted": counted, "form": form})


def _create(request: HttpRequest, form: StartingForm) -> list[Segment]:
    """Create the segments; where a rule cannot be, say why, and create none."""
    try:
        created = create_each(form.made(), by=request.user, now=timezone.now())
    except RuleError as error:
        messages.error(request, fault_words(error))
        return []
    words = ngettext(
        "%(count)s segment created. A worker computes its members.",
        "%(count)s segments created. A worker computes their members.",
        len(created),
    )
    messages.success(request, words % {"count": len(created)})
    return created


def _refuse_strangers(request: HttpRequest) -> None:
    if not request.user.has_perm("segmentation.add_segment"):
        raise PermissionDenied


def _point(key: str) -> StartingPoint:
    if key not in BY_KEY:
        raise Http404
    return BY_KEY[key]
