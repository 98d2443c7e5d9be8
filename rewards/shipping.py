"""Parcels on their way out: which addresses go into a file for whoever sends them, and the file itself."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from members.import_columns import column_of
from operations import audit
from operations.formulas import disarmed
from rewards import addresses, regions
from rewards.models import Award, Gift, Shipment, ShippingBatch

# Excel takes a CSV file for UTF-8 only if it begins so.
MARK = "\ufeff"
SLICE = 500
MOST_AT_ONCE = 20_000

# Awards are locked with their shipments, so that none is taken back or sent elsewhere in that moment; what somebody
# else holds is passed over: it is theirs, or waits for the next file.
_TAKE = """
    WITH taken AS (
        SELECT shipment.id FROM rewards_shipment shipment
        JOIN rewards_award award ON award.id = shipment.award_id
        WHERE shipment.state = 'waiting' AND shipment.sealed IS NOT NULL AND award.gift_id = ANY(%(gifts)s)
            AND award.state IN ('claimed', 'delivered')
        ORDER BY shipment.id LIMIT %(most)s
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE rewards_shipment shipment SET state = 'exported', batch_id = %(batch)s
    FROM taken WHERE shipment.id = taken.id AND shipment.state = 'waiting'
"""


class NothingWaits(Exception):
    """No address of these gifts waits to be exported."""


class AllShipped(Exception):
    """Every parcel of the file was sent: its addresses are not given out again."""


def gifts_waiting() -> QuerySet[Gift]:
    """Return the gifts of which parcels wait, each with how many (`parcels`)."""
    live = Q(awards__state__in=(Award.State.CLAIMED, Award.State.DELIVERED))
    waits = live & Q(awards__shipment__state=Shipment.State.WAITING, awards__shipment__sealed__isnull=False)
    counted = Gift.objects.filter(kind=Gift.Kind.PHYSICAL).annotate(parcels=Count("awards", filter=waits))
    return counted.filter(parcels__gt=0).order_by("name")


@transaction.atomic
def export_waiting(gifts: Sequence[Gift], *, by: User, now: datetime) -> ShippingBatch:
    """Take what waits of these gifts into a batch of its own. Raises NothingWaits."""
    batch = ShippingBatch.objects.create(created_at=now, created_by=by, parcels=0)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"gifts": [gift.pk for gift in gifts], "batch": batch.pk, "most": MOST_AT_ONCE})
        batch.parcels = cursor.rowcount
    if not batch.parcels:
        raise NothingWaits
    batch.save(update_fields=["parcels"])
    told = {"gifts": [None, [gift.slug for gift in gifts]], "parcels": [None, batch.parcels]}
    audit.record("shipping_batch.exported", batch, by=by, now=now, changes=told)
    return batch


def unsent(batch: ShippingBatch) -> QuerySet[Shipment]:
    """Return what of a batch was not sent yet and is still to be sent."""
    live = (Award.State.CLAIMED, Award.State.DELIVERED)
    sent = batch.shipments.filter(state=Shipment.State.EXPORTED, sealed__isnull=False, award__state__in=live)
    return sent.select_related("award__gift").order_by("id")


def file_of(batch: ShippingBatch, *, by: User, now: datetime) -> Iterator[str]:
    """Return the file of what was not sent yet, as lines for a spreadsheet. On record. Raises AllShipped."""
    left = unsent(batch).count()
    if not left:
        raise AllShipped
    audit.record("shipping_batch.downloaded", batch, by=by, now=now, changes={"addresses": [None, left]})
    return _lines(batch)


def header() -> list[str]:
    """Return the titles in the reader's language. The last two are for whoever sends; the file comes back with them."""
    written = [str(column_of(name).label) for name in ("award", "carrier", "tracking_number")]
    place = [_("Province"), _("City"), _("District"), _("Street"), _("Postcode"), _("Whole address")]
    return [written[0], _("Gift"), _("Recipient"), _("Phone"), *place, *written[1:]]


def _lines(batch: ShippingBatch) -> Iterator[str]:
    # The language is that of the request, which may be over before the last line is asked for.
    language = get_language() or ""
    yield MARK + _csv([header()])
    last = 0
    while parcels := list(unsent(batch).filter(pk__gt=last)[:SLICE]):
        with override(language):
            yield _csv(_row(parcel) for parcel in parcels)
        last = parcels[-1].pk


def _row(parcel: Shipment) -> list[str]:
    award = parcel.award
    address = addresses.unseal(parcel.sealed)
    if address is None:
        return [str(award.pk), award.gift.name, _("cannot be opened: has a key gone?"), *[""] * 9]
    names = regions.names(address.region)
    place = [*names, *[""] * (3 - len(names)), address.street, address.postcode, address.place]
    return [str(award.pk), award.gift.name, address.recipient, address.phone, *place, "", ""]


def _csv(rows: Iterator[list[str]] | list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([disarmed(field) for field in row] for row in rows)
    return text.getvalue()
