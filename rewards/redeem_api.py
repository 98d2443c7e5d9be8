"""The API by which a shop's own tills check off awards: by id, by voucher number or by coupon code.

A till is an API client with the scope of rewards, which may see every award anyway: its guesses are not counted.
"""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, ERROR, IDEMPOTENCY_KEY
from operations.idempotency import answer_once
from operations.models import ApiKey
from rewards import api_schema, api_words
from rewards.checking_off import NotRedeemable, Refusal, redeem
from rewards.models import Award, Outlet
from rewards.vouchers import NoSuchAward, award_of, award_of_code

LONGEST = 100
LARGEST_ID = 2**63 - 1
ERRORS = ANY_POST | dict.fromkeys((404, 409, 422), ERROR)


class RedeemView(APIView):
    """`POST awards/{id}/redeem/` `{"outlet": slug or null}`: check off an award, once."""

    scope: ClassVar = ApiKey.Scope.REWARDS

    @api_words.REDEEM
    @extend_schema(
        operation_id="redeem_award",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.REDEEM},
        responses={200: api_schema.REDEEMED, **ERRORS},
    )
    def post(self, request: Request, award_id: int) -> HttpResponse:
        if award_id > LARGEST_ID:
            raise Http404
        asked = _asked(request, allowed=["outlet"])
        award = get_object_or_404(Award, pk=award_id)
        return answer_once(request, lambda: (200, _redeemed(request, award, asked)))


class RedeemByNumberView(APIView):
    """`POST awards/redeem/` `{"voucher": …}` or `{"code": …}`, and `"outlet"`: check off what a till scanned."""

    scope: ClassVar = ApiKey.Scope.REWARDS

    @api_words.REDEEM_BY_NUMBER
    @extend_schema(
        operation_id="redeem_award_by_number",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.REDEEM_BY_NUMBER},
        responses={200: api_schema.REDEEMED, **ERRORS},
    )
    def post(self, request: Request) -> HttpResponse:
        asked = _asked(request, allowed=["voucher", "code", "outlet"])
        if ("voucher" in asked) == ("code" in asked):
            message = _("Name the award either by its voucher or by its code.")
            raise ApiError("bad_request", message, fields={"voucher": message})
        return answer_once(request, lambda: (200, _redeemed(request, _named(asked), asked)))


def _asked(request: Request, *, allowed: list[str]) -> dict[str, str]:
    """Return the texts that the body gives; null is as good as none. Raises ApiError naming what is wrong."""
    if not isinstance(request.data, dict):
        raise ApiError("bad_request", _("The body must be an object."))
    wrong = {name[:50]: _("Unknown field.") for name in request.data.keys() - allowed}
    for name, value in request.data.items():
        if name in allowed and value is not None and not _is_name(value):
            wrong[name] = _("A text of 1 to %(most)d characters.") % {"most": LONGEST}
    if wrong:
        raise ApiError("bad_request", _("The request could not be understood."), fields=wrong)
    return {name: value for name, value in request.data.items() if value is not None}


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()


def _named(asked: dict[str, str]) -> Award:
    try:
        return award_of(asked["voucher"]) if "voucher" in asked else award_of_code(asked["code"])
    except NoSuchAward as refused:
        raise ApiError(refused.reason.value, str(refused), status=404) from None


def _redeemed(request: Request, award: Award, asked: dict[str, str]) -> dict[str, Any]:
    outlet = _outlet(asked["outlet"]) if "outlet" in asked else None
    till = request.auth if isinstance(request.auth, ApiKey) else None
    try:
        used = redeem(award.pk, outlet=outlet, by=till, now=timezone.now()).check_off
    except NotRedeemable as refused:
        first = {"at": refused.at, "where": refused.where} if refused.reason is Refusal.REDEEMED else {}
        raise ApiError(refused.reason.value, str(refused), status=409, fields=first) from None
    return {
        "award": award.pk,
        "gift": used.award.gift.slug,
        "name": used.award.gift.name,
        "state": used.award.state,
        "redeemed_at": used.at,
        "outlet": asked.get("outlet"),
    }


def _outlet(slug: str) -> Outlet:
    outlet = Outlet.objects.filter(slug=slug).first()
    if outlet is None:
        message = _("There is no outlet with this key.")
        raise ApiError("unknown_outlet", message, status=404, fields={"outlet": message})
    return outlet


urlpatterns: list[URLPattern] = [
    path("awards/redeem/", RedeemByNumberView.as_view(), name="redeem-by-number"),
    path("awards/<int:award_id>/redeem/", RedeemView.as_view(), name="redeem"),
]
