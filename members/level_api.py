"""The API of levels: where a member stands, and the purchase of a paid level."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members import api_schema, api_words, cells, standing
from members.level_progress import LevelProgress, history_of, paid_periods_of, progress_of
from members.models import Level, LevelChange, Member, PaidPeriod
from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, ERROR, ONE_OBJECT
from operations.idempotency import answer_once
from operations.models import ApiKey

HISTORY = 100
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=gettext_lazy("An Idempotency-Key is 1 to 200 printable ASCII characters."),
)


class MemberLevels(APIView):
    """Where a member stands on the ladder, which paid levels they have, and the history of both."""

    @property
    def scope(self) -> str:
        """To sell a level is to push a fact."""
        return ApiKey.Scope.FACTS if self.request.method == "POST" else ApiKey.Scope.ELIGIBILITY

    @api_words.LEVELS
    @extend_schema(operation_id="member_levels", responses={200: api_schema.LEVELS, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        member, now = _member(uid), timezone.now()
        return Response(
            {
                "uid": uid,
                **_progress(progress_of(member, now=now)),
                "paid": [_period(period) for period in paid_periods_of(member, now=now)],
                "history": [_change(change) for change in history_of(member, limit=HISTORY)],
            }
        )

    @api_words.BUY_LEVEL
    @extend_schema(
        operation_id="buy_level",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.PURCHASE},
        responses={200: api_schema.BOUGHT, 201: api_schema.BOUGHT, **ANY_POST, **dict.fromkeys((404, 409, 422), ERROR)},
    )
    def post(self, request: Request, uid: str) -> HttpResponse:
        slug, order_id = _asked(request.data)

        def perform() -> tuple[int, dict[str, Any]]:
            return _buy(uid, slug, order_id, now=timezone.now())

        return answer_once(request, perform)


def _buy(uid: str, slug: str, order_id: str, *, now: datetime) -> tuple[int, dict[str, Any]]:
    member = _member(uid)
    level = Level.objects.filter(slug=slug).first()
    if level is None:
        raise ApiError("unknown_level", _("There is no level with this key."), status=404)
    try:
        key = f"order:{member.pk}:{slug}:{order_id}"
        period = standing.buy_level(member, level, key=key, order_id=order_id, now=now)
    except standing.LevelRefused as refused:
        raise ApiError(refused.code, str(refused), status=409) from None
    member.refresh_from_db(fields=["level"])
    status = 201 if period.bought_at == now else 200
    return status, {"uid": uid, "period": _period(period), "level": member.level and member.level.slug}


def _asked(data: Any) -> tuple[str, str]:
    """Return the key of the level and the order's id. Raises ApiError."""
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    fields = {}
    for name, longest in (("level", 50), ("order_id", 100)):
        value = data.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            fields[name] = [_("This must be text of 1 to %(longest)s characters.") % {"longest": longest}]
    if fields:
        raise ApiError("invalid", _("The request has values that cannot be used."), fields=fields)
    return data["level"], data["order_id"]


def _member(uid: str) -> Member:
    # An address may hold a NUL byte; no uid does, and PostgreSQL would refuse to compare.
    member = Member.objects.filter(uid=uid).select_related("level").first() if cells.is_storable(uid) else None
    if member is None:
        raise ApiError("unknown_member", _("There is no member with this uid."), status=404)
    return member


def _progress(progress: LevelProgress) -> dict[str, Any]:
    following = progress.next_level
    return {
        "level": progress.level and progress.level.slug,
        "growth": {
            "level": progress.by_growth and progress.by_growth.slug,
            "earned": progress.growth,
            "counted": progress.counted,
            "valid_until": progress.until,
        },
        "next": following and {"level": following.slug, "growth_missing": progress.missing},
    }


def _period(period: PaidPeriod) -> dict[str, Any]:
    return {
        "level": period.level.slug,
        "order_id": period.order_id,
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
    }


def _change(change: LevelChange) -> dict[str, Any]:
    return {
        "before": change.before and change.before.slug,
        "after": change.after and change.after.slug,
        "cause": change.cause,
        "reference": change.reference,
        "changed_at": change.changed_at,
    }


urlpatterns = [path("members/<str:uid>/levels/", MemberLevels.as_view(), name="member-levels")]
