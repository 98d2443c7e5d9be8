"""The API of `members`: facts in, one member out."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members import api_schema, api_words, attribute_values, cells, contact, facts_json, imports, profiling
from members.ingest import IngestResult
from members.models import Member, MemberMetrics
from operations import json_body
from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, ONE_OBJECT
from operations.json_body import LargeJSONParser, whole_body
from operations.models import ApiKey

ROWS_AT_MOST = 5_000


class FactsParser(LargeJSONParser):
    """Lets NaN and infinite numbers through, so that the row that has one is refused and its neighbours are not."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = whole_body(stream, limit=self.limit, context=parser_context)
        try:
            return facts_json.read(body)
        except (ValueError, RecursionError):
            # What is no JSON at all is refused as everywhere.
            return json_body.parse(body)


class BulkView(APIView):
    """Takes up to 5,000 rows of one kind of facts. Good rows are kept, the others come back with their reasons.

    Repeating a request changes nothing, so an Idempotency-Key is not needed; one that is sent is of no account.
    """

    scope = "facts"
    parser_classes = [FactsParser]
    kind = ""

    @extend_schema(responses={200: api_schema.TAKEN, **ANY_POST})
    def post(self, request: Request) -> Response:
        rows = checked_rows(request.data)
        importer = imports.importer_of(self.kind)
        now = timezone.now()
        result = imports.take(importer, enumerate(rows), context=importer.load_context(now), now=now)
        return Response(as_json(result))


@extend_schema_view(post=extend_schema(operation_id="members_bulk"))
@extend_schema_view(post=api_words.MEMBERS)
class MembersBulk(BulkView):
    kind = "members"


@extend_schema_view(post=extend_schema(operation_id="orders_bulk"))
@extend_schema_view(post=api_words.ORDERS)
class OrdersBulk(BulkView):
    kind = "orders"


@extend_schema_view(post=extend_schema(operation_id="order_items_bulk"))
@extend_schema_view(post=api_words.ORDER_ITEMS)
class OrderItemsBulk(BulkView):
    kind = "order_items"


@extend_schema_view(
    post=extend_schema(operation_id="refunds_bulk", responses={200: api_schema.TAKEN_OR_WAITING, **ANY_POST})
)
@extend_schema_view(post=api_words.REFUNDS)
class RefundsBulk(BulkView):
    kind = "refunds"


@extend_schema_view(post=extend_schema(operation_id="events_bulk"))
@extend_schema_view(post=api_words.EVENTS)
class EventsBulk(BulkView):
    kind = "events"


class OneMember(APIView):
    """One member with the totals of their orders. Phone and email are masked: the shop has them already."""

    scope = "eligibility"

    @api_words.ONE
    @extend_schema(operation_id="member", responses={200: api_schema.MEMBER, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        # An address may hold a NUL byte; no uid does, and PostgreSQL would refuse to compare.
        if not cells.is_storable(uid):
            raise Http404
        member = Member.objects.select_related("level", "metrics").filter(uid=uid).first()
        if member is None:
            raise Http404
        return Response(member_as_json(member, attribute_values.shown(member)))


class Profiling(APIView):
    """A member's choice whether offers may be picked for them by tags and segments. Repeating it changes nothing."""

    scope = "facts"

    @api_words.PROFILING
    @extend_schema(
        operation_id="member_profiling",
        request={"application/json": api_schema.PROFILING_CHOICE},
        responses={200: api_schema.PROFILING, **ANY_POST, **ONE_OBJECT},
    )
    def post(self, request: Request, uid: str) -> Response:
        data = request.data
        if not isinstance(data, dict) or not isinstance(data.get("refused"), bool):
            raise ApiError("bad_choice", _("The body must be a JSON object with “refused”: true or false."))
        member = _member(uid)
        choose = profiling.refuse if data["refused"] else profiling.allow
        member = choose(member, by=cast(ApiKey, request.auth), now=timezone.now())
        return Response({"refused": member.profiling_refused_at is not None, "since": member.profiling_refused_at})


def _member(uid: str) -> Member:
    # An address may hold a NUL byte; no uid does, and PostgreSQL would refuse to compare.
    member = Member.objects.filter(uid=uid, erased_at=None).first() if cells.is_storable(uid) else None
    if member is None:
        raise Http404
    return member


def checked_rows(data: Any) -> list[Mapping[str, Any]]:
    """Return the rows of a bulk request. Raises ApiError unless it is a list of at most 5,000 objects."""
    if not isinstance(data, list):
        raise ApiError("not_a_list", _("The body must be a JSON list of rows."))
    if len(data) > ROWS_AT_MOST:
        message = _("%(count)s rows are too many, at most %(limit)s are taken at once.")
        raise ApiError("too_many_rows", message % {"count": len(data), "limit": ROWS_AT_MOST})
    for index, row in enumerate(data):
        if not isinstance(row, dict):
            raise ApiError("not_an_object", _("Row %(index)s is not a JSON object.") % {"index": index})
    return data


def as_json(result: IngestResult) -> dict[str, Any]:
    waiting = {} if result.waiting is None else {"waiting": result.waiting}
    return {
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        **waiting,
        "rejected": [
            {"index": index, "code": str(error.code), "column": error.column, "message": error.message}
            for index, error in result.rejected
        ],
    }


def member_as_json(member: Member, values: Sequence[attribute_values.Shown]) -> dict[str, Any]:
    """Return a member, with the values of their attributes, as the API tells of one."""
    metrics = getattr(member, "metrics", None) or MemberMetrics()
    return {
        "uid": member.uid,
        "name": member.name,
        "phone": contact.shown_phone(member),
        "email": contact.shown_email(member),
        "gender": member.gender,
        "birthday": member.birthday,
        "region": member.region,
        "joined_at": member.joined_at,
        "level": member.level and member.level.slug,
        "attributes": {each.slug: each.value for each in values},
        "attribute_labels": {each.slug: {"label": each.label, "value": each.words} for each in values},
        "identities": {each.provider: each.subject for each in member.identities.all()},
        "orders": {
            "count": metrics.orders,
            "amount": f"{metrics.amount:.2f}",
            "quantity": metrics.quantity,
            "first_paid_at": metrics.first_paid_at,
            "last_paid_at": metrics.last_paid_at,
        },
    }


urlpatterns = [
    path("members/bulk/", MembersBulk.as_view(), name="members-bulk"),
    path("orders/bulk/", OrdersBulk.as_view(), name="orders-bulk"),
    path("order_items/bulk/", OrderItemsBulk.as_view(), name="order-items-bulk"),
    path("refunds/bulk/", RefundsBulk.as_view(), name="refunds-bulk"),
    path("events/bulk/", EventsBulk.as_view(), name="events-bulk"),
    path("members/<str:uid>/profiling/", Profiling.as_view(), name="member-profiling"),
    path("members/<str:uid>/", OneMember.as_view(), name="member"),
]
