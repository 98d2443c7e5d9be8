"""What of the audit trail is asked for: by whom, what, about which member, on which kind of thing, when.

Made for a trail of millions: every question is answered from an index, the latest first, and nothing is counted beyond
what is listed. A name is found by its beginning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from operations import webhook_lookups
from operations.audit_words import SUBJECTS
from operations.models import AuditRecord

PIECE = 2_000
LONGEST = 200
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; "" where anything will do. `faults` are the words for what was not understood."""

    who: str = ""
    subject: str = ""
    action: str = ""
    member: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    faults: tuple[str, ...] = ()

    def told(self) -> dict[str, str]:
        """Return what was asked, for the trail itself. The uid of a member is not told: the trail knows no uid."""
        given = {name: value for name, value in asdict(self).items() if value and name not in ("faults", "member")}
        return given | ({"member": f"#{webhook_lookups.member_id(self.member)}"} if self.member else {})


FIELDS = ("who", "subject", "action", "member", "kind", "since", "until")


def read(given: Mapping[str, Any]) -> Asked:
    """Return what the fields of a form or an address ask for."""
    asked = {
        name: "".join(each for each in str(given.get(name) or "")[:LONGEST] if each.isprintable()).strip()
        for name in FIELDS
    }
    faults = [
        _("“%(text)s” is no day such as 2026-11-21.") % {"text": asked[name][:20]}
        for name in ("since", "until")
        if asked[name] and _day(asked[name]) is None
    ]
    for name in ("since", "until"):
        # A field for days takes nothing else back.
        asked[name] = asked[name] if _day(asked[name]) else ""
    if asked["subject"] and asked["subject"] not in SUBJECTS:
        asked["subject"] = ""
    return Asked(**asked, faults=tuple(faults))


def found(records: QuerySet[AuditRecord], asked: Asked) -> QuerySet[AuditRecord]:
    """Return the records that are asked for. What was not understood finds nothing, rather than everything."""
    if asked.faults:
        return records.none()
    if asked.who:
        records = records.filter(actor_name__startswith=asked.who)
    if asked.subject:
        records = records.filter(SUBJECTS[asked.subject].condition)
    if asked.action:
        records = records.filter(action=asked.action)
    if asked.member:
        records = records.filter(_about(asked.member))
    if asked.kind:
        records = records.filter(target_type=asked.kind)
    if since := _day(asked.since):
        records = records.filter(occurred_at__gte=_midnight(since))
    if until := _day(asked.until):
        records = records.filter(occurred_at__lt=_midnight(until + timedelta(days=1)))
    return records


def by_text(records: QuerySet[AuditRecord], text: str) -> QuerySet[AuditRecord]:
    """Return the records of an object: by the beginning of its name or the whole of its number; or of a user."""
    plain = text.strip()[:LONGEST]
    if not plain.isprintable():
        return records.none()
    named = Q(target_name__startswith=plain) | Q(target_id=plain) | Q(actor_name__startswith=plain) | Q(action=plain)
    return records.filter(named) if plain else records


def pieces(records: QuerySet[AuditRecord]) -> Iterator[list[AuditRecord]]:
    """Yield the records, the latest first, in lists of at most PIECE: each is a statement of its own."""
    ordered = records.order_by("-occurred_at", "-id")
    piece = list(ordered[:PIECE])
    while piece:
        yield piece
        last = piece[-1]
        before = Q(occurred_at__lt=last.occurred_at) | Q(occurred_at=last.occurred_at, id__lt=last.pk)
        # The first bound alone is what an index can begin at.
        piece = list(ordered.filter(before, occurred_at__lte=last.occurred_at)[:PIECE]) if len(piece) == PIECE else []


def _about(uid: str) -> Q:
    member = webhook_lookups.member_id(uid)
    if member is None:
        return Q(pk__in=[])
    # Records from before the trail knew the member name them as their object.
    return Q(member_id=member) | Q(target_type="members.member", target_id=str(member))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
