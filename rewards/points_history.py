"""A member's entries as they read them: what came, what went, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.models import Entry, Unit

Kind = Entry.Kind

WORDINGS: dict[str, Promise] = {
    Kind.EARN: _("Earned"),
    Kind.PEND: _("On the way"),
    Kind.MATURE: _("Arrived"),
    Kind.SPEND: _("Used"),
    Kind.EXPIRE: _("Expired"),
    Kind.REVERSE: _("Taken back"),
    Kind.SEND: _("Sent to a friend"),
    Kind.RECEIVE: _("From a friend"),
    Kind.ADJUST: _("Corrected"),
    Kind.FORFEIT: _("Cleared"),
}
GIVEN_BACK = _("Given back")
IN_THE_MALL = _("Used in the points mall")
FOR_A_DRAW = _("Used for a draw")
FROM_A_PRIZE = _("From a prize")
# Keys of what campaigns give: their reasons name the campaign and the task. Those of operators are not for members.
TOLD_WHY = ("task:", "chain:", "invited:", "helped:", "rank:")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: `amount` is signed; `settled` of it made up for a debt, `owed` of it became one."""

    entry_id: int
    wording: str
    amount: int
    settled: int
    owed: int
    kind: str
    # The shop's own id of the order it is for, "" for none.
    order: str
    posted_at: datetime
    # What it was for, as whoever posted it says, "" where that is not for members.
    why: str = ""


def history_of(member_id: int, unit: Unit, *, before: int | None, limit: int) -> list[Line]:
    """Return the member's entries in a unit, newest first, older than the entry `before`. One query."""
    entries = Entry.objects.filter(account__member_id=member_id, account__unit_id=unit.pk).order_by("-id")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return [_line(entry) for entry in entries[:limit]]


def _line(entry: Entry) -> Line:
    return Line(
        entry_id=entry.pk,
        wording=str(_wording(entry)),
        amount=entry.amount,
        settled=max(-entry.to_debt, 0),
        owed=max(entry.to_debt, 0),
        kind=entry.kind,
        order=entry.reference.removeprefix("order:") if entry.reference.startswith("order:") else "",
        posted_at=entry.posted_at,
        why=entry.reason if entry.key.startswith(TOLD_WHY) else "",
    )


def _wording(entry: Entry) -> Promise:
    if entry.kind == Kind.REVERSE and entry.amount > 0:
        return GIVEN_BACK
    if entry.kind == Kind.SPEND and entry.reference.startswith("mall:"):
        return IN_THE_MALL
    if entry.kind == Kind.SPEND and entry.reference.startswith("draw:"):
        return FOR_A_DRAW
    if entry.kind == Kind.EARN and entry.key.startswith("award:"):
        return FROM_A_PRIZE
    return WORDINGS[entry.kind]
