"""A member's moments of all kinds, newest first, in one statement, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from members.portrait import Said, Source

SHOWN = 20


class BadCursor(ValueError):
    """A cursor that no page of this timeline gave."""


class Cursor(NamedTuple):
    """The place of a moment: those after it in the timeline are older, or come later among those of one time."""

    at: datetime
    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.key}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Return the cursor that was written as `text`. Raises BadCursor."""
        try:
            at, kind, key = text.split("~", 2)
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise BadCursor(text) from None
        if timezone.is_naive(moment):
            raise BadCursor(text)
        return cls(moment, kind, key)


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    source: Source
    said: Said

    @property
    def day(self) -> date:
        """The day in the reader's time zone."""
        return timezone.localdate(self.at)


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is the cursor of the next page; None on the last."""

    moments: list[Moment]
    older: Cursor | None


def page_of(sources: Sequence[Source], member_id: int, *, before: Cursor | None = None, limit: int = SHOWN) -> Page:
    """Return the member's newest moments from these sources, those after the place `before` where it is given.

    Each source is read for `limit` rows and one more, by its own index, and the rows are merged by the database. Raises
    BadCursor for a place in a source that is not among these.
    """
    if not sources:
        return Page([], None)
    if before is not None and before.kind not in {source.kind for source in sources}:
        raise BadCursor(str(before))
    places = [_after(source, member_id, before, sources)[: limit + 1] for source in sources]
    merged = _newest_first(places[0].union(*places[1:], all=True)) if len(places) > 1 else places[0]
    rows = list(merged[: limit + 1])
    shown = rows[:limit]
    moments = [Moment(at, sources[place], sources[place].say(told)) for at, place, _, told in shown]
    if len(rows) <= limit:
        return Page(moments, None)
    at, place, key, _ = shown[-1]
    return Page(moments, Cursor(at, sources[place].kind, key))


def _after(source: Source, member_id: int, before: Cursor | None, sources: Sequence[Source]) -> QuerySet[Any]:
    place = sources.index(source)
    rows = source.rows(member_id).annotate(
        told_at=F(source.at),
        told_place=Value(place, IntegerField()),
        told_key=Cast(source.key, TextField()),
        told=JSONObject(**source.details),
    )
    if before is not None:
        rows = rows.filter(_is_after(before, place, [each.kind for each in sources].index(before.kind)))
    return _newest_first(rows.values_list("told_at", "told_place", "told_key", "told"))


def _is_after(before: Cursor, place: int, cursor_place: int) -> Q:
    """Moments of one time are told by source, then by key."""
    if place < cursor_place:
        return Q(told_at__lt=before.at)
    if place > cursor_place:
        return Q(told_at__lte=before.at)
    # The bound on the time stands by itself, so that an index can be entered by it.
    return Q(told_at__lte=before.at) & (Q(told_at__lt=before.at) | Q(told_key__lt=before.key))


def _newest_first(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("-told_at", "told_place", "-told_key")
