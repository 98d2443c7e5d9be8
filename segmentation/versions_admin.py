"""The page of the admin with the versions of a segment's rule: what changed between any two, and the way back."""

from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from segmentation.models import Segment, SegmentRun, SegmentVersion
from segmentation.naming import load_names
from segmentation.rolling_back import roll_back
from segmentation.rule_errors import RuleError
from segmentation.told_versions import changes_between, rule_in_words
from segmentation.wording import fault_words

SHOWN = 100
# Packages have versions of their own, of members.
RULES = Segment.objects.filter(kind=Segment.Kind.RULE)


class HasVersions(ModelAdmin):
    """Inherit from this to give the admin of segments the page."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(versions_page, site=self.admin_site))
        back = self.admin_site.admin_view(require_POST(roll_back_view))
        return [
            path("<int:segment_id>/versions/", page, name="segmentation_segment_versions"),
            path("<int:segment_id>/versions/<int:number>/restore/", back, name="segmentation_segment_restore"),
            *super().get_urls(),
        ]


def versions_page(request: HttpRequest, segment_id: int, *, site: AdminSite) -> HttpResponse:
    """Show the versions, newest first, and the difference between two of them: the newest two unless asked."""
    if not request.user.has_perm("segmentation.view_segment"):
        raise PermissionDenied
    segment, names = get_object_or_404(RULES, pk=segment_id), load_names()
    versions = list(with_sizes(segment.versions.all())[:SHOWN])
    before, after = _asked_for(request, versions)
    context = {
        "title": _("Versions of “%(segment)s”") % {"segment": segment},
        "segment": segment,
        "opts": Segment._meta,
        "versions": [{"version": each, "words": rule_in_words(each.rule, names)} for each in versions],
        "before": before,
        "after": after,
        "may_restore": request.user.has_perm("segmentation.change_segment"),
    }
    try:
        context["changes"] = changes_between(before, after, names) if before and after else []
    except RuleError as error:
        context["fault"] = fault_words(error)
    return TemplateResponse(request, "admin/segmentation/versions.html", site.each_context(request) | context)


def roll_back_view(request: HttpRequest, segment_id: int, number: int) -> HttpResponse:
    """Make an older rule the newest version; what is wrong with it now is told, and nothing changes."""
    if not request.user.has_perm("segmentation.change_segment"):
        raise PermissionDenied
    segment = get_object_or_404(RULES, pk=segment_id)
    get_object_or_404(segment.versions, number=number)
    try:
        version = roll_back(segment, number, by=request.user, now=timezone.now())
    except RuleError as error:
        told = _("Version %(number)s cannot be restored: %(fault)s") % {"number": number, "fault": fault_words(error)}
        messages.error(request, told)
    else:
        if version is None:
            messages.info(request, _("The rule is the one of version %(number)s already.") % {"number": number})
        else:
            words = _("Version %(number)s is the rule again, as version %(new)s. A worker computes the members.")
            messages.success(request, words % {"number": number, "new": version.number})
    return redirect("admin:segmentation_segment_versions", segment_id)


def with_sizes(versions: QuerySet[SegmentVersion]) -> QuerySet[SegmentVersion]:
    """Annotate `size`: how many members there were at the end of the version's time; None if never computed."""
    later = SegmentVersion.objects.filter(segment=OuterRef("segment"), number__gt=OuterRef("number"))
    ends = Subquery(later.order_by("number").values("saved_at")[:1])
    runs = SegmentRun.objects.filter(segment=OuterRef("segment"), state=SegmentRun.State.DONE)
    in_time = runs.filter(
        Q(started_at__gte=OuterRef("saved_at")),
        Q(started_at__lt=Coalesce(OuterRef("ends"), timezone.now() + timedelta(days=1))),
    )
    return versions.annotate(ends=ends).annotate(size=Subquery(in_time.order_by("-id").values("size")[:1]))


def _asked_for(
    request: HttpRequest, versions: list[SegmentVersion]
) -> tuple[SegmentVersion | None, SegmentVersion | None]:
    """Return the two versions to compare, the older first."""
    by_number = {str(each.number): each for each in versions}
    newest, previous = [*versions[:2], None, None][:2]
    asked = (by_number.get(request.GET.get(key, "")) for key in ("before", "after"))
    chosen = [each or usual for each, usual in zip(asked, (previous, newest), strict=True)]
    if None in chosen:
        return None, newest
    before, after = sorted(filter(None, chosen), key=lambda each: each.number)
    return before, after
