"""The staff's pages for checking off awards on a phone: choose the outlet once, scan or type, look, confirm.

Whoever opens a page here is signed in and may redeem awards; at which outlets is asked at each request, not remembered.
"""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members.contact import shown_phone
from members.masking import masked_name, masked_subject
from rewards import guessing
from rewards.award_pages import told
from rewards.checking_off import NotRedeemable, place_of, redeem, refusal_of
from rewards.models import Award, CheckOff, Outlet
from rewards.vouchers import NoSuchAward, award_of, award_typed, voucher_of

PERMISSION = "rewards.redeem_award"
# What the session remembers: the outlet, and the check-off to be told of on the next page, once.
OUTLET, JUST_DONE = "check_off_outlet", "check_off_done"
KEY = re.compile(r"[0-9a-f]{32}")

View = Callable[..., HttpResponse]


class NumberForm(forms.Form):
    """A voucher number or a coupon code, typed or scanned."""

    number = forms.CharField(
        label=_("Voucher number or coupon code"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "enterkeyhint": "go"}
        ),
    )


def for_staff(view: View) -> View:
    """Let in whoever is signed in and may redeem awards, and hand on the outlet they stand at.

    `outlet` is None only for an administrator of a house without outlets.
    """

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if not user.has_perm(PERMISSION):
            raise PermissionDenied
        places = outlets_of(user)
        if not places and not user.is_superuser:
            return render(request, "staff/no_outlet.html", status=HTTPStatus.FORBIDDEN)
        outlet = _chosen(request, places)
        if outlet is None and places:
            return HttpResponseRedirect(reverse("check-off-outlet", query={"next": request.path}))
        return view(request, outlet, *arguments, **named)

    return guarded


def outlets_of(user: User) -> list[Outlet]:
    """Return the active outlets at which somebody checks off: an administrator at each."""
    places: QuerySet[Outlet] = Outlet.objects.all() if user.is_superuser else user.outlets.all()
    return list(places.filter(active=True))


def _chosen(request: HttpRequest, places: list[Outlet]) -> Outlet | None:
    if len(places) == 1:
        return places[0]
    wanted = request.session.get(OUTLET)
    return next((place for place in places if place.pk == wanted), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_outlet(request: HttpRequest) -> HttpResponse:
    """Choose where one stands, until the session ends or another is chosen."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    places = outlets_of(user)
    onward = request.GET.get("next", "")
    if request.method == "POST":
        place = next((each for each in places if str(each.pk) == request.POST.get("outlet")), None)
        if place is None:
            raise PermissionDenied
        request.session[OUTLET] = place.pk
        return HttpResponseRedirect(onward if _is_ours(onward) else reverse("check-off-number"))
    return render(request, "staff/choose_outlet.html", {"outlets": places, "chosen": request.session.get(OUTLET)})


def _is_ours(address: str) -> bool:
    return re.fullmatch(r"/staff/check-off/[0-9A-Za-z-]*/?", address) is not None


@for_staff
def enter_number(request: HttpRequest, outlet: Outlet | None) -> HttpResponse:
    """Take a number and go on to its award. It comes by POST: addresses are logged, and a code is money."""
    form = NumberForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
        return _number_page(request, form, outlet, status)
    try:
        award = found(request, award_typed, form.cleaned_data["number"])
    except (NoSuchAward, guessing.TooManyWrong) as refused:
        form.add_error("number", str(refused))
        return _number_page(request, form, outlet, _status_of(refused))
    return HttpResponseRedirect(reverse("check-off", args=[voucher_of(award.pk)]))


@for_staff
def check_off(request: HttpRequest, outlet: Outlet | None, voucher: str) -> HttpResponse:
    """Show the award of a voucher with its one button; a POST checks it off."""
    try:
        award = found(request, award_of, voucher)
    except (NoSuchAward, guessing.TooManyWrong) as refused:
        form = NumberForm({"number": voucher})
        form.is_valid()
        form.add_error("number", str(refused))
        return _number_page(request, form, outlet, _status_of(refused))
    if request.method == "POST":
        return _confirmed(request, award, outlet)
    just_done = _just_done(request, award)
    refusal = None if just_done else refusal_of(award, outlet, now=timezone.now())
    return _award_page(request, award, outlet, refused=refusal, just_done=just_done)


def found(request: HttpRequest, find: Callable[[str], Award], text: str) -> Award:
    """Find an award by a number, with an end to guessing. Raises NoSuchAward and TooManyWrong."""
    user: Any = request.user
    guessing.count_try(user, now=timezone.now())
    award = find(text)
    guessing.give_back(user)
    return award


def _confirmed(request: HttpRequest, award: Award, outlet: Outlet | None) -> HttpResponse:
    user: Any = request.user
    given = request.POST.get("request_key", "")
    key = f"page:{user.pk}:{award.pk}:{given}" if KEY.fullmatch(given) else ""
    try:
        use = redeem(award.pk, outlet=outlet, by=user, request_key=key, now=timezone.now())
    except NotRedeemable as refused:
        return _award_page(request, award, outlet, refused=refused, status=HTTPStatus.CONFLICT)
    request.session[JUST_DONE] = {"award": award.pk, "repeated": use.repeated}
    return HttpResponseRedirect(request.path)


def _just_done(request: HttpRequest, award: Award) -> dict[str, Any] | None:
    """Return what this very person has just done, once: seen again later, it is an award that was used."""
    done = request.session.get(JUST_DONE)
    if done is None or done["award"] != award.pk or request.method == "HEAD":
        return None
    del request.session[JUST_DONE]
    check_off: CheckOff = award.check_off
    return {"at": check_off.at, "where": place_of(check_off), "repeated": done["repeated"]}


def _award_page(  # noqa: PLR0913 a page is what it shows
    request: HttpRequest,
    award: Award,
    outlet: Outlet | None,
    *,
    refused: NotRedeemable | None,
    just_done: dict[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    member = award.member
    context = told(award, timezone.now()) | {
        "outlet": outlet,
        "refused": refused,
        "just_done": just_done,
        "voucher": voucher_of(award.pk),
        "member_name": masked_name(member.name),
        "member_known_by": shown_phone(member) or masked_subject(member.uid),
        "request_key": uuid4().hex,
    }
    return render(request, "staff/award.html", context, status=status)


def _number_page(request: HttpRequest, form: NumberForm, outlet: Outlet | None, status: int) -> HttpResponse:
    several = len(outlets_of(request.user)) > 1  # type: ignore[arg-type]
    context = {"form": form, "outlet": outlet, "several": several, "base": reverse("check-off-number")}
    return render(request, "staff/number.html", context, status=status)


def _status_of(refused: Exception) -> HTTPStatus:
    return HTTPStatus.TOO_MANY_REQUESTS if isinstance(refused, guessing.TooManyWrong) else HTTPStatus.NOT_FOUND


urlpatterns = [
    path("", enter_number, name="check-off-number"),
    path("outlet/", choose_outlet, name="check-off-outlet"),
    path("<str:voucher>/", check_off, name="check-off"),
]
