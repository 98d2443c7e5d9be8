"""Replaying draws from their records: roll, odds and what could not be won say what must have been given, and why."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from rewards.drawn_shares import DrawnShares, shares_of
from rewards.models import Draw, PoolVersion, PrizePool


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides a draw besides its own record: the version's prizes in the order of their rolls, and its promise."""

    prizes: tuple[str, ...]
    ceilings: tuple[int, ...]
    consolation: str
    guarantee_after: int | None
    guaranteed: str

    def owner(self, roll: int) -> str:
        return self.prizes[bisect_right(self.ceilings, roll)]

    def outcome(self, roll: int, closed: Mapping[str, str], misses: int | None) -> tuple[str, str]:
        """Return the prize that must have been given, and why another than the rolled one; "" where it was that one."""
        owner = self.owner(roll)
        if owner != self.consolation and owner not in closed:
            return owner, ""
        reason = closed.get(owner, "")
        due = self.guarantee_after is not None and misses is not None and misses + 1 >= self.guarantee_after
        if due and self.guaranteed not in closed:
            return self.guaranteed, reason or Draw.Fallback.GUARANTEED.value
        return self.consolation, reason

    def hold_for(  # noqa: PLR0913, PLR0917 the record of a draw
        self, roll: int, rolled: str, prize: str, fallback: str, closed: Mapping[str, str], misses: int | None
    ) -> bool:
        """Tell whether what a draw gave follows from its record."""
        given = rolled == self.owner(roll) and (prize, fallback) == self.outcome(roll, closed, misses)
        return given and self.is_told(closed, misses)

    def is_told(self, closed: Mapping[str, str], misses: int | None) -> bool:
        """Tell whether a record names prizes of this version only, and misses where a win is guaranteed."""
        known = all(key in self.prizes and key != self.consolation for key in closed)
        return known and (misses is None) is (self.guarantee_after is None)


@dataclass(slots=True)
class Replay:
    """The draws of one version, replayed. `wrong` holds the ids of draws that do not follow from their records."""

    shares: DrawnShares
    wrong: list[int] = field(default_factory=list)


def replay_pool(pool: PrizePool) -> Iterator[Replay]:
    """Replay every draw of a pool, version by version, oldest first."""
    for version in pool.versions.order_by("number"):
        yield replay_version(version)


def replay_version(version: PoolVersion) -> Replay:
    """Replay every draw of one version."""
    shares = shares_of(version)
    rules = rules_of(version, shares)
    replay = Replay(shares)
    draws = version.draws.values_list("id", "roll", "rolled", "prize", "fallback", "closed", "misses")
    for draw_id, *record in draws.iterator(chunk_size=10_000):
        if not rules.hold_for(*record):
            replay.wrong.append(draw_id)
    return replay


def follows(draw: Draw) -> bool:
    """Tell whether one draw follows from its record. Its version's other draws are not read."""
    prizes = list(draw.version.prizes.order_by("floor", "ceiling"))
    rules = Rules(
        prizes=tuple(prize.key for prize in prizes),
        ceilings=tuple(prize.ceiling for prize in prizes),
        consolation=next(prize.key for prize in prizes if prize.consolation),
        guarantee_after=draw.version.guarantee_after,
        guaranteed=draw.version.guarantee_prize,
    )
    return rules.hold_for(draw.roll, draw.rolled, draw.prize, draw.fallback, draw.closed, draw.misses)


def rules_of(version: PoolVersion, shares: DrawnShares) -> Rules:
    """Return what decides the draws of a version."""
    return Rules(
        prizes=tuple(entry.prize for entry in shares.odds),
        ceilings=tuple(accumulate(entry.weight for entry in shares.odds)),
        consolation=shares.consolation,
        guarantee_after=version.guarantee_after,
        guaranteed=version.guarantee_prize,
    )
