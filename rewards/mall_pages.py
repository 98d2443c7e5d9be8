"""The H5 pages of the mall: the catalogue, an item, an order, and the orders so far. A POST ends in a redirect."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from members.bilingual import in_reader_language
from members.entering import EntryRefusal
from members.models import Member
from members.participants import campaign_left, participant_of, refused, way_back
from operations import clock
from rewards import mall, mall_orders
from rewards.award_words import state_words
from rewards.awards import state_at
from rewards.keys import KeyReused
from rewards.ledger import POINTS, balances
from rewards.mall import Offer
from rewards.mall_refusals import OrderRefused
from rewards.models import Award, Gift, MallOrder

PAGE = 24
ORDERS_PAGE = 20
PLACES = 18


def shopping(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the member who is taking part, or say how to get in. The pages are personal: no cache keeps one."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        member = participant_of(request)
        if member is None:
            return refused(request, EntryRefusal.NOT_ENTERED)
        return view(request, member, **kwargs)

    return wrapped


@require_GET
@shopping
def catalogue(request: HttpRequest, member: Member) -> HttpResponse:
    """What the mall has, by shelf, a page at a time."""
    offered = mall.offers(member.pk, now=clock.now())
    names = shelves(offered)
    shelf = request.GET.get("shelf", "")
    shelf = shelf if shelf in names else ""
    shown = [offer for offer in offered if not shelf or offer.item.shelf == shelf]
    page = _page(request.GET.get("page", ""), len(shown))
    context = _frame(request) | {
        "points": _points(offered, member),
        "shelves": _choices(request, names, shelf),
        "groups": _grouped(shown[(page - 1) * PAGE : page * PAGE], names),
        "earlier": _address(request, shelf=shelf, page=page - 1) if page > 1 else "",
        "later": _address(request, shelf=shelf, page=page + 1) if page * PAGE < len(shown) else "",
    }
    return render(request, "h5/mall.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@shopping
def item(request: HttpRequest, member: Member, slug: str) -> HttpResponse:
    """One item: what it is, its limits, and the one tap that has it."""
    if request.method == "POST":
        return _order(request, member, slug)
    offer = mall.offer_of(slug, member.pk, now=clock.now())
    if offer is None:
        return no_item(request)
    return render(request, "h5/mall_item.html", _frame(request) | {"offer": offer, "request_key": uuid4()})


@require_GET
@shopping
def order(request: HttpRequest, member: Member, order_id: int) -> HttpResponse:
    """What was ordered: where the order leads, and the history."""
    found = _orders_of(member).filter(pk=order_id).first()
    if found is None:
        return _dead_end(request, _("There is no such order"), _("Your orders are listed under “My orders”."))
    wants_address = (
        found.item.gift.kind == Gift.Kind.PHYSICAL and state_at(found.award, clock.now()) == Award.State.GRANTED
    )
    context = _frame(request) | {"order": found, "wants_address": wants_address, "award_url": award_url(found)}
    return render(request, "h5/mall_order.html", context)


@require_GET
@shopping
def orders(request: HttpRequest, member: Member) -> HttpResponse:
    """The member's orders, newest first, a page at a time. `before` is where the page starts."""
    before = request.GET.get("before", "")
    found = _orders_of(member)
    if before.isascii() and before.isdigit() and len(before) <= PLACES:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: ORDERS_PAGE + 1])
    more = len(rows) > ORDERS_PAGE
    now = clock.now()
    context = _frame(request) | {
        "orders": [(each, _words(each, now)) for each in rows[:ORDERS_PAGE]],
        "later": _address(request, before=rows[ORDERS_PAGE - 1].pk) if more else "",
    }
    return render(request, "h5/mall_orders.html", context)


def _words(order: MallOrder, now: datetime) -> str:
    """How an order stands: as its award does, in the words of “My prizes”."""
    if order.state == MallOrder.State.CANCELLED:
        return pgettext("order of the mall", "Cancelled")
    return state_words(order.award, now)


def no_item(request: HttpRequest) -> HttpResponse:
    text = _("It may have been taken off. Have a look at what else there is.")
    return _dead_end(request, _("There is no such item"), text)


def shelves(offered: Sequence[Offer]) -> dict[str, str]:
    """Return each shelf with its name in the reader's language, in the order in which the mall comes to them."""
    names: dict[str, str] = {}
    for offer in offered:
        own = offer.item
        if names.get(own.shelf, own.shelf) == own.shelf:
            names[own.shelf] = in_reader_language(own.shelf, own.shelf_en)
    return names


def award_url(placed: MallOrder) -> str:
    """Return where the member finds what they had."""
    return reverse("h5-award", args=[placed.award_id])


def _order(request: HttpRequest, member: Member, slug: str) -> HttpResponse:
    """Place the order that the form asks for; what it carried twice is one order, and leads to it again."""
    frame = way_back(request)
    here = f"{reverse('h5-mall-item', args=[slug])}{frame}"
    asked = _asked(request)
    if asked is None:
        messages.error(request, _("This page was out of date. Please tap again."))
        return redirect(here)
    request_key, price = asked
    try:
        placed = mall_orders.place(member.pk, slug, request_key=f"h5:{request_key}", price=price, now=clock.now())
    except OrderRefused as refusal:
        messages.info(request, refusal.words)
        return redirect(here)
    except KeyReused:
        messages.error(request, _("This page was out of date. Please tap again."))
        return redirect(here)
    if placed.repeated:
        messages.info(request, _("You had ordered this already: it is one order, paid once."))
    return redirect(f"{reverse('h5-mall-order', args=[placed.order_id])}{frame}")


def _asked(request: HttpRequest) -> tuple[str, int] | None:
    """The request key and the price that the form showed, None where the form is not ours."""
    price = request.POST.get("price", "")
    if not (price.isascii() and price.isdigit() and len(price) <= 10):
        return None
    try:
        return str(UUID(request.POST.get("request_key", ""))), int(price)
    except ValueError:
        return None


def _orders_of(member: Member) -> Any:
    return MallOrder.objects.filter(member=member).select_related("item__gift", "award__gift").order_by("-id")


def _points(offered: Sequence[Offer], member: Member) -> int:
    """The balance that the offers were weighed by; where there are none it is asked for."""
    known = offered[0].balance if offered else None
    return balances(member.pk).get(POINTS, 0) if known is None else known


def _grouped(shown: Sequence[Offer], names: dict[str, str]) -> list[tuple[str, list[Offer]]]:
    """The offers by shelf, each shelf once."""
    groups: dict[str, list[Offer]] = {}
    for offer in shown:
        groups.setdefault(offer.item.shelf, []).append(offer)
    return [(names[shelf], groups[shelf]) for shelf in names if shelf in groups]


def _choices(request: HttpRequest, names: dict[str, str], chosen: str) -> list[tuple[str, str, bool]]:
    """The shelves to choose from, each with its address and whether it is chosen; none where there is one."""
    if len(names) < 2:
        return []
    everything = (_address(request), _("All"), not chosen)
    return [everything, *((_address(request, shelf=key), name, key == chosen) for key, name in names.items() if key)]


def _page(text: str, count: int) -> int:
    last = max(1, -(-count // PAGE))
    return min(int(text), last) if text.isascii() and text.isdigit() and 0 < len(text) < 5 and int(text) else 1


def _frame(request: HttpRequest) -> dict[str, Any]:
    """What every page of the mall carries: the campaign to go back to and its colour, and both for its links."""
    return {"here": "mall", "back": way_back(request), **campaign_left(request)}


def _address(request: HttpRequest, **asked: Any) -> str:
    left = campaign_left(request)
    frame = {"c": left["slug"], "t": left["theme"]} if left["slug"] else {}
    query = {key: value for key, value in (asked | frame).items() if value != ""}
    return f"?{urlencode(query)}"


def _dead_end(request: HttpRequest, title: str, text: str) -> HttpResponse:
    context = _frame(request) | {"title": title, "text": text, "icon": "h5/icons/mall.svg"}
    return render(request, "h5/mall_dead_end.html", context, status=404)


urlpatterns = [
    path("mall/", catalogue, name="h5-mall"),
    path("mall/orders/", orders, name="h5-mall-orders"),
    path("mall/orders/<int:order_id>/", order, name="h5-mall-order"),
    path("mall/<slug:slug>/", item, name="h5-mall-item"),
]
