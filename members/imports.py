"""Kinds of facts that can be brought in, by file and by API alike. Apps above add kinds in `AppConfig.ready()`."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members import event_rows, ingest, ingest_events, locking, rows
from members.faults import Fault, RowError
from members.folding import IngestResult, Rejections
from members.import_columns import Column, column_of
from members.models import Attribute, Level

Step = TypeVar("Step")


class UnknownKind(LookupError):
    """No app has registered this kind of facts."""


class Ingest(Protocol):
    def __call__(self, rows: Any, *, now: datetime) -> IngestResult: ...


@dataclass(frozen=True)
class Importer:
    """How one kind of facts comes in.

    `load_context` is called once a file or request; `parse` turns a raw row (column → value) and that context into a
    row or raises RowError; `ingest` writes rows in one transaction and may reject some for what the database holds.
    Columns that begin with one of `prefixes` are allowed beside those named; `declared` lists
    those there are at present.

    `title` is what operators call the kind, and `permission` what they need, beside `members.start_importrun`, to
    import it. How the columns are called is in `members.import_columns`. A kind whose rows remember the file that they
    came from says by `ingest_named` how those of a file are written.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    load_context: Callable[[datetime], Any]
    parse: Callable[[rows.Raw, Any], Any]
    ingest: Ingest
    prefixes: tuple[str, ...] = ()
    declared: Callable[[], Mapping[str, Column]] | None = None
    title: str | Promise = ""
    permission: str = ""
    ingest_named: Callable[[str], Ingest] | None = None
    # Reads rows of the plainest kind all at once; None where one of them is not, and each is read by itself.
    parse_plain: Callable[[Sequence[rows.Raw], Any], list[Any] | None] | None = None

    def of_file(self, name: str) -> "Importer":
        """Return how rows of the file of this name are brought in."""
        return self if self.ingest_named is None else replace(self, ingest=self.ingest_named(name))

    def columns(self) -> dict[str, Column]:
        """Return every column that a file may bring, by its key, the required ones first."""
        named = {name: column_of(name) for name in (*self.required, *self.optional)}
        return named | (dict(self.declared()) if self.declared else {})

    def knows(self, column: str) -> bool:
        named = column in self.required or column in self.optional
        return named or column.startswith(self.prefixes)


_kinds: dict[str, Importer] = {}


def register_kind(name: str, importer: Importer) -> None:
    if _kinds.get(name, importer) != importer:
        raise ValueError(f"there is already a kind {name!r}")
    _kinds[name] = importer


def kinds() -> list[str]:
    """Return every kind, in the order in which the apps registered them: what others refer to comes first."""
    return list(_kinds)


def importer_of(name: str) -> Importer:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def title_of(name: str) -> str:
    """Return what operators call the kind; its name, if no app knows it any more or none has named it."""
    return str((_kinds[name].title if name in _kinds else "") or name)


@dataclass(frozen=True, slots=True)
class Read:
    """Rows that were read: the good ones with their numbers, and (number, reason) of the others."""

    good: list[Any]
    numbers: list[int]
    rejected: Rejections


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


def take(
    importer: Importer, raws: Iterable[tuple[int, rows.Raw | RowError]], *, context: Any, now: datetime
) -> IngestResult:
    """Bring in raw rows, each with its number. Good rows are kept; the result's `rejected` has the others' numbers.

    A RowError in the place of a row is a row that could not even be read.
    """
    return bring_in(importer, read(importer, raws, context=context), now=now)


@_collector_paused()
def read(importer: Importer, raws: Iterable[tuple[int, rows.Raw | RowError]], *, context: Any) -> Read:
    """Read raw rows as `take` does. It asks nothing of the database, so it can be done in a thread of its own."""
    if importer.parse_plain is not None:
        raws = list(raws)
        plain = importer.parse_plain([raw for _, raw in raws if not isinstance(raw, RowError)], context) if raws else []
        if plain is not None and len(plain) == len(raws):
            return Read(plain, [number for number, _ in raws], [])
    good, numbers, rejected = [], [], []
    parse = importer.parse
    for number, raw in raws:
        try:
            if isinstance(raw, RowError):
                raise raw
            good.append(parse(raw, context))
            numbers.append(number)
        except RowError as error:
            rejected.append((number, error))
    return Read(good, numbers, rejected)


@_collector_paused()
def bring_in(importer: Importer, given: Read, *, now: datetime) -> IngestResult:
    """Bring in rows that were read. Those of members who were erased are rejected."""
    good, numbers, rejected = given.good, given.numbers, list(given.rejected)
    while True:
        try:
            result = importer.ingest(good, now=now)
            break
        except locking.UidsErased as error:
            of_erased = {index for index, row in enumerate(good) if row.uid in error.uids}
            rejected += [(numbers[index], RowError(Fault.MEMBER_ERASED, "uid")) for index in sorted(of_erased)]
            good = [row for index, row in enumerate(good) if index not in of_erased]
            numbers = [number for index, number in enumerate(numbers) if index not in of_erased]
    rejected += [(numbers[index], error) for index, error in result.rejected]
    rejected.sort(key=lambda each: each[0])
    return replace(result, rejected=rejected)


def one_ahead(steps: Iterator[Step]) -> Iterator[Step]:
    """Yield what `steps` yields, and work out each next one in a thread while the caller is busy with the last.

    The database does most of the work of bringing rows in, so reading the next ones meanwhile costs no time.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as thread:
        coming = thread.submit(next, steps, None)
        while (step := coming.result()) is not None:
            coming = thread.submit(next, steps, None)
            yield step


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
        providers=frozenset(settings.IDENTITY_PROVIDERS),
    )


def declared_columns() -> dict[str, Column]:
    """Return the columns of the attributes that operators declared and of the providers that the settings name."""
    attributes = {
        f"{rows.ATTRIBUTE_PREFIX}{attribute.slug}": Column(
            str(attribute), (attribute.slug, attribute.label, attribute.label_en)
        )
        for attribute in Attribute.objects.all()
    }
    identities = {
        f"{rows.IDENTITY_PREFIX}{provider}": Column(gettext("Id at %(provider)s") % {"provider": provider}, (provider,))
        for provider in settings.IDENTITY_PROVIDERS
    }
    return attributes | identities


def load_event_context(now: datetime) -> event_rows.EventContext:
    """Return what rows of events are read against."""
    return event_rows.EventContext(now=now, zone=ZoneInfo(settings.TIME_ZONE))


def register_own_kinds() -> None:
    register_kind(
        "members",
        Importer(
            required=rows.MEMBER_COLUMNS[:1],
            optional=rows.MEMBER_COLUMNS[1:],
            prefixes=(rows.ATTRIBUTE_PREFIX, rows.IDENTITY_PREFIX),
            load_context=load_context,
            parse=rows.parse_member,
            ingest=ingest.ingest_members,
            declared=declared_columns,
            title=_("Members"),
            permission="members.add_member",
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
            title=_("Orders"),
            permission="members.add_order",
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
            title=_("Lines of orders"),
            permission="members.add_orderitem",
        ),
    )
    register_kind(
        "refunds",
        Importer(
            required=rows.REFUND_COLUMNS[:4],
            optional=rows.REFUND_COLUMNS[4:],
            load_context=load_context,
            parse=rows.parse_refund,
            ingest=ingest.ingest_refunds,
            title=_("Refunds"),
            permission="members.add_refund",
        ),
    )
    register_kind(
        "events",
        Importer(
            required=event_rows.EVENT_COLUMNS[:4],
            optional=event_rows.EVENT_COLUMNS[4:],
            load_context=load_event_context,
            parse=event_rows.parse_event,
            parse_plain=event_rows.parse_plain,
            ingest=ingest_events.ingest_events,
            title=_("Events"),
            permission="members.add_event",
        ),
    )
