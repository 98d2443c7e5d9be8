"""The draw: one chance, one roll, one recorded result."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from members import touches
from operations.prepared import prepared_cursor
from rewards import delivering, ledger
from rewards.keys import GROWTH
from rewards.level_following import following
from rewards.models import Gift, PoolVersionPrize
from rewards.odds import SCALE, Odds, prize_for_roll
from rewards.periods import day_of, hour_of

__all__ = ["SCALE", "DrawRefused", "Drawn", "Odds", "RequestReused", "draw", "prize_for_roll"]

# The family of facts that draws are (`members.touches`), and those that a draw may move.
TOUCHED = "draws"
TOUCHING = frozenset({TOUCHED, ledger.TOUCHED})
TRIES = 3
# Why a member who was erased while the draw was on its way has none.
MEMBER_ERASED = "member_erased"

Value = str | int | date | datetime


@cache
def draw_statement() -> str:
    """Return the draw as SQL. Whom it touches, and whether somebody follows that, is told by the same statement."""
    return f"""
WITH drawn AS MATERIALIZED (
    SELECT given.member_id, given.pays, draw.*
    FROM (SELECT %s::bigint AS member_id, %s::boolean AS pays) given,
        LATERAL rewards_draw_prize(given.member_id, %s, %s, %s, %s, %s, %s, given.pays, %s, %s, %s) draw
), touched AS (
    INSERT INTO members_touch (family, member_ids)
    SELECT family, ARRAY[member_id] FROM drawn, (VALUES ('{TOUCHED}'), ('{ledger.TOUCHED}')) told (family)
    WHERE NOT repeated AND refusal = '' AND (family = '{TOUCHED}' OR pays OR kind IN ('points', 'growth'))
)
SELECT draw_id, prize, gift, kind, award_id, chances_left, repeated, asked, refusal, {touches.followed_in(TOUCHING)}
FROM drawn
"""  # noqa: S608


class DrawRefused(Exception):
    """There is no draw: `code` is paused, member_erased, no_chance, draws_per_day, bought_per_day, not_for_points or
    points_short.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RequestReused(ValueError):
    """The request key stands for a draw that asked for something else."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw gave. `chances_left` are those of the scope; `repeated`: this request had been answered before."""

    draw_id: int
    prize: str
    gift: str
    kind: str
    award_id: int
    chances_left: int
    repeated: bool


def draw_values(  # noqa: PLR0913 a draw is what it records
    member_id: int,
    *,
    scope: str,
    version_id: int,
    request_key: str,
    roll: int,
    now: datetime,
    bucket: str = "",
    pay: bool = False,
    asked: str = "",
) -> list[Value]:
    """Return what `draw_statement` is executed with."""
    return [
        member_id, pay, scope, bucket, version_id, request_key, asked, roll, now, day_of(now), hour_of(now),
    ]  # fmt: skip


def draw(  # noqa: PLR0913 a draw is what it records
    member_id: int,
    *,
    scope: str,
    version_id: int,
    request_key: str,
    roll: int,
    now: datetime,
    bucket: str = "",
    pay: bool = False,
    asked: str = "",
) -> Drawn:
    """Use a chance for one draw from a published pool version, or buy one for points; callers pass randbelow(SCALE).

    `bucket` says which of the member's chances are used, `asked` what the request asked for. The same request key
    returns the first draw. One statement, since a draw that talks to the database once costs a fourth of one that locks
    rows through the ORM; it is whole by itself or part of the caller's transaction. A pool that gives growth value
    costs more: the member's level follows in the same transaction.
    Raises DrawRefused, and RequestReused if the key was used to ask for something else.
    """
    if not 0 <= roll < SCALE:
        raise ValueError(f"roll {roll} is outside range({SCALE})")
    values = draw_values(
        member_id,
        scope=scope,
        version_id=version_id,
        request_key=request_key,
        roll=roll,
        now=now,
        bucket=bucket,
        pay=pay,
        asked=asked,
    )
    unit = GROWTH if gives_growth(version_id) else None
    row = _executed(values, partial(following, member_id, unit, now=now, reference=f"draw:{scope}"))
    *told, asked_before, refusal, is_followed = row
    if refusal:
        raise DrawRefused(refusal)
    if asked_before != asked:
        raise RequestReused(request_key)
    drawn = Drawn(*told)
    if is_followed and not drawn.repeated:
        # The rows that tell of it are committed with the draw: should this get lost, the next one who asks finds them.
        with transaction.atomic():
            touches.ask(TOUCHING, key=f"draw:{drawn.draw_id}")
    if drawn.kind == Gift.Kind.RED_PACKET and not drawn.repeated:
        delivering.hasten(drawn.award_id)
    return drawn


def _executed(values: list[Value], level_follows: Callable[[], AbstractContextManager[None]]) -> tuple:
    """A draw that is a transaction by itself is tried again where it and another waited for each other."""
    tries = 1 if connection.in_atomic_block else TRIES
    for attempt in range(1, tries + 1):
        try:
            with level_follows(), prepared_cursor() as cursor:
                cursor.execute(draw_statement(), values)
                row: tuple = cursor.fetchone()
                return row
        except OperationalError as error:
            if attempt == tries or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("unreachable")


@cache
def gives_growth(version_id: int) -> bool:
    """Whether a prize of this published version is growth value. A version never changes: asked once a process."""
    return PoolVersionPrize.objects.filter(version_id=version_id, gift__kind=Gift.Kind.GROWTH).exists()
