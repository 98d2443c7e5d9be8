"""What the inbox tells members of their prizes, points and orders: the kinds, their words, and where each leads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.bilingual import in_reader_language
from members.inbox import Message
from members.inbox_kinds import Kind, Words, register
from rewards.models import Award

AWARD_EXPIRING = "award.expiring"
POINTS_EXPIRING = "points.expiring"
PARCEL_SENT = "parcel.sent"
PARCEL_BACK = "parcel.back"
PACKET_PAID = "packet.paid"
PACKET_FAILED = "packet.failed"
ORDER_CANCELLED = "mall_order.cancelled"


def register_own() -> None:
    register(
        Kind(AWARD_EXPIRING, "clock", _award_expiring),
        Kind(POINTS_EXPIRING, "coin", _points_expiring),
        Kind(PARCEL_SENT, "physical", _parcel_sent),
        Kind(PARCEL_BACK, "physical", _parcel_back),
        Kind(PACKET_PAID, "red_packet", _packet_paid),
        Kind(PACKET_FAILED, "red_packet", _packet_failed),
        Kind(ORDER_CANCELLED, "mall", _order_cancelled),
    )


def of_award(kind: str, award: Award, key: str, **more: Any) -> Message:
    """Return a message about an award, whose `gift` is at hand, that leads to it."""
    link = reverse("h5-award", args=[award.pk])
    return Message(award.member_id, kind, key, {"gift": award.gift.name, **more}, link)


def parcels_sent(awards: Mapping[int, str], *, now: datetime) -> list[Message]:
    """Return a message for each parcel on its way: award id → its tracking number. One query."""
    found = Award.objects.filter(pk__in=awards).select_related("gift")
    # A number that was taken back and is given again is sent again.
    return [of_award(PARCEL_SENT, each, f"parcel:{each.pk}:{now:%Y%m%d%H%M%S}") for each in found if awards[each.pk]]


def _award_expiring(params: Mapping[str, Any]) -> Words:
    text = _("Use it by %(time)s") % {"time": _moment(params["expires_at"])}
    if params.get("needs_address"):
        text = _("Tell us where to send it by %(time)s") % {"time": _moment(params["expires_at"])}
    return Words(_("“%(gift)s” expires soon") % params, text)


def _points_expiring(params: Mapping[str, Any]) -> Words:
    # The names of the house's own units are in the catalogue.
    unit = in_reader_language(_(params["unit"]), params["unit_en"])
    title = _("%(amount)s %(unit)s expire soon") % {"amount": params["amount"], "unit": unit}
    return Words(title, _("Use them by %(time)s") % {"time": _moment(params["expires_at"])})


def _parcel_sent(params: Mapping[str, Any]) -> Words:
    return Words(_("“%(gift)s” is on its way") % params, _("See the carrier and the tracking number."))


def _parcel_back(params: Mapping[str, Any]) -> Words:
    return Words(
        _("The parcel with “%(gift)s” came back to us") % params, _("Check the address, and we send it again.")
    )


def _packet_paid(params: Mapping[str, Any]) -> Words:
    return Words(_("“%(gift)s” was paid out to you") % params, _("Look in the account that you have linked."))


def _packet_failed(params: Mapping[str, Any]) -> Words:
    return Words(_("“%(gift)s” could not be paid out") % params, _("Ask the shop’s customer service."))


def _order_cancelled(params: Mapping[str, Any]) -> Words:
    item = in_reader_language(params["item"], params["item_en"])
    points = params["points"]
    back = ngettext("Its %(n)d point came back to you.", "Its %(n)d points came back to you.", points) % {"n": points}
    return Words(_("Your order of “%(item)s” was cancelled") % {"item": item}, back)


def _moment(text: str) -> str:
    moment = parse_datetime(text)
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else text
