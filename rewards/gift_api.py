"""The API of the gift library: all gifts, and one. Codes and links are for those who were given them."""

from typing import Any, ClassVar, cast

from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from operations import etags
from operations.api_schema import ANY_CALL, ONE_OBJECT
from operations.filtering import Contains, Filters, filtered, parameters_of
from operations.models import ApiKey
from operations.paging import BY_SLUG, asked, page_of
from operations.picture_pages import whole_address
from rewards import api_schema, api_words, stocktaking
from rewards.models import Gift

# Of free codes no more are counted for a list.
COUNTED = 1_000


class GiftFilters(Filters):
    kind = ChoiceFilter(choices=Gift.Kind.choices, help_text=_("What kind of gift it is."))
    name = Contains("name", _("A part of its name."))


class Gifts(APIView):
    """`GET gifts/`: the gift library, by key. What is `left` of each is told to keys with the scope `rewards`."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.GIFTS
    @extend_schema(
        operation_id="gifts",
        parameters=[*parameters_of(GiftFilters), etags.HELD],
        responses={200: api_schema.GIFTS, **etags.UNCHANGED, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page, stock = asked(request), _sees_stock(request)
        known = stocktaking.counted(Gift.objects.all(), up_to=COUNTED) if stock else Gift.objects.all()
        rows = filtered(request, GiftFilters, known)

        def render() -> dict[str, Any]:
            gifts, following = page_of(rows, BY_SLUG, page)
            told = [_as_json(each, request) | (_left(each) if stock else {}) for each in gifts]
            return {"gifts": told, "next": following}

        # What is left changes with every award, which no row of a gift tells.
        return etags.answer(request, None if stock else etags.edition_of(Gift), render)


class OneGift(APIView):
    """`GET gifts/{slug}/`: one gift."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.GIFT
    @extend_schema(
        operation_id="gift",
        parameters=[etags.HELD],
        responses={200: api_schema.GIFT, **etags.UNCHANGED, **ONE_OBJECT},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        stock = _sees_stock(request)
        known = stocktaking.counted(Gift.objects.all(), up_to=COUNTED) if stock else Gift.objects.all()
        gift = known.filter(slug=slug).first()
        if gift is None:
            raise Http404
        return etags.answer(request, None, lambda: _as_json(gift, request) | (_left(gift) if stock else {}))


def _sees_stock(request: Request) -> bool:
    return ApiKey.Scope.REWARDS in cast(ApiKey, request.auth).scopes


def _left(gift: Gift) -> dict[str, Any]:
    left = stocktaking.left_of(gift, up_to=COUNTED)
    return {"left": None if left.count is None else {"count": left.count, "more": left.more}}


def _as_json(gift: Gift, request: Request) -> dict[str, Any]:
    return {
        "slug": gift.slug,
        "name": gift.name,
        "kind": gift.kind,
        "description": gift.description,
        "picture": whole_address(request, gift.picture),
        "amount": gift.amount,
        "face_value": f"{gift.face_value:.2f}",
        "threshold": None if gift.threshold is None else f"{gift.threshold:.2f}",
        "valid_days": gift.valid_days,
        "valid_from": gift.valid_from,
        "valid_until": gift.valid_until,
    }


urlpatterns: list[URLPattern] = [
    path("gifts/", Gifts.as_view(), name="gifts"),
    path("gifts/<slug:slug>/", OneGift.as_view(), name="gift"),
]
