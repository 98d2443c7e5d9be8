"""Leaderboards (排行榜) as a campaign configures them: which there are, and what ranks win. Pure.

The configuration is {"boards": ["all", "friends", "week"], "shown": 50, "prizes_for": "all" or "week",
"prizes": [{"from": 1, "to": 1, "reward": {…}}, {"from": 2, "to": 10, "reward": {…}}]}; only the boards are required.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from campaigns.checked_json import Node
from campaigns.definition import Reward, parse_reward
from campaigns.periods import period_key

ALL, FRIENDS, WEEK = "all", "friends", "week"
BOARDS = (ALL, FRIENDS, WEEK)
SHOWN = 50
MOST_SHOWN = 100
MOST_RANK = 100_000


@dataclass(frozen=True, slots=True)
class RankReward:
    """What every rank from `first` to `last` wins; both are included."""

    first: int
    last: int
    reward: Reward


@dataclass(frozen=True, slots=True)
class Boards:
    """The boards of a campaign in the order of their tabs; the prizes are for the whole time, or for each week."""

    boards: tuple[str, ...]
    shown: int = SHOWN
    prizes_for: str = ALL
    prizes: tuple[RankReward, ...] = ()

    def reward_for(self, rank: int) -> Reward | None:
        return next((each.reward for each in self.prizes if each.first <= rank <= each.last), None)

    @property
    def last_rank(self) -> int:
        """The last rank that wins something; 0 where none does."""
        return max((each.last for each in self.prizes), default=0)


def parse(config: Any) -> Boards:
    """Read a configuration. Raises DefinitionError with the path of the first fault."""
    node = Node(config)
    node.keys(required=("boards",), optional=("shown", "prizes_for", "prizes"))
    boards = tuple(each.one_of(BOARDS) for each in node.at("boards").each())
    if not boards or len(set(boards)) < len(boards):
        raise node.at("boards").fail("must name at least one board, each once")
    prizes = tuple(_prize(each) for each in node.at("prizes").each()) if node.has("prizes") else ()
    for before, after, at in zip(prizes, prizes[1:], [*node.at("prizes").each()][1:] if prizes else [], strict=False):
        if after.first <= before.last:
            raise at.at("from").fail(f"must be above {before.last}, the last rank of the prize before it")
    return Boards(
        boards=boards,
        shown=node.at("shown").integer(least=1, most=MOST_SHOWN) if node.has("shown") else SHOWN,
        prizes_for=node.at("prizes_for").one_of((ALL, WEEK)) if node.has("prizes_for") else ALL,
        prizes=prizes,
    )


def _prize(node: Node) -> RankReward:
    node.keys(required=("from", "to", "reward"))
    first = node.at("from").integer(least=1, most=MOST_RANK)
    last = node.at("to").integer(least=first, most=MOST_RANK)
    reward = parse_reward(node.at("reward"))
    if reward == Reward():
        raise node.at("reward").fail("gives nothing")
    if reward.score:
        raise node.at("reward").at("score").fail("cannot be won by a rank: it would change the ranks")
    return RankReward(first, last, reward)


def shared_ranks(scores: Sequence[int]) -> Iterator[int]:
    """Yield the rank of each of these scores, highest first: equal ones share it, the next goes on behind them all."""
    rank = 0
    for place, score in enumerate(scores, start=1):
        if place == 1 or score < scores[place - 2]:
            rank = place
        yield rank


def weeks(opens_at: datetime, closes_at: datetime, zone: tzinfo) -> Iterator[tuple[str, datetime]]:
    """Yield the key and the end of every week of a campaign, in its zone; the last ends with the campaign."""
    day = opens_at.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    while (starts := datetime.combine(monday, time.min, zone)) < closes_at:
        monday += timedelta(days=7)
        ends = min(datetime.combine(monday, time.min, zone), closes_at)
        yield period_key("week", max(starts, opens_at), zone), ends


def periods_over(boards: Boards, opens_at: datetime, closes_at: datetime, zone: tzinfo, *, now: datetime) -> list[str]:
    """The periods whose prizes are due at `now`, oldest first. `closes_at` is when the campaign really ended."""
    if not boards.prizes:
        return []
    borders: Iterable[tuple[str, datetime]] = [(ALL, closes_at)]
    if boards.prizes_for == WEEK:
        borders = weeks(opens_at, closes_at, zone)
    return [key for key, ends in borders if ends <= now]


def of(features: Mapping[str, Any]) -> Boards | None:
    """The boards of a published campaign's features, or None."""
    return parse(features["boards"]) if "boards" in features else None
