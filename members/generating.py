"""Believable facts in bulk, for measuring. The same seed gives the same shop."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from members import generating_events, metrics
from members.models import Level, Member

LEVELS = (("normal", "普通会员", 0), ("growth", "成长会员", 1_000), ("senior", "资深会员", 5_000))
LEVEL_SHARES = (0.72, 0.22, 0.06)
REGIONS = ("上海", "北京", "广东", "江苏", "浙江", "四川", "湖北", "山东")
CATEGORIES = ("milk", "snacks", "tea", "skincare", "toys", "books")
CHANNELS = ("app", "miniprogram", "web", "store")
PAYMENT_METHODS = ("wechat", "alipay", "card")
GENDERS = ("female", "male", "")
DAYS = 730
# Every third order has its items on record.
ORDERS_PER_ITEMISED = 3

TABLES = (
    "members_member",
    "members_memberlevel",
    "members_order",
    "members_orderitem",
    "members_membermetrics",
    "members_dailytotal",
    "members_event",
)
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""

Columns = dict[str, Iterable[object]]


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many of each are made."""

    members: int
    orders: int
    events: int


class NotEmpty(Exception):
    """There are members already; facts for measuring are made in an empty shop only."""


@transaction.atomic
def generate(amounts: Amounts, *, seed: int, now: datetime, told: Callable[[str], None]) -> None:
    """Make members with levels and regions, orders, items of a third of them, their totals, and behaviour events.

    Raises NotEmpty.

    The feed stays empty: nobody is told of what never happened. Nor is anybody touched (`members.touches`): the shop
    was empty, so nothing was computed before.
    """
    if Member.objects.exists():
        raise NotEmpty
    chance = np.random.default_rng(seed)
    with _foreign_keys_checked_at_the_end():
        told("members")
        first_member = _make_members(chance, amounts.members, now)
        told("orders")
        first_order, cents, refunded = _make_orders(chance, first_member, amounts.members, amounts.orders, now)
        told("order items")
        _make_items(chance, first_order, cents, refunded)
        told("totals")
        metrics.rebuild()
        told("events")
        uids = {_uid(number): first_member + number for number in range(amounts.members)}
        local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
        generating_events.generate(chance, amounts.events, members=uids, categories=CATEGORIES, now=local)
    told("done")


@contextmanager
def _foreign_keys_checked_at_the_end() -> Iterator[None]:
    """Set the foreign keys of the tables aside, then put them back, which checks them all at once.

    Checked row by row, three million references took most of the time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN_KEYS, [list(TABLES)])
        foreign_keys = cursor.fetchall()
        for table, name, _definition in foreign_keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield
        for table, name, definition in foreign_keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _make_members(chance: np.random.Generator, count: int, now: datetime) -> int:
    levels: dict[object, int] = {}
    for rank, (slug, name, needed) in enumerate(LEVELS, start=100):
        defaults = {"name": name, "rank": rank, "growth_needed": needed}
        levels[Level.objects.get_or_create(slug=slug, defaults=defaults)[0].pk] = needed
    first = _reserve("members_member", count)
    joined = _times(now, chance.integers(0, DAYS * 86_400, count))
    _copy(
        "members_member",
        {
            "id": range(first, first + count),
            "uid": map(_uid, range(count)),
            "name": (f"会员{number}" for number in range(count)),
            "gender": _picked(chance, GENDERS, count, (0.5, 0.4, 0.1)),
            "region": _picked(chance, REGIONS, count),
            "joined_at": joined,
            "level_id": (picked := _picked(chance, levels, count, LEVEL_SHARES)),
            "created_at": joined,
        },
    )
    # As an import leaves them: on their level without having earned its growth value here.
    _copy(
        "members_memberlevel",
        {
            "member_id": range(first, first + count),
            "growth_level_id": picked,
            "growth": (0 for _ in range(count)),
            "growth_base": (-levels[level] for level in picked),
            "since": joined,
        },
    )
    return first


def _uid(number: int) -> str:
    return f"g-{number:08d}"


def _make_orders(
    chance: np.random.Generator, first_member: int, members: int, count: int, now: datetime
) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the id of the first order, the amount of each in cents and whether it was refunded in whole."""
    first = _reserve("members_order", count)
    # Few members buy much: the weights fall as those of a shop do.
    weights = chance.pareto(1.5, members) + 0.1
    buyers = chance.choice(members, size=count, p=weights / weights.sum())
    # More of the orders are recent than old.
    seconds = (chance.beta(1, 1.6, count) * DAYS * 86_400).astype(np.int64)
    cents = np.maximum(1, chance.lognormal(8.7, 0.9, count)).astype(np.int64)
    refunded = chance.random(count) < 0.03
    amounts = _money(cents)
    quantities = chance.integers(1, 6, count)
    _copy(
        "members_order",
        {
            "id": range(first, first + count),
            "order_id": (f"g-{number:09d}" for number in range(count)),
            "member_id": (buyers + first_member).tolist(),
            "paid_at": _times(now, seconds),
            "amount": amounts,
            "refunded_amount": (amount if back else "0" for amount, back in zip(amounts, refunded, strict=True)),
            "currency": ("CNY" for _ in range(count)),
            "quantity": quantities.tolist(),
            "refunded_quantity": (quantities * refunded).tolist(),
            "channel": _picked(chance, CHANNELS, count),
            "payment_method": _picked(chance, PAYMENT_METHODS, count),
            "status": ("refunded" if back else "paid" for back in refunded.tolist()),
        },
    )
    return first, cents, refunded


def _make_items(chance: np.random.Generator, first_order: int, cents: np.ndarray, refunded: np.ndarray) -> None:
    """Give every third order one or two lines that add up to its amount."""
    itemised = np.arange(0, len(cents), ORDERS_PER_ITEMISED)
    halved = itemised[chance.random(len(itemised)) < 0.4]
    second = np.zeros(len(cents), dtype=np.int64)
    second[halved] = cents[halved] // 2
    orders = np.concatenate([itemised, halved])
    amounts = np.concatenate([(cents - second)[itemised], second[halved]])
    lines = [1] * len(itemised) + [2] * len(halved)
    categories = _picked(chance, CATEGORIES, len(orders))
    quantities = chance.integers(1, 4, len(orders))
    back = refunded[orders]
    _copy(
        "members_orderitem",
        {
            "order_id": (orders + first_order).tolist(),
            "line": lines,
            "sku": (f"{category}-{line}" for category, line in zip(categories, lines, strict=True)),
            "category": categories,
            "quantity": quantities.tolist(),
            "amount": _money(amounts),
            "refunded_quantity": (quantities * back).tolist(),
            "refunded_amount": _money(amounts * back),
        },
    )


def _money(cents: np.ndarray) -> list[str]:
    return [f"{value // 100}.{value % 100:02d}" for value in cents.tolist()]


def _picked(
    chance: np.random.Generator, choices: Iterable[object], count: int, shares: Iterable[float] | None = None
) -> list[object]:
    listed = list(choices)
    picks = chance.choice(len(listed), size=count, p=None if shares is None else list(shares))
    return [listed[pick] for pick in picks.tolist()]


def _times(now: datetime, seconds_ago: np.ndarray) -> list[str]:
    moments = np.datetime64(int(now.timestamp()), "s") - seconds_ago.astype("timedelta64[s]")
    return [f"{moment}+00" for moment in np.datetime_as_string(moments).tolist()]


def _reserve(table: str, count: int) -> int:
    """Take `count` ids in a row from the table's sequence; return the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        first = cursor.fetchone()[0]
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + max(count - 1, 0)])
    return int(first)


def _copy(table: str, columns: Columns) -> None:
    """COPY columns of text that needs no escaping into `table`."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        lines = ("\t".join(map(str, row)) for row in zip(*columns.values(), strict=True))
        while batch := "\n".join(islice(lines, 10_000)):
            copy.write(batch + "\n")
