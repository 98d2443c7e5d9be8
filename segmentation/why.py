"""The page of the admin that says why a member is in a segment, or is not."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from members.models import Member
from segmentation.addresses import page_of
from segmentation.explaining import explanation
from segmentation.models import Package, Segment
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.standing import standing
from segmentation.wording import fault_words

NEEDED = ("members.view_member", "segmentation.view_segment")


class SaysWhy(ModelAdmin):
    """Inherit from this to give the admin of segments the page."""

    def get_urls(self) -> list[URLPattern]:
        why = self.admin_site.admin_view(partial(why_page, site=self.admin_site))
        address = "<int:segment_id>/why/<int:member_id>/"
        return [path(address, why, name="segmentation_segment_why"), *super().get_urls()]


def why_page(request: HttpRequest, segment_id: int, member_id: int, *, site: AdminSite) -> HttpResponse:
    """Show each clause of the rule with the member's own value, and what the last good version says."""
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    segment, member = get_object_or_404(Segment, pk=segment_id), get_object_or_404(Member, pk=member_id)
    now = timezone.now()
    explained = _explained(segment, member, now)
    stands = standing(segment, member, holds_now=explained.get("holds_now"), now=now)
    shown = {
        "segment": segment,
        "page": page_of(segment),
        "member": member,
        "published": stands.published,
        "told": stands.told,
    }
    words = {"segment": segment, "member": member.uid}
    model = Package if segment.kind == Segment.Kind.PACKAGE else Segment
    title = {"title": _("Why: %(member)s in “%(segment)s”") % words, "opts": model._meta}
    return TemplateResponse(
        request, "admin/segmentation/why.html", site.each_context(request) | shown | explained | title
    )


def _explained(segment: Segment, member: Member, now: datetime) -> dict[str, Any]:
    if segment.kind == Segment.Kind.PACKAGE:
        return {}
    try:
        found = explanation(segment, member, now=now)
    except RuleError as error:
        return {"fault": fault_words(error)}
    except SourceError as error:
        return {"fault": str(error)}
    return {"holds_now": found.held, "clauses": found.clauses, "nearest": found.nearest}
