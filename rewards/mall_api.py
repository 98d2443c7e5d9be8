"""The API of the mall: what a member can have and why not the rest, an order, and the orders so far."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members.models import Member
from operations.api_errors import ApiError
from operations.api_keys import client_of
from operations.api_schema import ANY_POST, ERROR, ONE_OBJECT
from operations.idempotency import answer_once, key_of, reused
from operations.models import ApiKey
from operations.paging import PAGED, asked, refuse_unknown
from operations.picture_pages import whole_address
from rewards import api_schema, api_words, mall, mall_orders
from rewards.keys import KeyReused
from rewards.mall import Offer
from rewards.mall_refusals import MallRefusal, OrderRefused
from rewards.models import MallOrder

MOST_POINTS = 2_147_483_647
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)
UID = OpenApiParameter(
    "uid", str, description=gettext_lazy("The member to answer for; without one, for nobody in particular.")
)


class ItemsView(APIView):
    """`GET mall/items/?uid=&cursor=`: what is on sale or soon will be, in the mall's order.

    With a member, why they cannot have an item, and how many more they may.
    """

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.MALL_ITEMS
    @extend_schema(
        operation_id="mall_items", parameters=[UID, *PAGED], responses={200: api_schema.MALL_ITEMS, **ONE_OBJECT}
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request, ["uid"])
        page, uid = asked(request), request.query_params.get("uid")
        member_id = None if uid is None else _member_id(uid)
        # All that is on sale is read for every page: whom it admits is known only then, and a mall is no long list.
        offered = [
            each for each in mall.offers(member_id, now=timezone.now()) if not page.after or _place(each) > page.after
        ]
        shown, following = page.cut(offered, _place)
        return Response({"uid": uid, "items": [_item_as_json(offer, request) for offer in shown], "next": following})


class OrderView(APIView):
    """`POST mall/items/{slug}/members/{uid}/orders/`: have the item for the member's points.

    `price` is what the member was shown: where it has changed since, nothing is ordered.
    """

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.MALL_ORDER
    @extend_schema(
        operation_id="mall_order",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.MALL_ORDER_REQUEST},
        responses={201: api_schema.MALL_ORDER_PLACED, **ONE_OBJECT, **ANY_POST, **dict.fromkeys((409, 422), ERROR)},
    )
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        price = _price(request.data)

        def perform() -> tuple[int, dict[str, Any]]:
            return 201, _placed(_member_id(uid), slug, request_key=_request_key(request), price=price)

        return answer_once(request, perform)


class OrdersView(APIView):
    """`GET members/{uid}/mall-orders/?cursor=`: the member's orders of the mall, newest first."""

    scope: ClassVar = ApiKey.Scope.REWARDS

    @api_words.MALL_ORDERS
    @extend_schema(
        operation_id="member_mall_orders", parameters=PAGED, responses={200: api_schema.MALL_ORDERS, **ONE_OBJECT}
    )
    def get(self, request: Request, uid: str) -> Response:
        refuse_unknown(request)
        page = asked(request)
        member = get_object_or_404(Member, uid=uid)
        before = None if page.after is None else page.after[0]
        found = mall_orders.orders_before(member.pk, before=before, limit=page.limit + 1)
        orders, following = page.cut(found, lambda order: (order.pk,))
        return Response({"uid": uid, "orders": [_order_as_json(order) for order in orders], "next": following})


def _placed(member_id: int, slug: str, *, request_key: str, price: int | None) -> dict[str, Any]:
    try:
        placed = mall_orders.place(member_id, slug, request_key=request_key, price=price, now=timezone.now())
    except OrderRefused as error:
        status = 404 if error.code == MallRefusal.UNKNOWN_ITEM else 409
        raise ApiError(error.code, error.words, status=status) from None
    except KeyReused:
        raise reused() from None
    return {
        "order": placed.order_id,
        "item": slug,
        "price": placed.price,
        "award": placed.award_id,
        "points_left": placed.points_left,
    }


def _price(data: Any) -> int | None:
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    if unknown := sorted(set(map(str, data)) - {"price"}):
        raise ApiError(
            "invalid",
            _("The request has values that cannot be used."),
            fields={key[:50]: [_("This is not a field of it.")] for key in unknown},
        )
    price = data.get("price")
    if price is None:
        return None
    if isinstance(price, bool) or not isinstance(price, int) or not 0 < price <= MOST_POINTS:
        fault = _("This must be a whole number of points above 0.")
        raise ApiError("invalid", _("The request has values that cannot be used."), fields={"price": [fault]})
    return price


def _request_key(request: Request) -> str:
    """The order's own key, so that it stays one order when the Idempotency-Key has been forgotten."""
    return f"api:{hashlib.sha256(f'{client_of(request)}:{key_of(request)}'.encode()).hexdigest()}"


def _member_id(uid: str) -> int:
    found = Member.objects.filter(uid=uid).values_list("pk", flat=True).first()
    if found is None:
        raise ApiError("unknown_member", _("There is no member with this uid."), status=404)
    return found


def _place(offer: Offer) -> tuple[int, int]:
    """Where an item stands in the mall."""
    return offer.item.position, offer.item.pk


def _item_as_json(offer: Offer, request: Request) -> dict[str, Any]:
    item = offer.item
    return {
        "slug": item.slug,
        "name": item.shown_name,
        "description": item.description or item.gift.description,
        "kind": item.gift.kind,
        "picture": whole_address(request, item.shown_picture),
        "shelf": item.shelf,
        "price": item.price,
        "left": offer.left,
        "may_have": offer.may,
        "opens_at": item.opens_at,
        "closes_at": item.closes_at,
        "reason": offer.refusal and {"code": offer.refusal.code, "message": offer.refusal.words},
    }


def _order_as_json(order: MallOrder) -> dict[str, Any]:
    return {
        "order": order.pk,
        "item": order.item.slug,
        "name": order.item.shown_name,
        "price": order.price,
        "state": order.state,
        "award": order.award_id,
        "award_state": order.award.state,
        "ordered_at": order.ordered_at,
        "cancelled_at": order.cancelled_at,
    }


urlpatterns: list[URLPattern] = [
    path("mall/items/", ItemsView.as_view(), name="mall-items"),
    path("mall/items/<slug:slug>/members/<str:uid>/orders/", OrderView.as_view(), name="mall-order"),
    path("members/<str:uid>/mall-orders/", OrdersView.as_view(), name="member-mall-orders"),
]
