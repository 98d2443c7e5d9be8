"""One value of a row, read strictly. CSV sends text; JSON may also send numbers and booleans.

Each reader takes the raw value and the name of its column, returns None for a value that was not given,
and raises `RowError` for one that cannot be.
"""

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from members.faults import Fault, RowError

T = TypeVar("T")

EARLIEST_TIME = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_BIRTHDAY = date(1900, 1, 1)
# Clocks differ and a day begins earlier in the east; more than a day ahead is a wrong date.
FUTURE_ALLOWED = timedelta(days=1)
AMOUNT_LIMIT = Decimal("999999999999.99")
NUMBER_LIMIT = Decimal("999999999999999")
NUMBER_DECIMALS = 6
QUANTITY_LIMIT = 1_000_000

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(s?nan|inf(inity)?)", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d[\d ()-]{3,28}", re.ASCII)
# What Excel makes of a date in China when it saves a file; the year comes first, so it can mean but one day.
_SPREADSHEET_TIME = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)
_EMAIL = EmailValidator()
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
# Control characters and halves of surrogate pairs.
_UNSTORABLE = frozenset({"Cc", "Cs"})


def text(raw: object, column: str, *, limit: int) -> str | None:
    """Return the trimmed text, None if it is empty."""
    if raw is None:
        return None
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        raise RowError(Fault.NOT_TEXT, column, value=raw)
    trimmed = raw.strip()
    if len(trimmed) > limit:
        raise RowError(Fault.TOO_LONG, column, length=len(trimmed), limit=limit)
    if not trimmed.isprintable():
        _refuse_control_characters(trimmed, column)
    return trimmed or None


def is_storable(text: str) -> bool:
    """Tell whether `text` has nothing that no store can hold: what is not may be asked for, and is nobody's uid."""
    return text.isprintable() or not any(unicodedata.category(each) in _UNSTORABLE for each in text)


def _refuse_control_characters(value: str, column: str) -> None:
    """Refuse what no store or screen can hold: control characters (NUL above all) and halves of surrogate pairs.

    Characters that join or space others are not printable to Python either, but belong to emoji and to many scripts.
    """
    for position, each in enumerate(value, start=1):
        if unicodedata.category(each) in _UNSTORABLE:
            raise RowError(Fault.CONTROL_CHARACTER, column, value=value, position=position)


def required_text(raw: object, column: str, *, limit: int) -> str:
    return required(text(raw, column, limit=limit), column)


def required(value: T | None, column: str) -> T:
    if value is None:
        raise RowError(Fault.MISSING, column)
    return value


def time(raw: object, column: str, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return an aware time from ISO 8601. A naive one is in `zone`; a date alone is its midnight there."""
    given = text(raw, column, limit=64)
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(_as_iso(given))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        # In UTC by arithmetic: astimezone() would overflow for the first and the last day there is.
        distance = moment - now
    except (ValueError, OverflowError):
        raise RowError(Fault.BAD_TIME, column, value=given) from None
    if moment < EARLIEST_TIME:
        raise RowError(Fault.OUT_OF_RANGE, column, value=given, earliest=EARLIEST_TIME.date().isoformat())
    if distance > FUTURE_ALLOWED:
        raise RowError(Fault.IN_THE_FUTURE, column, value=given)
    return moment.astimezone(UTC)


def _as_iso(given: str) -> str:
    """Return 2026/1/5 8:30 as 2026-01-05T08:30:00, anything else as it is."""
    found = _SPREADSHEET_TIME.fullmatch(given) if "/" in given else None
    if found is None:
        return given
    year, month, day, hour, minute, second = found.groups()
    written = f"{year}-{month:0>2}-{day:0>2}"
    return written if hour is None else f"{written}T{hour:0>2}:{minute}:{second or '00'}"


def day(raw: object, column: str) -> date | None:
    """Return a date from ISO 8601."""
    given = text(raw, column, limit=64)
    if given is None:
        return None
    try:
        return date.fromisoformat(_as_iso(given))
    except ValueError:
        raise RowError(Fault.BAD_DATE, column, value=given) from None


def birthday(raw: object, column: str, *, today: date) -> date | None:
    born = day(raw, column)
    if born is not None and born < EARLIEST_BIRTHDAY:
        raise RowError(Fault.OUT_OF_RANGE, column, value=str(born), earliest=EARLIEST_BIRTHDAY.isoformat())
    if born is not None and born > today:
        raise RowError(Fault.IN_THE_FUTURE, column, value=str(born))
    return born


def number(raw: object, column: str, *, limit: Decimal = NUMBER_LIMIT) -> Decimal | None:
    """Return a finite decimal of at most `limit`, in either direction."""
    if isinstance(raw, float):
        raw = repr(raw)
    given = text(raw, column, limit=64)
    if given is None:
        return None
    if _NOT_FINITE.fullmatch(given):
        raise RowError(Fault.NOT_FINITE, column, value=given)
    if not _NUMBER.fullmatch(given):
        raise RowError(Fault.NOT_A_NUMBER, column, value=given)
    value = Decimal(given)
    if abs(value) > limit:
        raise RowError(Fault.TOO_LARGE, column, value=given, limit=limit)
    return value


def amount(raw: object, column: str) -> Decimal | None:
    """Return money: 0 or more, at most 2 decimals."""
    value = number(raw, column, limit=AMOUNT_LIMIT)
    if value is None:
        return None
    if value < 0:
        raise RowError(Fault.NEGATIVE, column, value=str(raw))
    cents = value.quantize(Decimal("0.01"))
    if cents != value:
        raise RowError(Fault.TOO_MANY_DECIMALS, column, value=str(raw), limit=2)
    return abs(cents)


def fine_number(raw: object, column: str) -> Decimal | None:
    """Return a number that is stored as it is given: at most 6 decimals."""
    value = number(raw, column)
    if value is None:
        return None
    stored = value.quantize(Decimal(1).scaleb(-NUMBER_DECIMALS))
    if stored != value:
        raise RowError(Fault.TOO_MANY_DECIMALS, column, value=str(raw), limit=NUMBER_DECIMALS)
    return stored


def amount_above_zero(raw: object, column: str) -> Decimal | None:
    """Return money above 0, at most 2 decimals."""
    value = amount(raw, column)
    if value == 0:
        raise RowError(Fault.NOT_ABOVE_ZERO, column, value=str(raw))
    return value


def positive_integer(raw: object, column: str, *, limit: int = QUANTITY_LIMIT) -> int | None:
    given = text(raw, column, limit=64) if not isinstance(raw, float | bool) else str(raw)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit()) or int(given) == 0:
        raise RowError(Fault.NOT_A_POSITIVE_INTEGER, column, value=given)
    if int(given) > limit:
        raise RowError(Fault.TOO_LARGE, column, value=given, limit=limit)
    return int(given)


def yes_or_no(raw: object, column: str) -> bool | None:
    if isinstance(raw, bool):
        return raw
    given = text(raw, column, limit=10)
    if given is None:
        return None
    if given.lower() in _TRUE:
        return True
    if given.lower() in _FALSE:
        return False
    raise RowError(Fault.NOT_YES_OR_NO, column, value=given)


def choice(raw: object, column: str, choices: Collection[str]) -> str | None:
    given = text(raw, column, limit=200)
    if given is not None and given not in choices:
        raise RowError(Fault.UNKNOWN_CHOICE, column, value=given, choices=", ".join(choices))
    return given


def email(raw: object, column: str) -> str | None:
    given = text(raw, column, limit=254)
    if given is not None:
        try:
            _EMAIL(given)
        except ValidationError:
            raise RowError(Fault.BAD_EMAIL, column, value=given) from None
    return given


def phone(raw: object, column: str) -> str | None:
    given = text(raw, column, limit=30)
    if given is not None and not _PHONE.fullmatch(given):
        raise RowError(Fault.BAD_PHONE, column, value=given)
    return given
