"""The API of `segmentation`: tags in, segments and their members out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

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
from operations.models import ApiKey
from segmentation import api_schema, freshness_words, member_sets, memberships, tagging
from segmentation.counting import estimate
from segmentation.explaining import Clause, Explanation, explanation
from segmentation.exporting import page_of
from segmentation.models import Segment, SegmentRun
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.standing import standing
from segmentation.tag_rows import received_from
from segmentation.told_versions import told_versions
from segmentation.wording import fault_words

PAGE = 500


class TagsBulk(APIView):
    """Sets up to 5,000 tags, or takes away those whose `expires_at` is over. Good rows are kept, the others come back
    with their reasons. Without `expires_at` a tag is valid for its own number of days. Repeating changes nothing else.
    """

    scope = "facts"
    parser_classes = [FactsParser]

    @extend_schema(
        operation_id="tags_bulk",
        request={"application/json": ROWS},
        responses={200: TAKEN, **ANY_POST},
    )
    def post(self, request: Request) -> Response:
        rows, now = checked_rows(request.data), timezone.now()
        importer = received_from(cast(ApiKey, request.auth).name)
        result = imports.take(importer, enumerate(rows), context=importer.load_context(now), now=now)
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
        found = list(freshness_words.with_runs(Segment.objects.filter(slug__gt=after))[: PAGE + 1])
        page = found[:PAGE]
        following = page[-1].slug if len(found) > PAGE else None
        now = timezone.now()
        return Response({"segments": [_as_json(each, now) for each in page], "next": following})


class OneSegment(APIView):
    """One segment with its rule and its last run."""

    scope = "eligibility"

    @extend_schema(operation_id="segment", responses={200: api_schema.SEGMENT, **ONE_OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        segment = _segment(slug)
        run = segment.runs.first()
        return Response(
            _as_json(segment, timezone.now()) | {"rule": segment.rule, "last_run": run and _run_as_json(run)}
        )


class SegmentVersions(APIView):
    """The versions of a segment's rule, newest first: the rule as JSON and in words, and what it changed."""

    scope = "eligibility"

    @extend_schema(
        operation_id="segment_versions",
        parameters=[CURSOR],
        responses={200: api_schema.VERSIONS, **ONE_OBJECT, 400: ERROR},
    )
    def get(self, request: Request, slug: str) -> Response:
        cursor = request.query_params.get("cursor", "")
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
            raise _bad_cursor(cursor)
        versions, following = told_versions(_segment(slug), before=int(cursor) if cursor else None)
        return Response({"versions": versions, "next": None if following is None else str(following)})


class MemberSegments(APIView):
    """The segments whose last good version holds the member, by key."""

    scope = "eligibility"

    @extend_schema(operation_id="member_segments", responses={200: api_schema.MEMBER_SEGMENTS, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        held = memberships.segments_of(uid) if uid.isprintable() else None
        if held is None:
            raise Http404
        return Response({"uid": uid, "segments": [each.as_json() for each in held]})


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
        segment, member, now = _segment(slug), _member(uid), timezone.now()
        found = _explained(segment, member, now)
        stands = standing(segment, member, holds_now=found.held if found else None, now=now)
        return Response(
            {
                "uid": uid,
                "segment": slug,
                "is_member": stands.published,
                "holds_now": found.held if found else stands.published,
                "told": stands.told,
                "clauses": [_clause_as_json(each) for each in found.clauses] if found else [],
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


def _explained(segment: Segment, member: Member, now: datetime) -> Explanation | None:
    """Explain the rule for the member; a package has none."""
    if segment.kind == Segment.Kind.PACKAGE:
        return None
    try:
        return explanation(segment, member, now=now)
    except (RuleError, SourceError) as error:
        raise _refused(error) from error


def _refused(error: RuleError | SourceError) -> ApiError:
    if isinstance(error, SourceError):
        return ApiError("not_computed", str(error), status=409)
    return ApiError("bad_rule", fault_words(error), fields={f"rule.{error.path}".rstrip("."): error.code})


def _bad_cursor(cursor: str) -> ApiError:
    return ApiError("bad_cursor", _("The cursor is not one that this list gave."), fields={"cursor": repr(cursor[:50])})


def _segment(slug: str) -> Segment:
    found = freshness_words.with_runs(Segment.objects.filter(slug=slug)).first() if slug.isprintable() else None
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


def _as_json(segment: Segment, now: datetime) -> dict[str, Any]:
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


def _run_as_json(run: SegmentRun) -> dict[str, Any]:
    return {
        "state": run.state,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "size": run.size,
        "entered": run.entered,
        "left": run.left,
        "error": run.error,
    }


def _clause_as_json(clause: Clause) -> dict[str, Any]:
    return {
        "path": clause.path,
        "depth": clause.depth,
        "words": clause.words,
        "value": None if clause.value is None else list(clause.value),
        "held": clause.held,
        "needed": clause.needed,
        "told": clause.told,
    }


urlpatterns: list[URLPattern] = [
    path("tags/bulk/", TagsBulk.as_view()),
    path("members/<str:uid>/tags/", MemberTags.as_view()),
    path("members/<str:uid>/segments/", MemberSegments.as_view()),
    path("segments/", Segments.as_view()),
    path("segments/estimate/", Estimate.as_view()),
    path("segments/<slug:slug>/", OneSegment.as_view()),
    path("segments/<slug:slug>/versions/", SegmentVersions.as_view()),
    path("segments/<slug:slug>/members/", SegmentMembers.as_view()),
    path("segments/<slug:slug>/members/<str:uid>/", SegmentMember.as_view()),
]
