"""Rows of behaviour events. Pure: a raw row in, a checked row or a `RowError` out.

Events come in by the million, so this reads what is usual fast, and leaves what is not to the readers of `cells`.
"""

import json
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter, le
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from members import cells
from members.faults import Fault, RowError
from members.rows import Raw, refuse_unknown_columns

LATE_ALLOWED = timedelta(days=90)
AHEAD_ALLOWED = timedelta(minutes=10)
_AHEAD = -AHEAD_ALLOWED
PROPERTIES_LIMIT = 4_096
DEPTH_LIMIT = 5
EVENT_COLUMNS = ("event_id", "uid", "type", "occurred_at", "item", "category", "keyword", "properties")
_KNOWN = frozenset(EVENT_COLUMNS)
# The columns that hold text, with the characters that fit.
_TEXTS = {"event_id": 100, "uid": 100, "type": 50, "occurred_at": 64, "item": 100, "category": 100, "keyword": 200}
_EVERY = itemgetter(*_TEXTS, "properties")
_LONGEST = tuple(_TEXTS.values())
_TYPE = re.compile(r"[a-zA-Z0-9_-]+", re.ASCII).fullmatch
_NOTHING = "{}"


@dataclass(frozen=True, slots=True)
class EventContext:
    """What a row is read against: the time it comes in, and the zone of times that name none."""

    now: datetime
    zone: ZoneInfo
    now_utc: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "now_utc", self.now.astimezone(UTC))


class EventRow(NamedTuple):
    """`occurred_at` is in UTC; `properties` is a JSON object as text, its keys in order; what was not given is ""."""

    event_id: str
    uid: str
    type: str
    occurred_at: datetime
    item: str = ""
    category: str = ""
    keyword: str = ""
    properties: str = _NOTHING


def parse_event(raw: Raw, context: EventContext) -> EventRow:
    if raw.keys() == _KNOWN:
        *given, properties = _EVERY(raw)
    else:
        if not raw.keys() <= _KNOWN:
            refuse_unknown_columns(raw, EVENT_COLUMNS)
        given, properties = [raw.get(column, "") for column in _TEXTS], raw.get("properties")
    event_id, uid, kind, occurred_at, item, category, keyword = _texts(given)
    return EventRow(
        event_id or _missing("event_id"),
        uid or _missing("uid"),
        kind if _TYPE(kind) else _no_type(kind),
        _occurred_at(occurred_at, context),
        item,
        category,
        keyword,
        _properties(properties),
    )


def parse_plain(raws: Sequence[Raw], context: EventContext) -> list[EventRow] | None:
    """Return what `parse_event` makes of each row, if all of them are of the plainest kind; None else.

    Each column is looked at as a whole, which takes half the time.
    """
    try:
        if not all(raw.keys() == _KNOWN for raw in raws):
            return None
        *texts, properties = zip(*map(_EVERY, raws), strict=True)
        if not (_are_plain(texts) and set(map(type, properties)) == {dict}):
            return None
        moments = _moments(texts[3], context)
        objects = _objects(properties)
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None
    if moments is None or objects is None:
        return None
    return list(map(EventRow._make, zip(*texts[:3], moments, *texts[4:], objects, strict=True)))


def _are_plain(columns: Sequence[Sequence[str]]) -> bool:
    """Whether every text is printable, not too long, without a space at either end, and given where it must be."""
    together = "|".join(["|".join(column) for column in columns])
    return (
        together.isprintable()
        and " |" not in together
        and "| " not in together
        and not together.startswith(" ")
        and not together.endswith(" ")
        and all(max(map(len, column)) <= longest for column, longest in zip(columns, _LONGEST, strict=True))
        and all(map(all, columns[:4]))
        and all(map(_TYPE, set(columns[2])))
    )


def _moments(given: Sequence[str], context: EventContext) -> list[datetime] | None:
    read = list(map(datetime.fromisoformat, given))
    if None in {moment.tzinfo for moment in read}:
        return None
    moments = [moment.astimezone(UTC) for moment in read]
    in_time = min(moments) >= context.now_utc - LATE_ALLOWED and max(moments) <= context.now_utc + AHEAD_ALLOWED
    return moments if in_time else None


def _objects(given: Sequence[object]) -> list[str] | None:
    """The JSON of flat objects in which nothing has to be looked for, as `_properties` does; None else."""
    texts = [orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in given]
    together = b"".join(texts)
    is_flat = together.count(b"{") + together.count(b"[") == len(texts)
    if not is_flat or b"null" in together or b"\\u0000" in together or max(map(len, texts)) > PROPERTIES_LIMIT:
        return None
    return list(map(bytes.decode, texts))


def _texts(given: list[Any]) -> list[str]:
    """Return the columns that hold text, trimmed; "" for what was not given."""
    # What is printable and short and has no space at either end, all of it at once, needs no look at each.
    with suppress(TypeError):
        together = f"|{'|'.join(given)}|"
        plain = together.isprintable() and " |" not in together and "| " not in together
        if plain and all(map(le, map(len, given), _LONGEST)):
            return given
    columns = zip(given, _TEXTS.items(), strict=True)
    return [cells.text(raw, column, limit=limit) or "" for raw, (column, limit) in columns]


def _missing(column: str) -> str:
    raise RowError(Fault.MISSING, column)


def _no_type(given: str) -> str:
    raise RowError(Fault.NOT_A_KEY, "type", value=given or _missing("type"))


def _occurred_at(given: str, context: EventContext) -> datetime:
    try:
        moment = datetime.fromisoformat(given or _missing("occurred_at"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=context.zone)
        # By arithmetic between two zones: astimezone() would overflow for the first and the last day there is.
        late = context.now_utc - moment
    except (ValueError, OverflowError):
        raise RowError(Fault.BAD_TIME, "occurred_at", value=given) from None
    if late > LATE_ALLOWED:
        raise RowError(Fault.TOO_LATE, "occurred_at", value=given, days=LATE_ALLOWED.days)
    if late < _AHEAD:
        raise RowError(Fault.IN_THE_FUTURE, "occurred_at", value=given)
    return moment.astimezone(UTC)


def _properties(raw: object) -> str:
    """Return a JSON object as text. CSV sends text, JSON the object itself."""
    if raw is None or raw in ("", {}):
        return _NOTHING
    given = _from_text(raw) if isinstance(raw, str) else raw
    if not isinstance(given, dict):
        raise RowError(Fault.NOT_AN_OBJECT, "properties", value=raw)
    try:
        text = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Halves of surrogate pairs, numbers beyond 64 bits, nesting by the hundred.
        raise RowError(Fault.NOT_STORABLE, "properties") from None
    if len(text) > PROPERTIES_LIMIT:
        raise RowError(Fault.TOO_MANY_BYTES, "properties", length=len(text), limit=PROPERTIES_LIMIT)
    if b"null" in text or b"\\u0000" in text or text.count(b"{") + text.count(b"[") > DEPTH_LIMIT:
        # Only then can it have what is looked for: NaN is written as null, NUL as \u0000.
        _check(given, depth=1)
    return text.decode()


def _from_text(text: str) -> object:
    if len(text) > PROPERTIES_LIMIT * 4:
        raise RowError(Fault.TOO_MANY_BYTES, "properties", length=len(text), limit=PROPERTIES_LIMIT)
    if not text.strip():
        return {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RowError(Fault.NOT_AN_OBJECT, "properties", value=text) from None


def _check(value: object, *, depth: int) -> None:
    """Refuse what jsonb cannot hold (NUL, NaN, infinity) and what is nested deeper than DEPTH_LIMIT."""
    if isinstance(value, str):
        if "\x00" in value:
            raise RowError(Fault.NOT_STORABLE, "properties")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise RowError(Fault.NOT_STORABLE, "properties")
    elif isinstance(value, dict | list):
        if depth > DEPTH_LIMIT:
            raise RowError(Fault.TOO_DEEP, "properties", limit=DEPTH_LIMIT)
        for each in value:
            _check(each, depth=depth + 1)
        if isinstance(value, dict):
            for each in value.values():
                _check(each, depth=depth + 1)
