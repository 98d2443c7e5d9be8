"""Rows of facts, as CSV files and bulk requests bring them. Pure: a raw row in, a checked row or a `RowError` out.

None stands for "not given": an empty or absent cell leaves what is known of the member or the order as it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from members import cells
from members.currencies import CURRENCIES
from members.faults import Fault, RowError

ATTRIBUTE_PREFIX = "attribute."
IDENTITY_PREFIX = "identity."
GENDERS = ("female", "male", "other")
# What `AttributeValue.text` holds.
LONGEST_TEXT = 500
STATUSES = ("paid", "refunded")

Raw = Mapping[str, object]
AttributeValue = str | Decimal | date | bool


@dataclass(frozen=True, slots=True)
class DeclaredAttribute:
    """What an operator declared: the kind (a value of `Attribute.Kind`) and, for a choice, what can be chosen."""

    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowContext:
    """What a row is read against."""

    now: datetime
    zone: ZoneInfo
    levels: frozenset[str] = frozenset()
    attributes: Mapping[str, DeclaredAttribute] = field(default_factory=dict)
    providers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MemberRow:
    uid: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    gender: str | None = None
    birthday: date | None = None
    region: str | None = None
    joined_at: datetime | None = None
    level: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    # provider → the member's id there
    identities: Mapping[str, str] = field(default_factory=dict)


class OrderRow(NamedTuple):
    order_id: str
    uid: str
    paid_at: datetime
    amount: Decimal
    currency: str | None = None
    quantity: int | None = None
    channel: str | None = None
    payment_method: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class OrderItemRow:
    order_id: str
    line: int
    sku: str
    category: str | None = None
    quantity: int | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RefundRow:
    refund_id: str
    order_id: str
    refunded_at: datetime
    amount: Decimal
    line: int | None = None
    quantity: int | None = None


MEMBER_COLUMNS = ("uid", "name", "phone", "email", "gender", "birthday", "region", "joined_at", "level")
ORDER_COLUMNS = ("order_id", "uid", "paid_at", "amount", "currency", "quantity", "channel", "payment_method", "status")
ORDER_ITEM_COLUMNS = ("order_id", "line", "sku", "category", "quantity", "amount")
_ORDER_COLUMNS = frozenset(ORDER_COLUMNS)
_Details = tuple[str | None, int | None, str | None, str | None, str | None]
# Cells that mean what they say, character by character.
_PLAIN_KEY = re.compile(r"[!-~]{1,100}", re.ASCII).fullmatch
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,12}\.[0-9]{2}", re.ASCII).fullmatch
REFUND_COLUMNS = ("refund_id", "order_id", "refunded_at", "amount", "line", "quantity")


def parse_member(raw: Raw, context: RowContext) -> MemberRow:
    refuse_unknown_columns(raw, MEMBER_COLUMNS, prefixes=(ATTRIBUTE_PREFIX, IDENTITY_PREFIX))
    gender = cells.text(raw.get("gender"), "gender", limit=10)
    return MemberRow(
        uid=cells.required_text(raw.get("uid"), "uid", limit=100),
        name=cells.text(raw.get("name"), "name", limit=100),
        phone=cells.phone(raw.get("phone"), "phone"),
        email=cells.email(raw.get("email"), "email"),
        gender=cells.choice(gender and gender.lower(), "gender", GENDERS),
        birthday=cells.birthday(raw.get("birthday"), "birthday", today=context.now.astimezone(context.zone).date()),
        region=cells.text(raw.get("region"), "region", limit=100),
        joined_at=cells.time(raw.get("joined_at"), "joined_at", zone=context.zone, now=context.now),
        level=_level(raw.get("level"), context),
        attributes=_attributes(raw, context),
        identities=_identities(raw, context),
    )


def parse_order(raw: Raw, context: RowContext) -> OrderRow:
    """Read an order. Millions come at once, nearly all of them plain: these take a short way to the same row."""
    return _plain_order(raw, context) or read_order(raw, context)


def _plain_order(raw: Raw, context: RowContext) -> OrderRow | None:
    """Return what `read_order` returns, or None if the row is not of the plainest kind."""
    order_id, uid, paid_at, amount = raw.get("order_id"), raw.get("uid"), raw.get("paid_at"), raw.get("amount")
    if not (
        raw.keys() <= _ORDER_COLUMNS
        and type(order_id) is type(uid) is type(paid_at) is type(amount) is str
        and _PLAIN_KEY(order_id)
        and _PLAIN_KEY(uid)
        and _PLAIN_AMOUNT(amount)
    ):
        return None
    try:
        moment = datetime.fromisoformat(paid_at)
        if moment.tzinfo is not UTC:
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=context.zone)).astimezone(UTC)
        if not cells.EARLIEST_TIME <= moment <= context.now + cells.FUTURE_ALLOWED:
            return None
        details = _order_details(
            raw.get("currency"),
            raw.get("quantity"),
            raw.get("channel"),
            raw.get("payment_method"),
            raw.get("status"),
        )
    except (RowError, ValueError, OverflowError, TypeError):
        return None
    return OrderRow(order_id, uid, moment, Decimal(amount), *details)


def read_order(raw: Raw, context: RowContext) -> OrderRow:
    refuse_unknown_columns(raw, ORDER_COLUMNS)
    paid_at = cells.time(raw.get("paid_at"), "paid_at", zone=context.zone, now=context.now)
    return OrderRow(
        cells.required_text(raw.get("order_id"), "order_id", limit=100),
        cells.required_text(raw.get("uid"), "uid", limit=100),
        cells.required(paid_at, "paid_at"),
        cells.required(cells.amount(raw.get("amount"), "amount"), "amount"),
        *_read_details(
            raw.get("currency"),
            raw.get("quantity"),
            raw.get("channel"),
            raw.get("payment_method"),
            raw.get("status"),
        ),
    )


def _read_details(
    currency: object, quantity: object, channel: object, payment_method: object, status: object
) -> _Details:
    return (
        _currency(currency),
        cells.positive_integer(quantity, "quantity"),
        cells.text(channel, "channel", limit=50),
        cells.text(payment_method, "payment_method", limit=50),
        cells.choice(status, "status", STATUSES),
    )


# Few combinations make up most orders. Typed, since 1, 1.0 and True are not the same cell.
_order_details = lru_cache(maxsize=4_096, typed=True)(_read_details)


def parse_order_item(raw: Raw, _context: RowContext) -> OrderItemRow:
    refuse_unknown_columns(raw, ORDER_ITEM_COLUMNS)
    return OrderItemRow(
        order_id=cells.required_text(raw.get("order_id"), "order_id", limit=100),
        line=cells.required(cells.positive_integer(raw.get("line"), "line"), "line"),
        sku=cells.required_text(raw.get("sku"), "sku", limit=100),
        category=cells.text(raw.get("category"), "category", limit=100),
        quantity=cells.positive_integer(raw.get("quantity"), "quantity"),
        amount=cells.amount(raw.get("amount"), "amount"),
    )


def parse_refund(raw: Raw, context: RowContext) -> RefundRow:
    refuse_unknown_columns(raw, REFUND_COLUMNS)
    refunded_at = cells.time(raw.get("refunded_at"), "refunded_at", zone=context.zone, now=context.now)
    return RefundRow(
        refund_id=cells.required_text(raw.get("refund_id"), "refund_id", limit=100),
        order_id=cells.required_text(raw.get("order_id"), "order_id", limit=100),
        refunded_at=cells.required(refunded_at, "refunded_at"),
        amount=cells.required(cells.amount_above_zero(raw.get("amount"), "amount"), "amount"),
        line=cells.positive_integer(raw.get("line"), "line"),
        quantity=cells.positive_integer(raw.get("quantity"), "quantity"),
    )


def refuse_unknown_columns(raw: Raw, known: tuple[str, ...], *, prefixes: tuple[str, ...] = ()) -> None:
    """Raise RowError for a column that is not `known` and does not begin with one of `prefixes`."""
    for column in raw:
        if column not in known and not column.startswith(prefixes):
            raise RowError(Fault.UNKNOWN_COLUMN, column)


def _currency(raw: object) -> str | None:
    given = cells.text(raw, "currency", limit=20)
    if given is not None and given.upper() not in CURRENCIES:
        raise RowError(Fault.UNKNOWN_CURRENCY, "currency", value=given)
    return given and given.upper()


def _level(raw: object, context: RowContext) -> str | None:
    given = cells.text(raw, "level", limit=50)
    if given is not None and given not in context.levels:
        raise RowError(Fault.UNKNOWN_LEVEL, "level", value=given)
    return given


def _attributes(raw: Raw, context: RowContext) -> dict[str, AttributeValue]:
    read = {}
    for column in raw:
        if not column.startswith(ATTRIBUTE_PREFIX):
            continue
        slug = column.removeprefix(ATTRIBUTE_PREFIX)
        declared = context.attributes.get(slug)
        if declared is None:
            raise RowError(Fault.UNDECLARED_ATTRIBUTE, column)
        value = _READERS[declared.kind](raw[column], column, declared)
        if value is not None:
            read[slug] = value
    return read


def _identities(raw: Raw, context: RowContext) -> dict[str, str]:
    read = {}
    for column in raw:
        if not column.startswith(IDENTITY_PREFIX):
            continue
        provider = column.removeprefix(IDENTITY_PREFIX)
        if provider not in context.providers:
            raise RowError(Fault.UNKNOWN_PROVIDER, column)
        subject = cells.text(raw[column], column, limit=200)
        if subject is not None:
            read[provider] = subject
    return read


_Reader = Callable[[object, str, DeclaredAttribute], AttributeValue | None]
_READERS: dict[str, _Reader] = {
    "text": lambda raw, column, _: cells.text(raw, column, limit=LONGEST_TEXT),
    "number": lambda raw, column, _: cells.fine_number(raw, column),
    "date": lambda raw, column, _: cells.day(raw, column),
    "boolean": lambda raw, column, _: cells.yes_or_no(raw, column),
    "choice": lambda raw, column, declared: cells.choice(raw, column, declared.choices),
}
