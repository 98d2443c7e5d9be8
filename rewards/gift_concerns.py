"""Gifts that run low, and those that wait to be handed over."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.concerns import Concern, Severity, counted
from rewards import delivery_concerns, stocktaking
from rewards.models import Shipment


def stocks(_now: datetime) -> Iterator[Concern]:
    """Yield the gifts of which no more are left than their alert says."""
    for gift in stocktaking.running_low():
        link = reverse("admin:rewards_gift_change", args=[gift.gift_id])
        if gift.remaining:
            text = _("The gift “%(gift)s” runs low: %(count)d left.") % {"gift": gift.name, "count": gift.remaining}
            yield Concern(Severity.WARNING, text, link)
        else:
            yield Concern(Severity.ERROR, _("The gift “%(gift)s” has run out.") % {"gift": gift.name}, link)


def payments(now: datetime) -> Iterator[Concern]:
    """Yield the payments that only an operator can move on."""
    page = reverse("admin:rewards_delivery_changelist")
    for concern in delivery_concerns.concerns(now=now):
        yield Concern(Severity.ERROR, concern.text, f"{page}?{concern.query}")


def parcels(_now: datetime) -> Iterator[Concern]:
    """Yield that parcels have an address and are in no file for whoever sends them."""
    waiting, shown = counted(Shipment.objects.filter(state=Shipment.State.WAITING, sealed__isnull=False))
    if waiting:
        words = ngettext("%(count)s parcel waits to be sent.", "%(count)s parcels wait to be sent.", waiting)
        yield Concern(Severity.NOTE, words % {"count": shown}, reverse("admin:rewards_shipment_changelist"))
