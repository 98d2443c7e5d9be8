"""The facts behind a value that was computed: what an RFM score was given for, which version of a segment served."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, Subquery, Sum
from django.utils.formats import date_format, localize
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Order
from operations.sentences import listed
from segmentation.models import RfmModel, RfmVersion, Segment, SegmentVersion
from segmentation.naming import Names
from segmentation.rules import Leaf
from segmentation.world import World


def behind(leaf: Leaf, member_id: int, world: World, names: Names) -> str:
    """Return in words what the member's value of the clause rests on; "" where the value is a fact itself."""
    match leaf.field.split("."):
        case ["rfm", slug, _column]:
            return _of_scores(slug, member_id, world)
        case ["segment"]:
            values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            return listed(_of_segments(values, world, names))
    return ""


def _of_scores(slug: str, member_id: int, world: World) -> str:
    model = RfmModel.objects.select_related("current").filter(slug=slug).first()
    if model is None or model.current is None:
        return ""
    facts = _orders_scored(model, model.current, member_id, world)
    if not facts["orders"]:
        return _("no order up to %(day)s") % {"day": date_format(model.current.at, "SHORT_DATE_FORMAT")}
    days = (model.current.at - facts["last"].astimezone(world.zone).date()).days
    words = ngettext(
        "%(orders)s order for %(amount)s up to %(day)s, the last %(days)s days before",
        "%(orders)s orders for %(amount)s up to %(day)s, the last %(days)s days before",
        facts["orders"],
    )
    day = date_format(model.current.at, "SHORT_DATE_FORMAT")
    return words % {"orders": facts["orders"], "amount": localize(facts["amount"]), "day": day, "days": days}


def _orders_scored(model: RfmModel, version: RfmVersion, member_id: int, world: World) -> dict[str, Any]:
    """Return the last moment, the number and the net amount of the member's orders that the version was scored by."""
    in_time = Q(paid_at__lt=world.midnight(version.at + timedelta(days=1)))
    if model.window_days is not None:
        in_time &= Q(paid_at__gte=world.midnight(version.at + timedelta(days=1 - model.window_days)))
    orders = Order.objects.filter(in_time, member=member_id, status=Order.Status.PAID)
    return orders.aggregate(
        last=Max("paid_at"), orders=Count("pk"), amount=Sum(F("amount") - F("refunded_amount"), default=0)
    )


def _of_segments(slugs: tuple[str, ...], world: World, names: Names) -> list[str]:
    """Say of each segment by which version of its rule it was computed, and how long ago."""
    served = SegmentVersion.objects.filter(segment=OuterRef("pk"), saved_at__lte=OuterRef("refreshed_at"))
    number = Subquery(served.values("number")[:1])
    found = Segment.objects.filter(slug__in=slugs, refreshed_at__isnull=False).annotate(number=number)
    told = []
    for segment in found:
        words = {"segment": names.of("segment", segment.slug), "number": segment.number}
        words["ago"] = timesince(segment.refreshed_at or world.now, world.now)
        computed = (
            _("%(segment)s was computed %(ago)s ago")
            if segment.number is None
            else _("%(segment)s was computed %(ago)s ago, by version %(number)s of its rule")
        )
        told.append(computed % words)
    return told
