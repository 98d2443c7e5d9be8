"""The API of offers: what a member can have, a reservation, a place in a group, and what the shop is to refund."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import api_words, eligibility, published, subjects
from campaigns.api_moves import (
    definition_of,
    invalid,
    json_answer,
    member_of,
    named_refusals,
    object_sent,
    unknown_member,
)
from campaigns.models import OfferCoupon, Reservation
from campaigns.offers import answers, api_schema, refunds_due, reserving
from campaigns.offers.standing import standings
from campaigns.offers.terms import FIRST_ORDER, GROUP, MOST_COUNT
from members.models import Member
from operations.api_schema import ANY_POST, ERROR, IDEMPOTENCY_KEY, ONE_OBJECT
from operations.idempotency import answer_once
from operations.models import ApiKey
from operations.paging import PAGED, asked, refuse_unknown

CODE = re.compile(r"[0-9a-z]{1,16}", re.ASCII)
ERRORS = ONE_OBJECT | ANY_POST | dict.fromkeys((409, 422), ERROR)
Performed = tuple[int, dict[str, Any]]


class OffersView(APIView):
    """`GET campaigns/{slug}/members/{uid}/offers/`: how each offer stands for a member, and why it cannot be had."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.OFFERS
    @extend_schema(operation_id="member_offers", responses={200: api_schema.OFFERS, **ONE_OBJECT})
    def get(self, request: Request, slug: str, uid: str) -> HttpResponse:
        definition = definition_of(slug)
        found = subjects.load_members([uid], definition, now=timezone.now())
        if uid not in found:
            raise unknown_member()
        closed = eligibility.decide(definition, found[uid]).refusal
        shown = standings(definition, found[uid], closed=closed)
        return json_answer({"campaign": slug, "uid": uid, "offers": [answers.standing(each) for each in shown]})


class ReserveView(APIView):
    """`POST …/offers/{key}/reserve/`: reserve of a flash sale, open a group, or get a first-order coupon."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.RESERVE
    @extend_schema(
        operation_id="reserve_offer",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.RESERVE_REQUEST},
        responses={201: api_schema.TAKEN, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        quantity = _quantity(object_sent(request.data, {"quantity"}))

        def perform() -> Performed:
            return 201, _taken(named_refusals(lambda: _reserve(member_of(uid), slug, key, quantity)))

        return answer_once(request, perform)


class JoinView(APIView):
    """`POST …/offers/{key}/join/` `{"group": code}`: reserve a place in a group."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.JOIN
    @extend_schema(
        operation_id="join_offer_group",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.JOIN_REQUEST},
        responses={201: api_schema.RESERVATION, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        code = _code(object_sent(request.data, {"group"}))

        def perform() -> Performed:
            member, now = member_of(uid), timezone.now()
            return 201, _taken(named_refusals(lambda: reserving.join(member, slug, key, code, now=now)))

        return answer_once(request, perform)


class RefundsDueView(APIView):
    """`GET campaigns/{slug}/offers/refunds/?cursor=`: orders paid for groups that were not filled, oldest first.

    The shop refunds them; once it reports the refund, an order leaves the list.
    """

    scope: ClassVar = ApiKey.Scope.REWARDS

    @api_words.REFUNDS_DUE
    @extend_schema(
        operation_id="offer_refunds_due", parameters=PAGED, responses={200: api_schema.REFUNDS_DUE, **ONE_OBJECT}
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse_unknown(request)
        definition_of(slug)
        rows, following = refunds_due.page(slug, asked(request))
        return json_answer({"campaign": slug, "refunds": rows, "next": following})


def _reserve(member: Member, slug: str, key: str, quantity: int) -> Reservation | OfferCoupon:
    """Whatever the offer's kind has instead of a reservation; the number is a flash sale's only."""
    now = timezone.now()
    definition = published.definition_of(slug)
    offer = definition.offer(key) if definition else None
    kind = offer.kind if offer else ""
    if kind in (GROUP, FIRST_ORDER) and quantity != 1:
        raise invalid({"quantity": _("Of this offer it is one.")})
    if kind == GROUP:
        return reserving.open_group(member, slug, key, now=now)
    if kind == FIRST_ORDER:
        return reserving.get_coupon(member, slug, key, now=now)
    return reserving.reserve(member, slug, key, quantity=quantity, now=now)


def _taken(row: Reservation | OfferCoupon) -> dict[str, Any]:
    return answers.coupon(row) if isinstance(row, OfferCoupon) else answers.reservation(row)


def _quantity(body: Mapping[str, Any]) -> int:
    quantity = body.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= MOST_COUNT:
        raise invalid({"quantity": _("This must be a whole number above 0.")})
    return quantity


def _code(body: Mapping[str, Any]) -> str:
    code = body.get("group")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise invalid({"group": _("Name the group by its code.")})
    return code


MEMBER = "campaigns/<slug:slug>/members/<str:uid>/offers"
urlpatterns: list[URLPattern] = [
    path(f"{MEMBER}/", OffersView.as_view(), name="member-offers"),
    path(f"{MEMBER}/<slug:key>/reserve/", ReserveView.as_view(), name="offer-reserve"),
    path(f"{MEMBER}/<slug:key>/join/", JoinView.as_view(), name="offer-join"),
    path("campaigns/<slug:slug>/offers/refunds/", RefundsDueView.as_view(), name="offer-refunds"),
]
