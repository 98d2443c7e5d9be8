"""The H5 pages on which a member says where a prize is to go, and sees how far it has come."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members.entering import EntryRefusal
from members.models import Member
from members.participants import campaign_left, participant_of, refused
from operations import clock
from rewards import addresses, giving_addresses, regions
from rewards.address_form import AddressForm, fields_of
from rewards.awards import state_at
from rewards.dead_ends import no_award
from rewards.giving_addresses import AddressRefused, award_of, shipment_of
from rewards.models import Award

A_YEAR = 365 * 24 * 3600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, award_id: int) -> HttpResponse:
    """Ask for the address of one prize; once it is on its way, say so. Personal data never stand in a URL."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    award = award_of(member.pk, award_id)
    if award is None:
        return no_award(request)
    if giving_addresses.refusal(award, clock.now()) is not None:
        return _page(request, award, None)
    if request.method != "POST":
        return _page(request, award, AddressForm(initial=_known(award, member)))
    if "step" in request.POST:
        # One more list to choose from: what else was written stays as it is, and nothing is found fault with yet.
        return _page(request, award, AddressForm(initial=request.POST.dict()))
    return _take(request, award, member)


def _known(award: Award, member: Member) -> dict[str, str]:
    shipment = shipment_of(award)
    return fields_of((shipment and addresses.unseal(shipment.sealed)) or addresses.last_of(member.pk))


def _take(request: HttpRequest, award: Award, member: Member) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, award, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        giving_addresses.give_address(member.pk, award.pk, form.address(), now=clock.now())
    except AddressRefused as refusal:
        messages.error(request, refusal.reason)
    else:
        messages.success(request, _("Your address is kept. You can change it until the prize is sent."))
    return HttpResponseRedirect(_page_of(request, award))


def _page_of(request: HttpRequest, award: Award) -> str:
    """Where the prize itself is shown, with how far it has come."""
    left = campaign_left(request)
    query = f"?{urlencode({'c': left['slug'], 't': left['theme']})}" if left["slug"] else ""
    return reverse("h5-award", args=[award.pk]) + query


def _page(
    request: HttpRequest, award: Award, form: AddressForm | None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    now = clock.now()
    refusal = None if form else giving_addresses.refusal(award, now)
    context = {
        "here": "me",
        **campaign_left(request),
        "award": award,
        "award_url": _page_of(request, award),
        "state": state_at(award, now).value,
        "shipment": shipment_of(award),
        "form": form,
        "regions": reverse("h5-regions", args=[regions.version(), "000000"]),
        "refusal": giving_addresses.WORDINGS[refusal] if refusal else None,
    }
    return render(request, "h5/address.html", context, status=status)


@require_safe
@cache_control(public=True, immutable=True, max_age=A_YEAR)
def cities(_request: HttpRequest, version: str, code: str) -> HttpResponse:
    """Return [code, name, [[code, name] of its districts]] of each city of a province. The address says which list."""
    province = regions.province(code)
    if province is None or version != regions.version():
        raise Http404
    told = [[city.code, city.name, [[each.code, each.name] for each in city.parts]] for city in province.parts]
    return JsonResponse(told, safe=False, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


urlpatterns = [
    path("me/awards/<int:award_id>/address/", address, name="h5-address"),
    path("regions/<slug:version>/<slug:code>.json", cities, name="h5-regions"),
]
