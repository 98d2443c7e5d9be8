"""Tracking numbers come back: rows of (award, carrier, tracking_number), from a file, one by one or taken back."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members import cells, inbox
from members.faults import Fault, RowError
from members.folding import IngestResult, Outcome
from members.import_columns import Column
from members.imports import Importer
from members.rows import Raw, refuse_unknown_columns
from operations import audit
from rewards import inbox_words
from rewards.models import Award, Gift, Shipment

COLUMNS = ("award", "carrier", "tracking_number")
COLUMN_WORDS = {
    "award": Column(_("Number of the award"), ("award id", "奖品编号", "中奖编号", "奖品单号"), "1024"),
    "carrier": Column(
        _("Carrier"), ("courier", "shipper", "快递公司", "物流公司", "承运商", "快递", "快递名称"), "顺丰速运"
    ),
    "tracking_number": Column(
        _("Tracking number"),
        ("tracking", "waybill", "waybill number", "快递单号", "物流单号", "运单号", "运单编号", "快递号"),
        "SF1234567890123",
    ),
}
LONGEST = 50
_NUMBER = re.compile(r"#?([0-9]{1,18})(?:\.0+)?", re.ASCII)
# Spreadsheets guard long numbers as ="123" or '123, and write them as 1.23E+14 where nobody guarded them.
_GUARDED = re.compile(r"""=?["']?(.*?)["']?""")
_TRACKING = re.compile(r"[A-Za-z0-9-]{5,50}", re.ASCII)
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.ASCII | re.IGNORECASE)


class TrackingFault(StrEnum):
    NOT_AN_AWARD = "not_an_award"
    NOT_TRACKED = "not_a_parcel"
    NOT_EXPORTED = "not_exported"
    TAKEN_BACK = "taken_back"
    OTHER_NUMBER = "other_number"
    ROUNDED = "rounded_number"
    BAD_TRACKING = "bad_tracking_number"


WORDINGS = {
    TrackingFault.NOT_AN_AWARD: _("%(column)s: %(value)s is not the number of an award."),
    TrackingFault.NOT_TRACKED: _("%(column)s: there is no parcel of the award %(value)s."),
    TrackingFault.NOT_EXPORTED: _("%(column)s: the address of the award %(value)s was not exported for shipping yet."),
    TrackingFault.TAKEN_BACK: _("%(column)s: the award %(value)s was taken back. Stop the parcel."),
    TrackingFault.OTHER_NUMBER: _(
        "%(column)s: the award was sent with another number, not %(value)s. Correct it on the page of the shipment."
    ),
    TrackingFault.ROUNDED: _(
        "%(column)s: the spreadsheet has rounded %(value)s. Format the column as text and enter the number again."
    ),
    TrackingFault.BAD_TRACKING: _("%(column)s: %(value)s is not a tracking number (5 to 50 letters and digits)."),
}


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """`carrier` and `number` are both empty where the file is not filled in yet: such a row changes nothing."""

    award: int
    carrier: str
    number: str

    @property
    def is_empty(self) -> bool:
        return not self.number


def load_context(_now: datetime) -> None:
    """Rows are read against nothing; what the database holds is looked at when they are written."""


def parse_tracking(raw: Raw, _context: None) -> TrackingRow:
    """Read one row as spreadsheets write it. Raises RowError."""
    refuse_unknown_columns(raw, COLUMNS)
    written = {name: _unguarded(cells.text(raw.get(name), name, limit=100)) for name in COLUMNS}
    award = _award_of(written["award"])
    carrier, number = written["carrier"], written["tracking_number"]
    if not carrier and not number:
        return TrackingRow(award, "", "")
    for name in ("carrier", "tracking_number"):
        if not written[name]:
            raise RowError(Fault.MISSING, name)
    if len(carrier) > LONGEST:
        raise RowError(Fault.TOO_LONG, "carrier", length=len(carrier), limit=LONGEST)
    return TrackingRow(award, carrier, checked_number(number))


def checked_number(text: str) -> str:
    """Return a tracking number without spaces, in capitals. Raises RowError."""
    number = "".join(text.split()).upper()
    if _ROUNDED.fullmatch(number):
        raise RowError(TrackingFault.ROUNDED, "tracking_number", value=text)
    if not _TRACKING.fullmatch(number):
        raise RowError(TrackingFault.BAD_TRACKING, "tracking_number", value=text)
    return number


def _award_of(text: str) -> int:
    if not text:
        raise RowError(Fault.MISSING, "award")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise RowError(TrackingFault.NOT_AN_AWARD, "award", value=text)
    return int(match[1])


def _unguarded(text: str | None) -> str:
    match = _GUARDED.fullmatch((text or "").strip())
    return match[1].strip() if match else ""


@transaction.atomic
def ingest_tracking(rows: list[TrackingRow], *, now: datetime) -> IngestResult:
    """Mark the parcels of all rows as sent and their awards as delivered. The same row again changes nothing."""
    parcels = _held(row.award for row in rows if not row.is_empty)
    outcomes: Counter[Outcome] = Counter()
    rejected = []
    for index, row in enumerate(rows):
        try:
            outcomes["unchanged" if row.is_empty else _sent(parcels.get(row.award), row, now)] += 1
        except RowError as error:
            rejected.append((index, error))
    _write(parcels.values(), now)
    return IngestResult(0, outcomes["updated"], outcomes["unchanged"], rejected)


def _held(award_ids: Iterable[int]) -> dict[int, Shipment]:
    """Lock the awards and then their shipments, each in the order of their ids; return the shipments by award."""
    wanted = sorted(set(award_ids))
    awards = Award.objects.select_for_update(no_key=True).filter(pk__in=wanted, gift__kind=Gift.Kind.PHYSICAL)
    held = {award.pk: award for award in awards.order_by("pk").select_for_update(no_key=True, of=("self",))}
    shipments = Shipment.objects.select_for_update(no_key=True).filter(award_id__in=held).order_by("award_id")
    parcels = {}
    for shipment in shipments:
        shipment.award = held[shipment.award_id]
        parcels[shipment.award_id] = shipment
    return parcels


def _sent(parcel: Shipment | None, row: TrackingRow, now: datetime) -> Outcome:
    """Let the row change its parcel in memory. Raises RowError."""
    value = str(row.award)
    if parcel is None:
        raise RowError(TrackingFault.NOT_TRACKED, "award", value=value)
    if parcel.award.state == Award.State.REVERSED:
        raise RowError(TrackingFault.TAKEN_BACK, "award", value=value)
    if parcel.sealed is None:
        raise RowError(Fault.MEMBER_ERASED, "award")
    if parcel.state == Shipment.State.WAITING:
        raise RowError(TrackingFault.NOT_EXPORTED, "award", value=value)
    if parcel.state != Shipment.State.EXPORTED:
        if (parcel.carrier, parcel.tracking_number) == (row.carrier, row.number):
            return "unchanged"
        raise RowError(TrackingFault.OTHER_NUMBER, "tracking_number", value=row.number)
    parcel.state, parcel.carrier, parcel.tracking_number = Shipment.State.SHIPPED, row.carrier, row.number
    parcel.shipped_at = now
    return "updated"


def _write(parcels: Iterable[Shipment], now: datetime) -> None:
    sent = [parcel for parcel in parcels if parcel.shipped_at == now]
    Shipment.objects.bulk_update(sent, ["state", "carrier", "tracking_number", "shipped_at"], batch_size=500)
    claimed = Award.objects.filter(pk__in=[parcel.award_id for parcel in sent], state=Award.State.CLAIMED)
    claimed.update(state=Award.State.DELIVERED, changed_at=now)
    if sent:
        numbers = {parcel.award_id: parcel.tracking_number for parcel in sent}
        inbox.put(inbox_words.parcels_sent(numbers, now=now), now=now)


class NotPossible(Exception):
    """The parcel is not in a state in which this can be done."""


@transaction.atomic
def correct_number(shipment_id: int, *, carrier: str, number: str, by: audit.Actor, now: datetime) -> Shipment:
    """Put another number in the place of a wrong one. Raises NotPossible for what was not sent, and RowError."""
    shipment = Shipment.objects.select_for_update(no_key=True).get(pk=shipment_id)
    if shipment.state != Shipment.State.SHIPPED:
        raise NotPossible
    before = (shipment.carrier, shipment.tracking_number)
    shipment.carrier, shipment.tracking_number = carrier.strip()[:LONGEST], checked_number(number)
    shipment.save(update_fields=["carrier", "tracking_number"])
    _record("number_corrected", shipment, before, by, now)
    return shipment


def take_number_back(shipment_id: int, *, by: audit.Actor, now: datetime) -> Shipment:
    """Undo that a parcel was sent: its number was another's. It is among those to be sent again, in its own file."""
    return _move_back(shipment_id, Shipment.State.EXPORTED, "number_taken_back", by, now)


@transaction.atomic
def note_return(shipment_id: int, *, by: audit.Actor, now: datetime) -> Shipment:
    """Note that a parcel came back. The member is asked to look at the address; saving it lets the gift wait again."""
    parcel = _move_back(shipment_id, Shipment.State.RETURNED, "came_back", by, now)
    award = Award.objects.select_related("gift").get(pk=parcel.award_id)
    key = f"back:{award.pk}:{now:%Y%m%d%H%M%S}"
    inbox.put([inbox_words.of_award(inbox_words.PARCEL_BACK, award, key)], now=now)
    return parcel


@transaction.atomic
def _move_back(shipment_id: int, to: Shipment.State, what: str, by: audit.Actor, now: datetime) -> Shipment:
    award_id = Shipment.objects.values_list("award_id", flat=True).get(pk=shipment_id)
    parcel = _held([award_id]).get(award_id)
    if parcel is None or parcel.state != Shipment.State.SHIPPED or parcel.award.state != Award.State.DELIVERED:
        raise NotPossible
    before = (parcel.carrier, parcel.tracking_number)
    parcel.state, parcel.carrier, parcel.tracking_number, parcel.shipped_at = to, "", "", None
    parcel.save(update_fields=["state", "carrier", "tracking_number", "shipped_at"])
    Award.objects.filter(pk=award_id, state=Award.State.DELIVERED).update(state=Award.State.CLAIMED, changed_at=now)
    _record(what, parcel, before, by, now)
    return parcel


def _record(what: str, shipment: Shipment, before: tuple[str, str], by: audit.Actor, now: datetime) -> None:
    after = (shipment.carrier, shipment.tracking_number)
    # The trail is for ever, and a whole number leads to the person at the carrier.
    named: Mapping[str, list[str]] = {
        name: [ending(old), ending(new)]
        for name, old, new in zip(COLUMNS[1:], before, after, strict=True)
        if old != new
    }
    audit.record(f"shipment.{what}", shipment, by=by, now=now, changes=dict(named))


def ending(text: str) -> str:
    """Return as much of a tracking number as the audit trail may hold."""
    return f"…{text[-4:]}" if len(text) > 8 else text


IMPORTED = Importer(
    required=COLUMNS,
    optional=(),
    load_context=load_context,
    parse=parse_tracking,
    ingest=ingest_tracking,
    title=_("Tracking numbers of parcels"),
    permission="rewards.track_shipment",
)
