"""The API's lists of what `segmentation` keeps: tags in their groups, and segments."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from operations import etags
from operations.api_schema import ANY_CALL
from operations.filtering import Contains, Exact, Filters, Named, Since, filtered, parameters_of
from operations.paging import BY_SLUG, Order, asked, page_of
from segmentation import api_schema, api_words, freshness_words, memberships
from segmentation.models import Segment, Tag, TagGroup

SEGMENTS = 500
# A segment changes with its row; what its last run came to does not touch that.
EDITION = """
    SELECT md5(string_agg(concat_ws(':', s.id, s.xmin, s.ctid, run.id, run.xmin, run.ctid), ',' ORDER BY s.id))
    FROM segmentation_segment s
    LEFT JOIN LATERAL (
        SELECT id, xmin, ctid FROM segmentation_segmentrun WHERE segment_id = s.id ORDER BY id DESC LIMIT 1
    ) AS run ON true
    WHERE %(slug)s::text IS NULL OR s.slug = %(slug)s
"""


class TagGroupFilters(Filters):
    name = Contains("name", _("A part of its name."))


class TagFilters(Filters):
    group = Named("group", TagGroup, _("The key of a tag group."))
    name = Contains("name", _("A part of its name."))
    set_by = ChoiceFilter(
        choices=[("rule", "rule"), ("hand", "hand")],
        method="by_who_sets_it",
        help_text=_("Tags that a rule sets; or those that hands, files and clients set."),
    )

    def by_who_sets_it(self, tags: QuerySet[Tag], _name: str, value: str) -> QuerySet[Tag]:
        return tags.filter(rule__isnull=value == "hand")


class SegmentFilters(Filters):
    kind = ChoiceFilter(
        choices=Segment.Kind.choices, help_text=_("Living rules, or packages that change by hand only.")
    )
    name = Contains("name", _("A part of its name."))
    uid = Exact(method="holding", help_text=_("Segments whose last good version holds this member."))
    refreshed_since = Since("refreshed_at", _("Those that were computed then or later."))

    def holding(self, segments: QuerySet[Segment], _name: str, uid: str) -> QuerySet[Segment]:
        return segments.filter(slug__in=[each.slug for each in memberships.segments_of(uid) or []])


class TagGroups(APIView):
    """`GET tag-groups/`: the layers of tags, by key."""

    scope = "eligibility"

    @api_words.TAG_GROUPS
    @extend_schema(
        operation_id="tag_groups",
        parameters=[*parameters_of(TagGroupFilters), etags.HELD],
        responses={200: api_schema.TAG_GROUPS, **etags.UNCHANGED, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page = asked(request)
        rows = filtered(request, TagGroupFilters, TagGroup.objects.all())

        def render() -> dict[str, Any]:
            groups, following = page_of(rows, BY_SLUG, page)
            return {"tag_groups": [_group_as_json(each) for each in groups], "next": following}

        return etags.answer(request, etags.edition_of(TagGroup), render)


class Tags(APIView):
    """`GET tags/`: the tags, by the keys of group and tag.

    `members` is how many carry the tag, as of `refreshed_at`; null where nothing has asked for it yet.
    """

    scope = "eligibility"

    @api_words.ALL_TAGS
    @extend_schema(
        operation_id="tags",
        parameters=[*parameters_of(TagFilters), etags.HELD],
        responses={200: api_schema.TAGS, **etags.UNCHANGED, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page = asked(request)
        rows = filtered(request, TagFilters, Tag.objects.select_related("group", "members"))

        def render() -> dict[str, Any]:
            tags, following = page_of(rows, Order(("group__slug", "slug")), page)
            return {"tags": [_tag_as_json(each) for each in tags], "next": following}

        return etags.answer(request, etags.edition_of(Tag, TagGroup), render)


class Segments(APIView):
    """`GET segments/`: all segments, by key. `as_of` tells their age in words, as of the answer that has them."""

    scope = "eligibility"

    @api_words.SEGMENTS
    @extend_schema(
        operation_id="segments",
        parameters=[*parameters_of(SegmentFilters), etags.HELD],
        responses={200: api_schema.SEGMENTS, **etags.UNCHANGED, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page = asked(request, usual=SEGMENTS)
        rows = filtered(request, SegmentFilters, freshness_words.with_runs(Segment.objects.all()))

        def render() -> dict[str, Any]:
            now = timezone.now()
            segments, following = page_of(rows, BY_SLUG, page)
            return {"segments": [segment_as_json(each, now) for each in segments], "next": following}

        # Whose member is erased is in none any more, and no segment says so.
        edition = None if "uid" in request.query_params else edition_of_segments()
        return etags.answer(request, edition, render)


def edition_of_segments(slug: str | None = None) -> str:
    """Return what changes with every change of the segments, or of the one with this key. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(EDITION, {"slug": slug})
        return cursor.fetchone()[0] or ""


def segment_as_json(segment: Segment, now: datetime) -> dict[str, Any]:
    return {
        "slug": segment.slug,
        "name": segment.name,
        "description": segment.description,
        "kind": segment.kind,
        "version": segment.version,  # type: ignore[attr-defined]  # annotated
        "size": segment.members.size if segment.members else None,
        "refreshed_at": segment.refreshed_at,
        "as_of": freshness_words.told(segment, now=now),
        "last_run_state": segment.last_state,  # type: ignore[attr-defined]  # annotated
    }


def _group_as_json(group: TagGroup) -> dict[str, Any]:
    return {"slug": group.slug, "name": group.name, "exclusive": group.exclusive}


def _tag_as_json(tag: Tag) -> dict[str, Any]:
    return {
        "group": tag.group.slug,
        "tag": tag.slug,
        "name": tag.name,
        "description": tag.description,
        "valid_days": tag.valid_days,
        "set_by": "hand" if tag.rule is None else "rule",
        "members": tag.members and tag.members.size,
        "refreshed_at": tag.refreshed_at,
    }


urlpatterns: list[URLPattern] = [
    path("tag-groups/", TagGroups.as_view(), name="tag-groups"),
    path("tags/", Tags.as_view(), name="tags"),
    path("segments/", Segments.as_view(), name="segments"),
]
