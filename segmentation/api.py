"""The API of `segmentation`: tags in, segments and their members out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members import cells, imports
from members.api import FactsParser, checked_rows
from members.api import as_json as counts_as_json
from members.api_schema import TAKEN
from members.models import Member
from operations import etags
from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, ERROR, ONE_OBJECT
from operations.models import ApiKey
from operations.paging import PAGED, asked, refuse_unknown
from segmentation import api_schema, api_words, freshness_words, memberships, tagging
from segmentation.counting import estimate
from segmentation.explaining import Clause, Explanation, explanation
from segmentation.exporting import page_of
from segmentation.lists_api import edition_of_segments, segment_as_json
from segmentation.models import Segment, SegmentRun
from segmentation.rule_errors import RuleError
from segmentation.rule_schema_api import RuleSchema
from segmentation.sources import SourceError
from segmentation.standing import standing
from segmentation.tag_rows import received_from
from segmentation.told_versions import told_versions
from segmentation.wording import fault_words

UIDS = 500


class TagsBulk(APIView):
    """Sets up to 5,000 tags, or takes away those whose `expires_at` is over. Good rows are kept, the others come back
    with their reasons. Without `expires_at` a tag is valid for its own number of days. Repeating changes nothing else.
    """

    scope = "facts"
    parser_classes = [FactsParser]

    @api_words.TAGS
    @extend_schema(
        operation_id="tags_bulk",
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

    @api_words.MEMBER_TAGS
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


class OneSegment(APIView):
    """One segment with its rule and its last run."""

    scope = "eligibility"

    @api_words.ONE
    @extend_schema(
        operation_id="segment",
        parameters=[etags.HELD],
        responses={200: api_schema.SEGMENT, **etags.UNCHANGED, **ONE_OBJECT},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        edition = edition_of_segments(slug)
        if not edition:
            raise Http404

        def render() -> dict[str, Any]:
            segment = _segment(slug)
            run = segment.runs.first()
            shown = segment_as_json(segment, timezone.now())
            return shown | {"rule": segment.rule, "last_run": run and _run_as_json(run)}

        return etags.answer(request, edition, render)


class SegmentVersions(APIView):
    """The versions of a segment's rule, newest first: the rule as JSON and in words, and what it changed."""

    scope = "eligibility"

    @api_words.VERSIONS
    @extend_schema(
        operation_id="segment_versions",
        parameters=PAGED,
        responses={200: api_schema.VERSIONS, **ONE_OBJECT, 400: ERROR},
    )
    def get(self, request: Request, slug: str) -> Response:
        refuse_unknown(request)
        versions, following = told_versions(_segment(slug), asked(request))
        return Response({"versions": versions, "next": following})


class MemberSegments(APIView):
    """The segments whose last good version holds the member, by key."""

    scope = "eligibility"

    @api_words.MEMBER_SEGMENTS
    @extend_schema(operation_id="member_segments", responses={200: api_schema.MEMBER_SEGMENTS, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        held = memberships.segments_of(uid) if cells.is_storable(uid) else None
        if held is None:
            raise Http404
        return Response({"uid": uid, "segments": [each.as_json() for each in held]})


class SegmentMembers(APIView):
    """The uids of a segment's members, page by page."""

    scope = "eligibility"

    @api_words.MEMBERS
    @extend_schema(
        operation_id="segment_members",
        parameters=PAGED,
        responses={200: api_schema.UIDS, **api_schema.COMPUTED},
    )
    def get(self, request: Request, slug: str) -> Response:
        refuse_unknown(request)
        version_id = _version(_segment(slug))
        page = asked(request, usual=UIDS)
        after = -1 if page.after is None else page.after[0]
        uids, last = page_of(version_id, after=after, size=page.limit)
        return Response({"uids": uids, "next": None if last is None else page.cursor((last,))})


class SegmentMember(APIView):
    """Why a member is in a segment, or is not: as published, and each clause as it holds now."""

    scope = "eligibility"

    @api_words.WHY
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

    @api_words.ESTIMATE
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


def _segment(slug: str) -> Segment:
    found = freshness_words.with_runs(Segment.objects.filter(slug=slug)).first() if slug.isprintable() else None
    if found is None:
        raise Http404
    return found


def _member(uid: str) -> Member:
    # An address may hold a NUL byte; no uid does, and PostgreSQL would refuse to compare.
    found = Member.objects.filter(uid=uid).first() if cells.is_storable(uid) else None
    if found is None:
        raise Http404
    return found


def _version(segment: Segment) -> int:
    if segment.members_id is None:
        raise ApiError("not_computed", _("The segment has not been computed yet."), status=409)
    return segment.members_id


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
    path("segments/estimate/", Estimate.as_view()),
    path("segments/rule-schema/", RuleSchema.as_view()),
    path("segments/<slug:slug>/", OneSegment.as_view()),
    path("segments/<slug:slug>/versions/", SegmentVersions.as_view()),
    path("segments/<slug:slug>/members/", SegmentMembers.as_view()),
    path("segments/<slug:slug>/members/<str:uid>/", SegmentMember.as_view(), name="segment-member"),
]
