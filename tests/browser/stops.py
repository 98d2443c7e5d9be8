"""Every page a participant can meet. Whoever adds a page adds a line to STOPS; the tour then walks it in every way.

A name in braces is something of the shop that `tests.browser.toured_shop` opens; what is missing there is added there.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.browser.toured_shop import AWARDS, PATH, TASKS


class Stop(NamedTuple):
    """A page: what its pictures are called, where it is, how it answers, and whether a stranger asks for it.

    `bilingual`: it says everything in both languages, for it is kept without knowing its reader.
    """

    name: str
    address: str
    status: int = 200
    stranger: bool = False
    bilingual: bool = False


STOPS = [
    Stop("enter-refused", "/h5/enter/?token=forged", 403, stranger=True),
    Stop("offline", "/h5/offline/", stranger=True, bilingual=True),
    Stop("wechat-outside-of-it", "/h5/wechat/start/?next=/h5/me/", 403, stranger=True),
    Stop("wechat-came-back-wrong", "/h5/wechat/back/?state=forged&next=/h5/me/", 403, stranger=True),
    Stop("campaign", "/h5/c/{farm}/"),
    Stop("campaign-of-chains", "/h5/c/{days}/"),
    Stop("campaign-scheduled", "/h5/c/{scheduled}/"),
    Stop("campaign-paused", "/h5/c/{paused}/"),
    Stop("campaign-ended", "/h5/c/{ended}/"),
    Stop("campaign-of-a-stranger", "/h5/c/{farm}/", 403, stranger=True),
    Stop("campaign-unknown", "/h5/c/nothing/", 404),
    *(Stop(f"task-{key}", f"/h5/c/{{farm}}/t/{key}/") for key in TASKS),
    *(Stop(f"task-{key}", f"/h5/c/{{days}}/t/{key}/") for key in PATH),
    Stop("task-unknown", "/h5/c/{farm}/t/nothing/", 404),
    Stop("board", "/h5/c/{farm}/board/"),
    Stop("board-of-friends", "/h5/c/{farm}/board/?board=friends"),
    Stop("board-missing", "/h5/c/{days}/board/", 404),
    Stop("energy", "/h5/c/{farm}/energy/"),
    Stop("energy-of-a-friend", "/h5/c/{farm}/energy/f/{friend}/"),
    Stop("energy-missing", "/h5/c/{days}/energy/", 404),
    Stop("offers", "/h5/c/{farm}/offers/"),
    Stop("offers-none", "/h5/c/{days}/offers/"),
    Stop("offer-flash", "/h5/c/{farm}/o/flash/"),
    Stop("offer-first-order", "/h5/c/{farm}/o/first/"),
    Stop("offer-group", "/h5/c/{farm}/o/group/"),
    Stop("offer-group-of-a-friend", "/h5/c/{farm}/o/group/?g={group}"),
    Stop("offer-unknown", "/h5/c/{farm}/o/nothing/", 404),
    Stop("draw", "/h5/c/{days}/draw/"),
    Stop("draw-of-the-farm", "/h5/c/{farm}/draw/"),
    Stop("draw-of-a-task", "/h5/c/{days}/draw/?pool=scratch"),
    Stop("drawn-a-prize", "/h5/c/{days}/draw/{won}/"),
    Stop("drawn-thanks", "/h5/c/{days}/draw/{lost}/"),
    Stop("drawn-unknown", "/h5/c/{days}/draw/0/", 404),
    Stop("share-own", "/h5/s/{own_link}/"),
    Stop("share-invite", "/h5/s/{invite_link}/"),
    Stop("share-assist", "/h5/s/{cheer_link}/"),
    Stop("share-bargain", "/h5/s/{bargain_link}/"),
    Stop("share-team", "/h5/s/{team_link}/"),
    Stop("share-with-a-stranger", "/h5/s/{cheer_link}/", stranger=True),
    Stop("share-unknown", "/h5/s/nothing/", 400),
    Stop("home", "/h5/"),
    Stop("home-of-a-stranger", "/h5/", 403, stranger=True),
    Stop("me", "/h5/me/"),
    Stop("me-from-a-campaign", "/h5/me/?c={farm}&t=d4380d"),
    Stop("points", "/h5/me/points/"),
    Stop("growth", "/h5/me/points/?unit=growth"),
    Stop("level", "/h5/me/level/"),
    Stop("inbox", "/h5/me/inbox/"),
    Stop("inbox-message", "/h5/me/inbox/{letter}/"),
    Stop("inbox-message-unknown", "/h5/me/inbox/0/", 404),
    Stop("privacy", "/h5/me/privacy/"),
    Stop("awards", "/h5/me/awards/"),
    Stop("awards-usable", "/h5/me/awards/?show=usable"),
    *(Stop(f"award-{state}", f"/h5/me/awards/{{{state}}}/") for state in AWARDS),
    Stop("award-unknown", "/h5/me/awards/0/", 404),
    Stop("address", "/h5/me/awards/{mug_won}/address/"),
    Stop("address-given", "/h5/me/awards/{mug_addressed}/address/"),
    Stop("address-too-late", "/h5/me/awards/{mug_sent}/address/"),
    Stop("address-of-no-parcel", "/h5/me/awards/{points_won}/address/"),
    Stop("address-unknown", "/h5/me/awards/0/address/", 404),
    Stop("mall", "/h5/mall/"),
    Stop("mall-shelf", "/h5/mall/?shelf={shelf}"),
    Stop("mall-coupon", "/h5/mall/coupon-20/"),
    Stop("mall-parcel", "/h5/mall/mug/"),
    Stop("mall-ordered-already", "/h5/mall/cookbook/"),
    Stop("mall-of-another-level", "/h5/mall/coupon-100/"),
    Stop("mall-too-dear", "/h5/mall/blanket/"),
    Stop("mall-unknown", "/h5/mall/nothing/", 404),
    Stop("mall-orders", "/h5/mall/orders/"),
    Stop("mall-order", "/h5/mall/orders/{order}/"),
    Stop("mall-order-of-a-parcel", "/h5/mall/orders/{parcel_order}/"),
    Stop("mall-order-cancelled", "/h5/mall/orders/{cancelled_order}/"),
    Stop("mall-order-unknown", "/h5/mall/orders/0/", 404),
]

# Addresses below /h5/ that answer a GET and are no page, each with why. What takes POST alone needs no line.
NOT_PAGES = {
    "h5-theme": "colours, CSS",
    "h5-tones": "colours of several campaigns, CSS",
    "h5-regions": "cities for the address form, JSON",
    "h5-worker": "the service worker, JavaScript",
    "h5-wechat-signature": "what WeChat's browser asks of a page, JSON",
    "h5-proof-picture": "a picture that a member handed in",
    "h5-picture": "a picture of the shop's",
    "h5-share-poster": "a poster, JPEG",
    "h5-share-card": "the picture beside a link in chats, JPEG",
}


def pages() -> set[str]:
    """The names of all addresses below /h5/ that answer a GET with a page."""
    return {pattern.name for pattern in _below("h5/", get_resolver().url_patterns) if _answers_get(pattern)} - set(
        NOT_PAGES
    )


def visited() -> set[str]:
    """The names of the addresses at which the tour stops."""
    return {resolve(_filled(stop.address)).url_name for stop in STOPS}


def _filled(address: str) -> str:
    """The address with something in its braces that every kind of place takes."""
    path = address.partition("?")[0]
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def _below(prefix: str, patterns: list, before: str = "") -> Iterator[URLPattern]:
    for each in patterns:
        route = before + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from _below(prefix, each.url_patterns, route)
        elif route.startswith(prefix):
            yield each


def _answers_get(pattern: URLPattern) -> bool:
    """Whether none of the decorators around the view refuses a GET."""
    view: Callable | None = pattern.callback
    while view is not None:
        methods = inspect.getclosurevars(view).nonlocals.get("request_method_list", ["GET"])
        if "GET" not in methods:
            return False
        view = getattr(view, "__wrapped__", None)
    return True
