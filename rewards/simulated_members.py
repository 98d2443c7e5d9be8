"""Members drawing in a simulation: each in order, all at once. What each has had, how long each won nothing. Pure.

All members' first draws of a chunk are one turn, their second draws the next: within a turn nobody stands twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rewards.simulated_pool import Limit, Per, SimulatedPool, Why

NOTHING = np.uint8(Why.NOTHING)
# A place within a chunk takes fewer bits.
PLACE_BITS = 20
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Turns:
    """The draws of a chunk, turn after turn: `order` is their place in time, `who` the place in `members`."""

    order: NDArray[np.int64]
    who: NDArray[np.int64]
    members: NDArray[np.int64]
    bounds: NDArray[np.int64]
    rolled: NDArray[np.int64]
    days: NDArray[np.int32]

    @classmethod
    def of(cls, members: NDArray[np.int32], rolled: NDArray[np.uint8], days: NDArray[np.int32]) -> "Turns":
        """Sort draws by member and time, then by their number within the member."""
        keys = members.astype(np.int64) << PLACE_BITS | np.arange(len(members))
        keys.sort()
        sorted_members = keys >> PLACE_BITS
        is_first = np.append(True, sorted_members[1:] != sorted_members[:-1])
        firsts, who = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        turn = (np.arange(len(members)) - firsts[who]).astype(np.uint16)
        by_turn = np.argsort(turn, kind="stable")
        order = (keys & ((1 << PLACE_BITS) - 1))[by_turn]
        bounds = np.append(0, np.cumsum(np.bincount(turn)))
        return cls(order, who[by_turn], sorted_members[firsts], bounds, rolled[order].astype(np.int64), days[order])


@dataclass(slots=True)
class State:
    """By member: what was taken of each limit (limit, member), on which day last, and the draws without a win."""

    used: NDArray[np.int64]
    day: NDArray[np.int32]
    misses: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MemberLimit:
    """What each prize takes of a limit, and how much may be taken before at most for it to be given."""

    why: np.uint8
    daily: bool
    takes: NDArray[np.int64]
    before: NDArray[np.int64]

    @classmethod
    def of(cls, limit: Limit, consolation: int) -> "MemberLimit":
        takes = np.array(limit.takes, dtype=np.int64)
        before = np.where(takes > 0, limit.allowed - takes, NEVER)
        before[consolation] = NEVER
        return cls(np.uint8(limit.why), limit.per == Per.DAY, takes, before)


class Members:
    """What limits each member, and the state of all of them."""

    def __init__(self, pool: SimulatedPool, limits: Sequence[Limit], state: State):
        self.pool, self.state = pool, state
        # The first reason is found last and stays.
        self.limits = [MemberLimit.of(limit, pool.consolation) for limit in reversed(limits) if limit.of_member]
        self.daily = [row for row, limit in enumerate(self.limits) if limit.daily]
        self.matter = bool(self.limits) or pool.guaranteed is not None

    @classmethod
    def new(cls, pool: SimulatedPool, limits: Sequence[Limit], count: int) -> "Members":
        """Return `count` members who have not drawn yet."""
        rows = sum(limit.of_member for limit in limits)
        used = np.zeros((rows, count), dtype=np.int64)
        return cls(pool, limits, State(used, np.full(count, -1, dtype=np.int32), np.zeros(count, dtype=np.int32)))

    def draw(
        self, rolled: NDArray[np.uint8], refused: NDArray[np.uint8], turns: Turns | None
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], State | None]:
        """Return given, why and the state after, if `refused` (prize, draw) is what nobody could win at each draw."""
        why = refused.ravel()[rolled * np.int64(len(rolled)) + np.arange(len(rolled))]
        if turns is None:
            return np.where(why == NOTHING, rolled, np.uint8(self.pool.consolation)), why, None
        after = State(
            self.state.used[:, turns.members], self.state.day[turns.members], self.state.misses[turns.members]
        )
        why = why[turns.order]
        shut = None if self.pool.guaranteed is None else (refused[self.pool.guaranteed] != NOTHING)[turns.order]
        given = np.empty_like(why)
        for start, stop in zip(turns.bounds[:-1], turns.bounds[1:], strict=True):
            self._turn(turns, slice(start, stop), after, (given, why, shut))
        in_time = np.empty_like(given), np.empty_like(why)
        for values, found in zip(in_time, (given, why), strict=True):
            values[turns.order] = found
        return *in_time, after

    def _turn(self, turns: Turns, now: slice, state: State, draws: tuple) -> None:
        """Let each member of one turn draw, and change their state."""
        (given, why, shut), who, rolled = draws, turns.who[now], turns.rolled[now]
        self._begin_day(state, who, turns.days[now])
        reason, consolation = why[now], self.pool.consolation
        had = [used.take(who) for used in state.used]
        for before, limit in zip(had, self.limits, strict=True):
            over = before > limit.before.take(rolled)
            np.putmask(reason, over & (reason > limit.why), limit.why)
        prize = np.where(reason == NOTHING, rolled, consolation)
        if shut is not None:
            due = (prize == consolation) & ~shut[now] & self._guarantee_is_due(state.misses[who], had)
            np.putmask(reason, due & (rolled == consolation), np.uint8(Why.GUARANTEED))
            prize[due] = self.pool.guaranteed
            state.misses[who] = np.where(prize == consolation, state.misses[who] + 1, 0)
        for used, before, limit in zip(state.used, had, self.limits, strict=True):
            used[who] = before + limit.takes.take(prize)
        given[now] = prize

    def _begin_day(self, state: State, who: NDArray[np.int64], days: NDArray[np.int32]) -> None:
        if self.daily:
            begun = who[state.day[who] != days]
            for row in self.daily:
                state.used[row, begun] = 0
            state.day[who] = days

    def _guarantee_is_due(self, misses: NDArray[np.int32], had: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
        due = misses + 1 >= (self.pool.guarantee_after or 0)
        for before, limit in zip(had, self.limits, strict=True):
            due &= before <= limit.before[self.pool.guaranteed]
        return due

    def keep(self, turns: Turns | None, after: State | None) -> None:
        """Let the state after a chunk be the one from which the next begins."""
        if turns is not None and after is not None:
            self.state.used[:, turns.members] = after.used
            self.state.day[turns.members] = after.day
            self.state.misses[turns.members] = after.misses
