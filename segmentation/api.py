"""The API of `segmentation`: tags in, segments and their members out."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members import imports
from members.api import FactsParser, checked_rows
from members.api import as_json as counts_as_json
from members.api_schema import ROWS, TAKEN
from members.models import Member
from operations.api_errors import ApiError
from operations.api_schema import ANY_CALL, ANY_POST, CURSOR, ERROR, ONE_OBJECT
from segmentation import api_schema, member_sets, tagging
from segmentation.counting import estimate
from segmentation.explaining import Clause, explain
from segmentation.exporting import page_of
from segmentation.models import Segment
from segmentation.rule_errors import RuleError
from segmentation.rule_schema_api import RuleSchema
from segmentation.sources import SourceError
from segmentation.tag_rows import RECEIVED
from segmentation.wording import fault_words

PAGE = 500


class TagsBulk(APIView):
    """Sets up to 5,000 tags. Good rows are kept, the others come back with their reasons. Repeating changes nothing."""

    scope = "facts"
    parser_classes = [FactsParser]

    @extend_schema(
        operation_id="tags_bulk",
        request={"application/json": ROWS},
        responses={200: TAKEN, **ANY_POST},
    )
    def post(self, request: Request) -> Response:
        rows, now = checked_rows(request.data), timezone.now()
        result = imports.take(RECEIVED, enumerate(rows), context=RECEIVED.load_context(now), now=now)
        return Response(counts_as_json(result))


class MemberTags(APIView):
    """The tags that a member carries now."""

    scope = "eligibility"

    @extend_schema(operation_id="member_tags", responses={200: api_schema.MEMBER_TAGS, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        carried = tagging.tags_of(_member(uid).pk, now=timezone.now())
        return Response(
            {
                "uid": uid,
                "tags": [
                    {
                        "group": each.tag.group.slug,
                        "tag": each.tag.slug,
                        "source": each.source,
                        "set_at": each.set_at,
                        "expires_at": each.expires_at,
                    }
                    for each in carried
                ],
            }
        )


class Segments(APIView):
    """All segments, by key."""

    scope = "eligibility"

    @extend_schema(operation_id="segments", parameters=[CURSOR], responses={200: api_schema.SEGMENTS, **ANY_CALL})
    def get(self, request: Request) -> Response:
        after = request.query_params.get("cursor", "")
        if not after.isprintable():
            raise _bad_cursor(after)
        found = list(Segment.objects.filter(slug__gt=after).select_related("members")[: PAGE + 1])
        page = found[:PAGE]
        following = page[-1].slug if len(found) > PAGE else None
        return Response({"segments": [_as_json(each) for each in page], "next": following})


class OneSegment(APIView):
    """One segment with its rule and its last run."""

    scope = "eligibility"

    @extend_schema(operation_id="segment", responses={200: api_schema.SEGMENT, **ONE_OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        segment = _segment(slug)
        run = segment.runs.first()
        last_run = run and {
            "state": run.state,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "size": run.size,
            "entered": run.entered,
            "left": run.left,
            "error": run.error,
        }
        return Response(_as_json(segment) | {"rule": segment.rule, "last_run": last_run})


class SegmentMembers(APIView):
    """The uids of a segment's members, page by page."""

    scope = "eligibility"

    @extend_schema(
        operation_id="segment_members",
        parameters=[CURSOR],
        responses={200: api_schema.UIDS, **api_schema.COMPUTED},
    )
    def get(self, request: Request, slug: str) -> Response:
        version_id = _version(_segment(slug))
        cursor = request.query_params.get("cursor", "-1")
        is_number = cursor.isascii() and cursor.isdigit() and len(cursor) <= 10
        if cursor != "-1" and not (is_number and int(cursor) < member_sets.LARGEST_ID):
            raise _bad_cursor(cursor)
        uids, following = page_of(version_id, after=int(cursor), size=PAGE)
        return Response({"uids": uids, "next": None if following is None else str(following)})


class SegmentMember(APIView):
    """Why a member is in a segment, or is not: as published, and each clause as it holds now."""

    scope = "eligibility"

    @extend_schema(operation_id="segment_member", responses={200: api_schema.WHY, **api_schema.COMPUTED})
    def get(self, request: Request, slug: str, uid: str) -> Response:
        segment, member = _segment(slug), _member(uid)
        try:
            clauses = explain(segment, member, now=timezone.now())
        except (RuleError, SourceError) as error:
            raise _refused(error) from error
        published = segment.members_id is not None and member_sets.holds(segment.members_id, member.pk)
        return Response(
            {
                "uid": uid,
                "segment": slug,
                "is_member": published,
                "holds_now": clauses[0].held,
                "clauses": [_clause_as_json(each) for each in clauses],
            }
        )


class Estimate(APIView):
    """How many members a rule holds for. It stores nothing, so an Idempotency-Key is not needed."""

    scope = "eligibility"

    @extend_schema(
        operation_id="segments_estimate",
        request={"application/json": api_schema.RULE},
        responses={200: api_schema.COUNT, 409: ERROR, **ANY_POST},
    )
    def post(self, request: Request) -> Response:
        data = request.data
        if not isinstance(data, Mapping) or "rule" not in data:
            raise ApiError(
                "rule_missing", _("The body must be a JSON object with a “rule”."), fields={"rule": "missing"}
            )
        try:
            return Response({"count": estimate(data["rule"], now=timezone.now())})
        except (RuleError, SourceError) as error:
            raise _refused(error) from error


def _refused(error: RuleError | SourceError) -> ApiError:
    if isinstance(error, SourceError):
        return ApiError("not_computed", str(error), status=409)
    return ApiError("bad_rule", fault_words(error), fields={f"rule.{error.path}".rstrip("."): error.code})


def _bad_cursor(cursor: str) -> ApiError:
    return ApiError("bad_cursor", _("The cursor is not one that this list gave."), fields={"cursor": repr(cursor[:50])})


def _segment(slug: str) -> Segment:
    found = Segment.objects.select_related("members").filter(slug=slug).first() if slug.isprintable() else None
    if found is None:
        raise Http404
    return found


def _member(uid: str) -> Member:
    # An address may hold a NUL byte; no uid does, and PostgreSQL would refuse to compare.
    found = Member.objects.filter(uid=uid).first() if uid.isprintable() else None
    if found is None:
        raise Http404
    return found


def _version(segment: Segment) -> int:
    if segment.members_id is None:
        raise ApiError("not_computed", _("The segment has not been computed yet."), status=409)
    return segment.members_id


def _as_json(segment: Segment) -> dict[str, Any]:
    return {
        "slug": segment.slug,
        "name": segment.name,
        "description": segment.description,
        "size": segment.members.size if segment.members else None,
        "refreshed_at": segment.refreshed_at,
    }


def _clause_as_json(clause: Clause) -> dict[str, Any]:
    return {
        "path": clause.path,
        "depth": clause.depth,
        "words": clause.words,
        "value": None if clause.value is None else list(clause.value),
        "held": clause.held,
    }


urlpatterns: list[URLPattern] = [
    path("tags/bulk/", TagsBulk.as_view()),
    path("members/<str:uid>/tags/", MemberTags.as_view()),
    path("segments/", Segments.as_view()),
    path("segments/estimate/", Estimate.as_view()),
    path("segments/rule-schema/", RuleSchema.as_view()),
    path("segments/<slug:slug>/", OneSegment.as_view()),
    path("segments/<slug:slug>/members/", SegmentMembers.as_view()),
    path("segments/<slug:slug>/members/<str:uid>/", SegmentMember.as_view()),
]
