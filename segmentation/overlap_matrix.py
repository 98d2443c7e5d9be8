"""The page of the admin that lays chosen segments over each other: how many members each two have in common."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from pyroaring import BitMap
from unfold.admin import ModelAdmin

from operations.charts import SHADES, Cell, HeatMap, HeatRow, share
from segmentation import member_sets
from segmentation.addresses import page_of
from segmentation.models import Segment
from segmentation.rule_widget import new_segment_address

MOST = 12
# Shown while nobody has chosen.
FIRST = 6


class ShowsOverlaps(ModelAdmin):
    """Inherit from this to give the admin of segments the page."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(overlaps_page, site=self.admin_site))
        return [path("overlaps/", page, name="segmentation_segment_overlaps"), *super().get_urls()]


def overlaps_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Show the segments that are asked for by ?segment=KEY&segment=…, else the largest."""
    if not request.user.has_perm("segmentation.view_segment"):
        raise PermissionDenied
    computed = list(Segment.objects.filter(members__isnull=False).select_related("members").order_by("-members__size"))
    asked = set(request.GET.getlist("segment"))
    wanted = [each for each in computed if each.slug in asked] or computed[:FIRST]
    chosen = wanted[:MOST]
    may_add = request.user.has_perm("segmentation.add_segment")
    context = {
        "title": _("What segments have in common"),
        "opts": Segment._meta,
        "segments": computed,
        "chosen": {each.slug for each in chosen},
        "most": MOST,
        "left_out": len(wanted) - len(chosen),
        "may_add": may_add,
        "map": matrix(chosen, linked=may_add) if chosen else None,
    }
    return TemplateResponse(request, "admin/segmentation/overlaps.html", site.each_context(request) | context)


def matrix(segments: Sequence[Segment], *, linked: bool) -> HeatMap:
    """Count what each two of `segments`, all of them computed, have in common; shaded by its share of the row's."""
    sets = member_sets.load_all(_members_id(each) for each in segments)
    return HeatMap(
        caption=_("Members in both, and their share of the segment of the row"),
        corner=_("segment"),
        columns=tuple(str(number) for number in range(1, len(segments) + 1)),
        rows=tuple(
            HeatRow(f"{number} {row}", tuple(_cell(row, column, sets, linked=linked) for column in segments))
            for number, row in enumerate(segments, 1)
        ),
    )


def _cell(row: Segment, column: Segment, sets: Mapping[int, BitMap], *, linked: bool) -> Cell:
    ours, theirs = sets[_members_id(row)], sets[_members_id(column)]
    both = ours.intersection_cardinality(theirs)
    part = share(both, len(ours))
    same = row == column
    link = page_of(row) if same else both_address(row, column)
    return Cell(
        count=both,
        shade=max(round(SHADES * part / 100), 1) if both else 0,
        note=f"{number_format(round(part, 1), decimal_pos=1)} %",
        link=link if same or linked else "",
        kind="self" if same else "",
        kind_name="" if same else _("in “%(one)s” and in “%(other)s”") % {"one": row, "other": column},
    )


def both_address(one: Segment, other: Segment) -> str:
    """Return the address of a new segment of those who are in both."""
    rules: list[dict[str, Any]] = [
        {"field": "segment", "operator": "in", "value": [each.slug]} for each in (one, other)
    ]
    rule = {"version": 1, "combinator": "and", "rules": rules}
    name = _("%(one)s and %(other)s") % {"one": one, "other": other}
    return new_segment_address(name=name, slug=f"{one.slug}-and-{other.slug}", rule=rule)


def _members_id(segment: Segment) -> int:
    if segment.members_id is None:
        raise ValueError(f"{segment.slug} has no members computed yet")
    return segment.members_id
