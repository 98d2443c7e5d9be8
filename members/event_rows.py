"""Rows of behaviour events. Pure: a raw row in, a checked row or a `RowError` out.

Events come in by the million, so this reads what is usual fast, and leaves what is not to the readers of `cells`.
"""

import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import le
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from members import cells
from members.faults import Fault, RowError
from members.rows import Raw, refuse_unknown_columns

LATE_ALLOWED = timedelta(days=90)
AHEAD_ALLOWED = timedelta(minutes=10)
PROPERTIES_LIMIT = 4_096
DEPTH_LIMIT = 5
EVENT_COLUMNS = ("event_id", "uid", "type", "occurred_at", "item", "category", "keyword", "properties")
_KNOWN = frozenset(EVENT_COLUMNS)
# The columns that hold text, with the characters that fit.
_TEXTS = {"event_id": 100, "uid": 100, "type": 50, "occurred_at": 64, "item": 100, "category": 100, "keyword": 200}
_TYPE = re.compile(r"[a-zA-Z0-9_-]+", re.ASCII)
_NOTHING = "{}"


@dataclass(frozen=True, slots=True)
class EventContext:
    """What a row is read against: the time it comes in, and the zone of times that name none."""

    now: datetime
    zone: ZoneInfo


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
    if not raw.keys() <= _KNOWN:
        refuse_unknown_columns(raw, EVENT_COLUMNS)
    event_id, uid, kind, occurred_at, item, category, keyword = _texts(raw)
    return EventRow(
        event_id or _missing("event_id"),
        uid or _missing("uid"),
        _type(kind),
        _occurred_at(occurred_at, context),
        item,
        category,
        keyword,
        _properties(raw.get("properties")),
    )


def _texts(raw: Raw) -> list[str]:
    """Return the columns that hold text, trimmed; "" for what was not given."""
    given: list[Any] = [raw.get(column, "") for column in _TEXTS]
    # What is printable and short and has no space at either end, all of it at once, needs no look at each.
    with suppress(TypeError):
        together = f"|{'|'.join(given)}|"
        plain = together.isprintable() and " |" not in together and "| " not in together
        if plain and all(map(le, map(len, given), _TEXTS.values())):
            return given
    return [cells.text(raw.get(column), column, limit=limit) or "" for column, limit in _TEXTS.items()]


def _missing(column: str) -> str:
    raise RowError(Fault.MISSING, column)


def _type(given: str) -> str:
    if not _TYPE.fullmatch(given or _missing("type")):
        raise RowError(Fault.NOT_A_KEY, "type", value=given)
    return given


def _occurred_at(given: str, context: EventContext) -> datetime:
    try:
        moment = datetime.fromisoformat(given or _missing("occurred_at"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=context.zone)
        # By arithmetic between two zones: astimezone() would overflow for the first and the last day there is.
        late = context.now.astimezone(UTC) - moment
    except (ValueError, OverflowError):
        raise RowError(Fault.BAD_TIME, "occurred_at", value=given) from None
    if late > LATE_ALLOWED:
        raise RowError(Fault.TOO_LATE, "occurred_at", value=given, days=LATE_ALLOWED.days)
    if -late > AHEAD_ALLOWED:
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
