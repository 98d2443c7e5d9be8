"""The draw: one chance, one roll, one recorded result."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction

from members import touches
from operations.prepared import prepared_cursor
from rewards import ledger
from rewards.keys import GROWTH
from rewards.level_following import following
from rewards.models import Gift, PoolVersionPrize
from rewards.odds import SCALE, Odds, prize_for_roll

__all__ = ["SCALE", "Drawn", "NoChance", "Odds", "draw", "prize_for_roll"]

# The family of facts that draws are (`members.touches`), and those that a draw may move.
TOUCHED = "draws"
TOUCHING = frozenset({TOUCHED, ledger.TOUCHED})

# Whom it touches is told by the same statement: a draw stays one.
DRAW = f"""
WITH drawn AS MATERIALIZED (
    SELECT given.member_id, draw.* FROM (SELECT %s::bigint AS member_id) given,
        LATERAL rewards_draw_prize(given.member_id, %s, %s, %s, %s, %s) draw
), touched AS (
    INSERT INTO members_touch (family, member_ids)
    SELECT family, ARRAY[member_id] FROM drawn, (VALUES ('{TOUCHED}'), ('{ledger.TOUCHED}')) told (family)
    WHERE NOT repeated AND (family = '{TOUCHED}' OR kind IN ('points', 'growth'))
)
SELECT draw_id, prize, gift, kind, award_id, chances_left, repeated FROM drawn
"""  # noqa: S608


class NoChance(Exception):
    """The member has no chance left in the scope."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw gave. `repeated` says that this request had been answered before."""

    draw_id: int
    prize: str
    gift: str
    kind: str
    award_id: int
    chances_left: int
    repeated: bool


def draw(  # noqa: PLR0913 a draw is what it records
    member_id: int, *, scope: str, version_id: int, request_key: str, roll: int, now: datetime
) -> Drawn:
    """Use a chance for one draw from a published pool version; callers pass secrets.randbelow(SCALE).

    The same request key returns the first draw. One statement, since a draw that talks to the database once costs a
    fourth of one that locks rows through the ORM; it is whole by itself or part of the caller's transaction. Two things
    cost more: a pool that gives growth value, where the member's level follows in the same transaction, and somebody
    who follows draws or points, who is asked in it.
    Raises NoChance.
    """
    if not 0 <= roll < SCALE:
        raise ValueError(f"roll {roll} is outside range({SCALE})")
    unit = GROWTH if gives_growth(version_id) else None
    whole = transaction.atomic if touches.followed(TOUCHING) else nullcontext
    with whole(), following(member_id, unit, now=now, reference=f"draw:{scope}"), prepared_cursor() as cursor:
        cursor.execute(DRAW, [member_id, scope, version_id, request_key, roll, now])
        row = cursor.fetchone()
        if row is None:
            raise NoChance(scope)
        drawn = Drawn(*row)
        if whole is transaction.atomic and not drawn.repeated:
            touches.ask(TOUCHING, key=f"draw:{drawn.draw_id}")
    return drawn


@cache
def gives_growth(version_id: int) -> bool:
    """Whether a prize of this published version is growth value. A version never changes: asked once a process."""
    return PoolVersionPrize.objects.filter(version_id=version_id, gift__kind=Gift.Kind.GROWTH).exists()
