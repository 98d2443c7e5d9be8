"""Replaying draws from their records: the version's odds and the roll say what must have been given."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rewards.fairness import FairnessTest, compare_shares
from rewards.models import PoolVersion, PrizePool
from rewards.odds import Odds, prize_for_roll
from rewards.pools import odds_of


@dataclass(slots=True)
class Replay:
    """The draws of one version, replayed. `wrong` holds the ids of draws that do not follow from their records."""

    version: PoolVersion
    odds: list[Odds]
    rolled: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    wrong: list[int] = field(default_factory=list)

    @property
    def draws(self) -> int:
        return self.rolled.total()

    @property
    def fairness(self) -> FairnessTest:
        """Compare what the rolls hit with the odds; limits of stock come after the roll."""
        return compare_shares(self.odds, self.rolled)


def replay_pool(pool: PrizePool) -> Iterator[Replay]:
    """Replay every draw of a pool, version by version, oldest first."""
    for version in pool.versions.order_by("number"):
        yield replay_version(version)


def replay_version(version: PoolVersion) -> Replay:
    """Replay every draw of one version."""
    replay = Replay(version, odds_of(version))
    consolation = version.prizes.get(consolation=True).key
    draws = version.draws.values_list("id", "roll", "rolled", "prize", "fallback")
    for draw_id, roll, rolled, prize, fallback in draws.iterator(chunk_size=10_000):
        owner = prize_for_roll(replay.odds, roll)
        if rolled != owner or prize != (consolation if fallback else owner):
            replay.wrong.append(draw_id)
        replay.rolled[owner] += 1
        replay.given[prize] += 1
        if fallback:
            replay.fallbacks[fallback] += 1
    return replay
