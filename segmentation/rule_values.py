"""The values of a rule's clauses, read from JSON and typed. Pure: no Django, no queries."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from segmentation.fields import EXISTENCE, Kind
from segmentation.rule_errors import ValueFault, gettext_noop

LONGEST_LIST = 1000
LONGEST_TEXT = 200
LARGEST = Decimal(10) ** 15
MOST_DECIMALS = 6
YEARS = range(1900, 2201)


def read_value(kind: Kind, operator: str, value: Any) -> Any:
    """Return `value` as `operator` takes it over fields of `kind`: nothing, one value, a pair or a list."""
    if operator in EXISTENCE:
        return None
    read = READERS[kind]
    if operator in ("in", "not_in"):
        return _list(value, read)
    if operator in ("between", "not_between"):
        return _pair(value, read)
    return read(value, "")


def _list(value: Any, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueFault("", "wrong_type", gettext_noop("A list is needed."))
    if not value:
        raise ValueFault("", "empty", gettext_noop("The list is empty."))
    if len(value) > LONGEST_LIST:
        raise ValueFault("", "too_long", gettext_noop("At most %(most)s values."), most=LONGEST_LIST)
    return tuple(read(each, f"[{index}]") for index, each in enumerate(value))


def _pair(value: Any, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueFault("", "wrong_type", gettext_noop("A list of two values is needed, the lower first."))
    low, high = (read(each, f"[{index}]") for index, each in enumerate(value))
    if read is not _read_any and low > high:
        raise ValueFault("", "ends_before_start", gettext_noop("The lower value comes first."))
    return low, high


def read_integer(value: Any, path: str) -> int:
    if type(value) is not int:
        raise ValueFault(path, "wrong_type", gettext_noop("A whole number is needed."))
    if abs(value) > LARGEST:
        raise ValueFault(path, "out_of_range", gettext_noop("The number is too large."))
    return value


def read_decimal(value: Any, path: str) -> Decimal:
    """Read a number, or a text such as "99.50": amounts travel as text so that no binary fraction creeps in."""
    if type(value) not in (int, float, str) or (isinstance(value, str) and len(value) > 30):
        raise ValueFault(path, "wrong_type", gettext_noop("A number is needed."))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueFault(path, "wrong_type", gettext_noop("A number is needed.")) from None
    if not number.is_finite():
        raise ValueFault(path, "wrong_type", gettext_noop("A finite number is needed."))
    if abs(number) > LARGEST or int(number.as_tuple().exponent) < -MOST_DECIMALS:
        raise ValueFault(path, "out_of_range", gettext_noop("The number is too large or too fine."))
    return number


def read_text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise ValueFault(path, "wrong_type", gettext_noop("A text is needed."))
    if not value:
        raise ValueFault(path, "empty", gettext_noop("The text is empty."))
    if len(value) > LONGEST_TEXT:
        raise ValueFault(path, "too_long", gettext_noop("At most %(most)s characters."), most=LONGEST_TEXT)
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise ValueFault(path, "wrong_type", gettext_noop("The text holds characters that cannot be stored."))
    return value


def read_date(value: Any, path: str) -> date:
    if not isinstance(value, str) or len(value) != len("2026-01-01"):
        raise ValueFault(path, "wrong_type", gettext_noop("A date such as 2026-01-01 is needed."))
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueFault(path, "wrong_type", gettext_noop("A date such as 2026-01-01 is needed.")) from None
    if value != day.isoformat():
        raise ValueFault(path, "wrong_type", gettext_noop("A date such as 2026-01-01 is needed."))
    if day.year not in YEARS:
        raise ValueFault(
            path,
            "out_of_range",
            gettext_noop("A date from %(first)s to %(last)s is needed."),
            first=YEARS[0],
            last=YEARS[-1],
        )
    return day


def read_boolean(value: Any, path: str) -> bool:
    if type(value) is not bool:
        raise ValueFault(path, "wrong_type", gettext_noop("true or false is needed."))
    return value


def _read_any(value: Any, path: str) -> Any:
    """Accept any scalar of a declared attribute; its type is known once a catalogue is at hand."""
    if isinstance(value, str):
        return read_text(value, path)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        read_decimal(value, path)
        return value
    raise ValueFault(path, "wrong_type", gettext_noop("A text, a number or true or false is needed."))


READERS: dict[Kind, Callable[[Any, str], Any]] = {
    Kind.INTEGER: read_integer,
    Kind.DECIMAL: read_decimal,
    Kind.TEXT: read_text,
    Kind.KEY: read_text,
    Kind.DATE: read_date,
    Kind.MOMENT: read_date,
    Kind.BOOLEAN: read_boolean,
    Kind.DECLARED: _read_any,
}
