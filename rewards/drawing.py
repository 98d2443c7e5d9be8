"""The draw: one chance, one roll, one recorded result."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from operations.prepared import prepared_cursor
from rewards.keys import GROWTH
from rewards.level_following import following
from rewards.models import Gift, PoolVersionPrize
from rewards.odds import SCALE, Odds, prize_for_roll

__all__ = ["SCALE", "Drawn", "NoChance", "Odds", "draw", "prize_for_roll"]

DRAW = "SELECT * FROM rewards_draw_prize(%s, %s, %s, %s, %s, %s)"


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
    fourth of one that locks rows through the ORM; it is whole by itself or part of the caller's transaction. Only a
    pool that gives growth value costs more: there the member's level follows in the same transaction.
    Raises NoChance.
    """
    if not 0 <= roll < SCALE:
        raise ValueError(f"roll {roll} is outside range({SCALE})")
    unit = GROWTH if gives_growth(version_id) else None
    with following(member_id, unit, now=now, reference=f"draw:{scope}"), prepared_cursor() as cursor:
        cursor.execute(DRAW, [member_id, scope, version_id, request_key, roll, now])
        row = cursor.fetchone()
    if row is None:
        raise NoChance(scope)
    return Drawn(*row)


@cache
def gives_growth(version_id: int) -> bool:
    """Whether a prize of this published version is growth value. A version never changes: asked once a process."""
    return PoolVersionPrize.objects.filter(version_id=version_id, gift__kind=Gift.Kind.GROWTH).exists()
