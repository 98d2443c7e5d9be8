"""What can be wrong with a row: one code each, one wording each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Fault(StrEnum):
    MISSING = "missing"
    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    BAD_TIME = "bad_time"
    BAD_DATE = "bad_date"
    OUT_OF_RANGE = "out_of_range"
    IN_THE_FUTURE = "in_the_future"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    NEGATIVE = "negative"
    TOO_MANY_DECIMALS = "too_many_decimals"
    TOO_LARGE = "too_large"
    NOT_A_POSITIVE_INTEGER = "not_a_positive_integer"
    NOT_YES_OR_NO = "not_yes_or_no"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNKNOWN_CHOICE = "unknown_choice"
    UNKNOWN_LEVEL = "unknown_level"
    UNKNOWN_COLUMN = "unknown_column"
    UNDECLARED_ATTRIBUTE = "undeclared_attribute"
    UNKNOWN_PROVIDER = "unknown_provider"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    FIELD_COUNT = "field_count"
    BAD_QUOTING = "bad_quoting"
    UNKNOWN_ORDER = "unknown_order"
    ORDER_OF_ANOTHER_MEMBER = "order_of_another_member"
    IDENTITY_OF_ANOTHER_MEMBER = "identity_of_another_member"
    NOT_ABOVE_ZERO = "not_above_zero"
    REFUND_DIFFERS = "refund_differs"
    REFUND_EXCEEDS_ORDER = "refund_exceeds_order"
    UNKNOWN_LINE = "unknown_line"
    LESS_THAN_REFUNDED = "less_than_refunded"
    NOT_A_KEY = "not_a_key"
    TOO_LATE = "too_late"
    NOT_AN_OBJECT = "not_an_object"
    NOT_STORABLE = "not_storable"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_DEEP = "too_deep"
    EVENT_DIFFERS = "event_differs"
    MEMBER_ERASED = "member_erased"


# By code, so that a code that was stored finds its wording again.
WORDINGS: dict[str, Promise] = {
    Fault.MISSING: _("%(column)s is missing."),
    Fault.NOT_TEXT: _("%(column)s: %(value)s is not text."),
    Fault.TOO_LONG: _("%(column)s: the text has %(length)s characters, at most %(limit)s fit."),
    Fault.CONTROL_CHARACTER: _("%(column)s: %(value)s has an unprintable character at position %(position)s."),
    Fault.BAD_TIME: _("%(column)s: %(value)s is not a time such as 2026-11-21T20:00:00+08:00."),
    Fault.BAD_DATE: _("%(column)s: %(value)s is not a date such as 2026-11-21."),
    Fault.OUT_OF_RANGE: _("%(column)s: %(value)s is before %(earliest)s."),
    Fault.IN_THE_FUTURE: _("%(column)s: %(value)s is in the future."),
    Fault.NOT_A_NUMBER: _("%(column)s: %(value)s is not a number."),
    Fault.NOT_FINITE: _("%(column)s: %(value)s is not a finite number."),
    Fault.NEGATIVE: _("%(column)s: %(value)s is negative."),
    Fault.TOO_MANY_DECIMALS: _("%(column)s: %(value)s has more than %(limit)s decimals."),
    Fault.TOO_LARGE: _("%(column)s: %(value)s is too large, at most %(limit)s fits."),
    Fault.NOT_A_POSITIVE_INTEGER: _("%(column)s: %(value)s is not a whole number above 0."),
    Fault.NOT_YES_OR_NO: _("%(column)s: %(value)s is neither true nor false."),
    Fault.UNKNOWN_CURRENCY: _("%(column)s: %(value)s is not a currency code of ISO 4217, such as CNY."),
    Fault.UNKNOWN_CHOICE: _("%(column)s: %(value)s is none of %(choices)s."),
    Fault.UNKNOWN_LEVEL: _("%(column)s: there is no level with the key %(value)s."),
    Fault.UNKNOWN_COLUMN: _("%(column)s is not a known field."),
    Fault.UNDECLARED_ATTRIBUTE: _("%(column)s: no attribute with this key has been declared."),
    Fault.UNKNOWN_PROVIDER: _("%(column)s: no provider of identities has this name."),
    Fault.BAD_EMAIL: _("%(column)s: %(value)s is not an email address."),
    Fault.BAD_PHONE: _("%(column)s: %(value)s is not a phone number."),
    Fault.FIELD_COUNT: _("The row has %(count)s fields, the header has %(expected)s."),
    Fault.BAD_QUOTING: _(
        "Lines %(first)s to %(last)s cannot be read: quotation marks do not pair up, or a field is far too long."
    ),
    Fault.UNKNOWN_ORDER: _("%(column)s: there is no order %(value)s."),
    Fault.ORDER_OF_ANOTHER_MEMBER: _("%(column)s: order %(value)s belongs to another member."),
    Fault.IDENTITY_OF_ANOTHER_MEMBER: _("%(column)s: %(value)s is the identity of another member."),
    Fault.NOT_ABOVE_ZERO: _("%(column)s: %(value)s is not above 0."),
    Fault.REFUND_DIFFERS: _("%(column)s: refund %(value)s is on record with other content."),
    Fault.REFUND_EXCEEDS_ORDER: _("%(column)s: %(value)s is more than the %(left)s left to refund."),
    Fault.UNKNOWN_LINE: _("%(column)s: the order has no line %(value)s."),
    Fault.LESS_THAN_REFUNDED: _("%(column)s: %(value)s is less than the %(refunded)s already refunded."),
    Fault.NOT_A_KEY: _("%(column)s: %(value)s may have letters, digits, hyphens and underscores only."),
    Fault.TOO_LATE: _("%(column)s: %(value)s is more than %(days)s days ago."),
    Fault.NOT_AN_OBJECT: _("%(column)s: %(value)s is not a JSON object."),
    Fault.NOT_STORABLE: _("%(column)s has a number or a character that cannot be stored."),
    Fault.TOO_MANY_BYTES: _("%(column)s: the JSON has %(length)s bytes, at most %(limit)s fit."),
    Fault.TOO_DEEP: _("%(column)s is nested deeper than %(limit)s levels."),
    Fault.EVENT_DIFFERS: _("%(column)s: event %(value)s is known with another time or content."),
    Fault.MEMBER_ERASED: _("%(column)s: this member's data was erased; nothing more is taken in for this uid."),
}


PARAMETER_LENGTH = 200
Code = TypeVar("Code", bound=StrEnum)


def register_wordings(wordings: Mapping[Code, Promise]) -> None:
    """Let rows of an app above be refused for reasons of its own. Apps call this in `AppConfig.ready()`."""
    WORDINGS.update((str(code), wording) for code, wording in wordings.items())


def worded(code: str, column: str, details: Mapping[str, object]) -> str:
    """Return the reason in the reader's language; the code itself if no app knows it any more."""
    shown: Mapping[str, object] = {
        name: f"“{printable(detail)}”" if name == "value" else detail for name, detail in details.items()
    }
    wording = WORDINGS.get(code)
    return str(code) if wording is None else str(wording) % {"column": column, **shown}


class RowError(Exception):
    """A row is refused: `code` for machines, `column` for the place, `message` in the reader's language."""

    def __init__(self, code: StrEnum, column: str = "", **details: object) -> None:
        super().__init__(code)
        self.code = code
        # A column may be named by the client, so it is no safer than a value.
        self.column = printable(column, limit=100)
        self.details = details

    @property
    def message(self) -> str:
        return worded(self.code, self.column, self.details)

    @property
    def parameters(self) -> dict[str, str | int]:
        """What `worded` needs to say it again later, as JSON can hold it and a database store it."""
        return {
            name: detail if isinstance(detail, int) else printable(detail, limit=PARAMETER_LENGTH)
            for name, detail in self.details.items()
        }

    def __str__(self) -> str:
        return self.message


def printable(value: object, limit: int = 40) -> str:
    """Return `value` as one short line that is safe to show and to store."""
    text = value if isinstance(value, str) else repr(value)
    clipped = text if len(text) <= limit else f"{text[:limit]}…"
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in clipped)
