"""The page of the admin that says why a member is in a segment, or is not."""

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
from segmentation import member_sets
from segmentation.explaining import Clause, explain
from segmentation.models import Segment
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.wording import fault_words, value_words

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
    published = segment.members_id is not None and member_sets.holds(segment.members_id, member.pk)
    shown = {"segment": segment, "member": member, "published": published, "opts": Segment._meta}
    words = {"segment": segment, "member": member.name or member.uid}
    title = _("Why: %(member)s in “%(segment)s”") % words
    context = site.each_context(request) | shown | _explained(segment, member) | {"title": title}
    return TemplateResponse(request, "admin/segmentation/why.html", context)


def _explained(segment: Segment, member: Member) -> dict[str, Any]:
    try:
        clauses = explain(segment, member, now=timezone.now())
    except RuleError as error:
        return {"fault": fault_words(error)}
    except SourceError as error:
        return {"fault": str(error)}
    return {"holds_now": clauses[0].held, "clauses": [_shown(clause) for clause in clauses]}


def _shown(clause: Clause) -> dict[str, Any]:
    """A group of clauses has no value of its own; "–" stands for a value that the member lacks."""
    own = None if clause.value is None else _(", ").join(map(value_words, clause.value)) or "–"
    return {"depth": clause.depth, "words": clause.words, "own": own, "held": clause.held}
