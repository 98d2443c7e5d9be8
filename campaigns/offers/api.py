"""The API of offers: what a member can have, a reservation, a place in a group, and what the shop is to refund."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import eligibility, published, subjects
from campaigns.definition import Campaign
from campaigns.models import OfferCoupon, Reservation
from campaigns.offers import answers, api_schema, refunds_due, reserving
from campaigns.offers.standing import standings
from campaigns.offers.terms import FIRST_ORDER, GROUP, MOST_COUNT
from campaigns.refusals import Because, Refusal, Refused
from campaigns.wordings import wording
from members.models import Member
from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, CURSOR, ERROR, IDEMPOTENCY_KEY, ONE_OBJECT
from operations.idempotency import answer_once
from operations.models import ApiKey

CODE = re.compile(r"[0-9a-z]{1,16}", re.ASCII)
ERRORS = ONE_OBJECT | ANY_POST | dict.fromkeys((409, 422), ERROR)
Performed = tuple[int, dict[str, Any]]


class OffersView(APIView):
    """`GET campaigns/{slug}/members/{uid}/offers/`: how each offer stands for a member, and why it cannot be had."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @extend_schema(operation_id="member_offers", responses={200: api_schema.OFFERS, **ONE_OBJECT})
    def get(self, request: Request, slug: str, uid: str) -> HttpResponse:
        definition = _definition(slug)
        found = subjects.load_members([uid], definition, now=timezone.now())
        if uid not in found:
            raise _unknown_member()
        closed = eligibility.decide(definition, found[uid]).refusal
        shown = standings(definition, found[uid], closed=closed)
        return _json({"campaign": slug, "uid": uid, "offers": [answers.standing(each) for each in shown]})


class ReserveView(APIView):
    """`POST …/offers/{key}/reserve/`: reserve of a flash sale, open a group, or get a first-order coupon."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @extend_schema(
        operation_id="reserve_offer",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.RESERVE_REQUEST},
        responses={201: api_schema.TAKEN, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        quantity = _quantity(_body(request.data, {"quantity"}))

        def perform() -> Performed:
            return 201, _taken(_named_refusals(lambda: _reserve(_member(uid), slug, key, quantity)))

        return answer_once(request, perform)


class JoinView(APIView):
    """`POST …/offers/{key}/join/` `{"group": code}`: reserve a place in a group."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @extend_schema(
        operation_id="join_offer_group",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.JOIN_REQUEST},
        responses={201: api_schema.RESERVATION, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        code = _code(_body(request.data, {"group"}))

        def perform() -> Performed:
            member, now = _member(uid), timezone.now()
            return 201, _taken(_named_refusals(lambda: reserving.join(member, slug, key, code, now=now)))

        return answer_once(request, perform)


class RefundsDueView(APIView):
    """`GET campaigns/{slug}/offers/refunds/?cursor=`: orders paid for groups that were not filled, oldest first.

    The shop refunds them; once it reports the refund, an order leaves the list.
    """

    scope: ClassVar = ApiKey.Scope.REWARDS

    @extend_schema(
        operation_id="offer_refunds_due", parameters=[CURSOR], responses={200: api_schema.REFUNDS_DUE, **ONE_OBJECT}
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        _definition(slug)
        page = refunds_due.page(slug, after=_cursor(request))
        return _json({"campaign": slug, "refunds": page.rows, "next": page.next})


def _reserve(member: Member, slug: str, key: str, quantity: int) -> Reservation | OfferCoupon:
    """Whatever the offer's kind has instead of a reservation; the number is a flash sale's only."""
    now = timezone.now()
    definition = published.definition_of(slug)
    offer = definition.offer(key) if definition else None
    kind = offer.kind if offer else ""
    if kind in (GROUP, FIRST_ORDER) and quantity != 1:
        raise _invalid("quantity", _("Of this offer it is one."))
    if kind == GROUP:
        return reserving.open_group(member, slug, key, now=now)
    if kind == FIRST_ORDER:
        return reserving.get_coupon(member, slug, key, now=now)
    return reserving.reserve(member, slug, key, quantity=quantity, now=now)


def _taken(row: Reservation | OfferCoupon) -> dict[str, Any]:
    return answers.coupon(row) if isinstance(row, OfferCoupon) else answers.reservation(row)


def _named_refusals(perform: Callable[[], Any]) -> Any:
    try:
        return perform()
    except Member.DoesNotExist:
        raise _unknown_member() from None
    except Refused as error:
        raise _refused(error.refusal) from None


def _refused(refusal: Refusal | Because) -> ApiError:
    status = refusal.status if isinstance(refusal, Because) else 409
    return ApiError(refusal.value, wording(refusal), status=404 if refusal is Refusal.NOT_PUBLISHED else status)


def _definition(slug: str) -> Campaign:
    definition = published.definition_of(slug)
    if definition is None:
        raise _refused(Refusal.NOT_PUBLISHED)
    return definition


def _member(uid: str) -> Member:
    member = Member.objects.filter(uid=uid).first()
    if member is None:
        raise _unknown_member()
    return member


def _unknown_member() -> ApiError:
    return ApiError("unknown_member", _("There is no member with this uid."), status=404)


def _body(data: Any, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    unknown = sorted(set(map(str, data)) - known)
    if unknown:
        raise _invalid(unknown[0][:50], _("This is not a field of it."))
    return data


def _quantity(body: Mapping[str, Any]) -> int:
    quantity = body.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= MOST_COUNT:
        raise _invalid("quantity", _("This must be a whole number above 0."))
    return quantity


def _code(body: Mapping[str, Any]) -> str:
    code = body.get("group")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise _invalid("group", _("Name the group by its code."))
    return code


def _cursor(request: Request) -> int:
    text = request.query_params.get("cursor", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ApiError("bad_cursor", _("The cursor is not one that this list gave."), fields={"cursor": text[:50]})
    return int(text)


def _invalid(field: str, words: str) -> ApiError:
    return ApiError("invalid", _("The request has values that cannot be used."), fields={field: [words]})


def _json(data: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(data), content_type="application/json")


MEMBER = "campaigns/<slug:slug>/members/<str:uid>/offers"
urlpatterns: list[URLPattern] = [
    path(f"{MEMBER}/", OffersView.as_view(), name="member-offers"),
    path(f"{MEMBER}/<slug:key>/reserve/", ReserveView.as_view(), name="offer-reserve"),
    path(f"{MEMBER}/<slug:key>/join/", JoinView.as_view(), name="offer-join"),
    path("campaigns/<slug:slug>/offers/refunds/", RefundsDueView.as_view(), name="offer-refunds"),
]
