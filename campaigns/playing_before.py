"""What was done before the moment of a preview, played through the ways in which members play. Inside `undone` only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import completing, playing
from campaigns.definition import Campaign, Task
from campaigns.entering import Origin, enter
from campaigns.kinds.face import Moved
from campaigns.refusals import BadSubmission, Refusal, Refused
from campaigns.turns import facts_of, turn_of
from campaigns.wordings import wording
from members import touches
from members.ingest import ingest_orders
from members.models import Member
from members.rows import OrderRow
from operations import clock
from rewards.awards import OutOfGifts

COMPLETED, CHECKED_IN, ORDERED, SENT = "completed", "checked_in", "ordered", "sent"
MOST_DAYS = 31
# What is done on a page of the preview is done at its moment; what was done before, a little before that.
A_LITTLE = timedelta(minutes=1)
# Nobody plays fast here: the limits on moves have counted one.
_ORIGIN = Origin(moves={"member": 1})


@dataclass(frozen=True, slots=True)
class Before:
    """One thing that was done: a task completed, a task checked in on so many days, an order, a form of a page sent.

    `what` is the key of the task or the path of the page; `times` are days, `amount` is what was paid.
    """

    kind: str
    what: str = ""
    times: int = 1
    amount: str = ""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_json(self) -> list[Any]:
        return [self.kind, self.what, self.times, self.amount, {key: list(each) for key, each in self.fields.items()}]

    @classmethod
    def read(cls, written: Sequence[Any]) -> "Before":
        return cls(*written)


@dataclass(frozen=True, slots=True)
class NotPlayed:
    before: Before
    reason: str


Pages = Callable[[Member, Before], None]


def play(done: Sequence[Before], member: Member, slug: str, *, at: datetime, pages: Pages) -> Iterator[NotPlayed]:
    """Play what was done, in its order; yields what could not be. `pages` sends a form to a page."""
    for before in done:
        try:
            with transaction.atomic():
                _play(before, member, slug, at, pages)
        except Refused as refused:
            yield NotPlayed(before, wording(refused.refusal))
        except BadSubmission:
            yield NotPlayed(before, _("this task needs more than a tap"))
        except OutOfGifts:
            yield NotPlayed(before, wording(Refusal.OUT_OF_GIFTS))


def _play(before: Before, member: Member, slug: str, at: datetime, pages: Pages) -> None:
    if before.kind == SENT:
        pages(member, before)
    elif before.kind == ORDERED:
        _order(before, member, at - A_LITTLE)
    elif before.kind == CHECKED_IN:
        _check_in(before, member, slug, at)
    else:
        with clock.stopped(at - A_LITTLE):
            _complete(before, member, slug, at - A_LITTLE)


def _order(before: Before, member: Member, at: datetime) -> None:
    row = OrderRow(f"preview-{uuid4().hex}", member.uid, at, Decimal(before.amount))
    ingest_orders([row], now=at)


def _check_in(before: Before, member: Member, slug: str, at: datetime) -> None:
    """On the days before, the last one yesterday."""
    for days in range(before.times, 0, -1):
        moment = at - timedelta(days=days)
        with clock.stopped(moment):
            playing.submit(member, slug, before.what, {}, now=moment, origin=_ORIGIN)


@touches.together()
def _complete(before: Before, member: Member, slug: str, at: datetime) -> None:
    """Let the task be done, whatever its kind asks for. What keeps the task from the member keeps it here too."""
    playing.enrol(member, slug, now=at)
    play = enter(member, slug, now=at, origin=_ORIGIN)
    decision = play.decision.task(before.what)
    if decision is None:
        raise Refused(Refusal.NO_TASK)
    if decision.refusal and decision.refusal is not Refusal.NOT_ACCEPTED:
        raise Refused(decision.refusal)
    task, facts = decision.task, facts_of(play.subject, decision.task)
    if task.kind == "checkin":
        playing.submit(member, slug, task.key, {}, now=at, origin=_ORIGIN)
        return
    moved = Moved(count=decision.target, data=facts.data or {})
    completing.complete(play, turn_of(play, task), moved, accepted=facts.finish_until is not None)


def words(before: Before, definition: Campaign | None) -> str:
    """What was done, in words."""
    task = _task(before, definition)
    title = task.title if task else before.what
    match before.kind:
        case "completed":
            return _("“%(task)s” was done") % {"task": title}
        case "checked_in":
            return _("“%(task)s” on each of the %(days)d days before") % {"task": title, "days": before.times}
        case "ordered":
            return _("An order of %(amount)s was paid") % {"amount": before.amount}
    return _("A form was sent: “%(task)s”") % {"task": title}


def _task(before: Before, definition: Campaign | None) -> Task | None:
    if definition is None:
        return None
    if before.kind != SENT:
        return definition.by_key.get(before.what)
    parts = before.what.split("?")[0].strip("/").split("/")
    return definition.by_key.get(parts[4]) if len(parts) > 4 and parts[3] == "t" else None
