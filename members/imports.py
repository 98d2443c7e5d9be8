"""Kinds of facts that can be brought in, by file and by API alike. Apps above add kinds in `AppConfig.ready()`."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from members import event_rows, ingest, ingest_events, rows
from members.faults import RowError
from members.ingest import IngestResult
from members.models import Attribute, Level


class UnknownKind(LookupError):
    """No app has registered this kind of facts."""


class Ingest(Protocol):
    def __call__(self, rows: Any, *, now: datetime) -> IngestResult: ...


@dataclass(frozen=True)
class Importer:
    """How one kind of facts comes in.

    `load_context` is called once a file or request; `parse` turns a raw row (column → value) and that context into a
    row or raises RowError; `ingest` writes rows in one transaction and may reject some for what the database holds.
    Columns that begin with `prefix` are allowed beside those named.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    load_context: Callable[[datetime], Any]
    parse: Callable[[rows.Raw, Any], Any]
    ingest: Ingest
    prefix: str | None = None

    def knows(self, column: str) -> bool:
        named = column in self.required or column in self.optional
        return named or bool(self.prefix and column.startswith(self.prefix))


_kinds: dict[str, Importer] = {}


def register_kind(name: str, importer: Importer) -> None:
    if _kinds.get(name, importer) != importer:
        raise ValueError(f"there is already a kind {name!r}")
    _kinds[name] = importer


def kinds() -> list[str]:
    return sorted(_kinds)


def importer_of(name: str) -> Importer:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def take(
    importer: Importer, raws: Iterable[tuple[int, rows.Raw | RowError]], *, context: Any, now: datetime
) -> IngestResult:
    """Bring in raw rows, each with its number. Good rows are kept; the result's `rejected` has the others' numbers.

    A RowError in the place of a row is a row that could not even be read.
    """
    with _collector_paused():
        return _take(importer, raws, context=context, now=now)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Let the garbage collector wait: of thousands of rows made at once none is garbage before the batch is done.

    Walking them again and again took a sixth of the time in Python for a batch of 5,000 events.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Of two threads that pause it, the one that found it running lets it run again.
        if was_enabled:
            gc.enable()


def _take(
    importer: Importer, raws: Iterable[tuple[int, rows.Raw | RowError]], *, context: Any, now: datetime
) -> IngestResult:
    parsed, numbers, rejected = [], [], []
    for number, raw in raws:
        try:
            if isinstance(raw, RowError):
                raise raw
            parsed.append(importer.parse(raw, context))
            numbers.append(number)
        except RowError as error:
            rejected.append((number, error))
    result = importer.ingest(parsed, now=now) if parsed else IngestResult()
    rejected += [(numbers[index], error) for index, error in result.rejected]
    rejected.sort(key=lambda each: each[0])
    return IngestResult(result.created, result.updated, result.unchanged, rejected)


def load_context(now: datetime) -> rows.RowContext:
    """Return what rows of members and orders are read against."""
    return rows.RowContext(
        now=now,
        zone=ZoneInfo(settings.TIME_ZONE),
        levels=frozenset(Level.objects.values_list("slug", flat=True)),
        attributes={
            attribute.slug: rows.DeclaredAttribute(attribute.kind, tuple(attribute.choices))
            for attribute in Attribute.objects.all()
        },
    )


def load_event_context(now: datetime) -> event_rows.EventContext:
    """Return what rows of events are read against."""
    return event_rows.EventContext(now=now, zone=ZoneInfo(settings.TIME_ZONE))


def register_own_kinds() -> None:
    register_kind(
        "members",
        Importer(
            required=rows.MEMBER_COLUMNS[:1],
            optional=rows.MEMBER_COLUMNS[1:],
            prefix=rows.ATTRIBUTE_PREFIX,
            load_context=load_context,
            parse=rows.parse_member,
            ingest=ingest.ingest_members,
        ),
    )
    register_kind(
        "orders",
        Importer(
            required=rows.ORDER_COLUMNS[:4],
            optional=rows.ORDER_COLUMNS[4:],
            load_context=load_context,
            parse=rows.parse_order,
            ingest=ingest.ingest_orders,
        ),
    )
    register_kind(
        "order_items",
        Importer(
            required=rows.ORDER_ITEM_COLUMNS[:3],
            optional=rows.ORDER_ITEM_COLUMNS[3:],
            load_context=load_context,
            parse=rows.parse_order_item,
            ingest=ingest.ingest_order_items,
        ),
    )
    register_kind(
        "events",
        Importer(
            required=event_rows.EVENT_COLUMNS[:4],
            optional=event_rows.EVENT_COLUMNS[4:],
            load_context=load_event_context,
            parse=event_rows.parse_event,
            ingest=ingest_events.ingest_events,
        ),
    )
