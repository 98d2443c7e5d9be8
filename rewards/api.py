"""The API of `rewards`: a member's balances and awards."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members.models import Member
from operations.api_schema import ONE_OBJECT
from operations.models import ApiKey
from operations.paging import PAGED, asked, refuse_unknown
from operations.picture_pages import whole_address
from rewards import api_schema, api_words, ledger
from rewards.awards import OwnAward, awards_before


class PointsView(APIView):
    """`GET members/{uid}/points/`: what the member holds, has pending, owes and ever earned, and what expires next."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.POINTS
    @extend_schema(operation_id="member_points", responses={200: api_schema.POINTS, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        member = get_object_or_404(Member, uid=uid)
        held = ledger.holdings(member.pk)
        return Response({"uid": uid, "units": {unit: _holding_as_json(each) for unit, each in held.items()}})


class AwardsView(APIView):
    """`GET members/{uid}/awards/?cursor=`: the member's awards, newest first. Codes are for their owner only."""

    scope: ClassVar = ApiKey.Scope.REWARDS

    @api_words.AWARDS
    @extend_schema(operation_id="member_awards", parameters=PAGED, responses={200: api_schema.AWARDS, **ONE_OBJECT})
    def get(self, request: Request, uid: str) -> Response:
        refuse_unknown(request)
        page = asked(request)
        member = get_object_or_404(Member, uid=uid)
        before = None if page.after is None else page.after[0]
        found = awards_before(member.pk, before=before, limit=page.limit + 1, now=timezone.now())
        awards, following = page.cut(found, lambda award: (award.id,))
        return Response({"uid": uid, "awards": [_as_json(award, request) for award in awards], "next": following})


def _holding_as_json(held: ledger.Holding) -> dict:
    expiring = {"amount": held.expiring[0], "at": held.expiring[1]} if held.expiring else None
    return {
        "balance": held.balance,
        "pending": held.pending,
        "debt": held.debt,
        "earned": held.earned,
        "expiring": expiring,
    }


def _as_json(award: OwnAward, request: Request) -> dict:
    return {
        "id": award.id,
        "gift": award.gift,
        "kind": award.kind,
        "picture": whole_address(request, award.picture),
        "amount": award.amount,
        "state": award.state,
        "granted_at": award.granted_at,
        "expires_at": award.expires_at,
    }


urlpatterns: list[URLPattern] = [
    path("members/<str:uid>/points/", PointsView.as_view(), name="member-points"),
    path("members/<str:uid>/awards/", AwardsView.as_view(), name="member-awards"),
]
