"""Draws of a pool without drawing: exactly what the draw would give, a million in less than a second. Pure numpy.

One draw depends on those before it: a stock runs out, a member has won enough, a guaranteed win is due. They are still
reckoned by the ten thousand. (1) Suppose what could be won at each draw. (2) Let every member draw in order under that
supposition: all members' first draws at once, then all second ones. (3) Count what was given: what could be won at each
draw then? If that is what was supposed, it is the truth; else suppose it and repeat from (2).

A sequence that agrees with its own counts is the only one, since each draw depends on earlier ones alone; so the result
is that of drawing one by one, however it was found. Each repetition makes at least one more draw right, in practice
two to four make all of them right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rewards.simulated_members import Members, Turns
from rewards.simulated_pool import Limit, Per, SimulatedBudget, SimulatedPool, Why, limits_of

CHUNK = 1 << 14
# A chunk that has not come to rest after so many repetitions is cut where it is right up to, unless it is small.
PATIENCE, SMALL = 2, 64
NOTHING = np.uint8(Why.NOTHING)


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws in the order of time: rolls in millionths, members from 0, hours since the first midnight."""

    rolls: NDArray[np.int32]
    members: NDArray[np.int32]
    hours: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rolls)


@dataclass(frozen=True, slots=True)
class Played:
    """For each draw the place of the prize rolled and of the one given, and why they differ (`Why`)."""

    rolled: NDArray[np.uint8]
    given: NDArray[np.uint8]
    why: NDArray[np.uint8]


def play(pool: SimulatedPool, draws: Draws, budgets: Sequence[SimulatedBudget] = ()) -> Played:
    """Give each draw its prize, under all limits, with the guaranteed win, as the draw itself does."""
    limits = limits_of(pool, budgets)
    members = Members.new(pool, limits, int(draws.members.max(initial=-1)) + 1)
    counters = [_Counter(limit, pool) for limit in reversed(limits) if not limit.of_member]
    rolled = owners_of(pool)[draws.rolls]
    given, why = np.empty_like(rolled), np.empty_like(rolled)
    for start in range(0, len(draws), CHUNK):
        _settle(_Chunk(pool, draws, rolled, start, min(start + CHUNK, len(draws))), members, counters, (given, why))
    return Played(rolled, given, why)


def owners_of(pool: SimulatedPool) -> NDArray[np.uint8]:
    """Return the place of the prize that owns each roll."""
    return np.repeat(np.arange(len(pool.prizes), dtype=np.uint8), [prize.odds for prize in pool.prizes])


class _Chunk:
    """Some draws in a row: what they rolled, and where in them a day and an hour begin."""

    def __init__(self, pool: SimulatedPool, draws: Draws, rolled: NDArray[np.uint8], start: int, stop: int):
        self.pool, self.draws, self.all_rolled, self.start, self.stop = pool, draws, rolled, start, stop
        self.rolled = rolled[start:stop]
        self.hours = draws.hours[start:stop]
        self.days = self.hours // 24
        self.periods = {Per.TOTAL: np.zeros_like(self.hours), Per.DAY: self.days, Per.HOUR: self.hours}
        self.rolls_of = np.bincount(self.rolled, minlength=len(pool.prizes))
        self.begins = {per: _begins(periods) for per, periods in self.periods.items()}

    @property
    def turns(self) -> Turns:
        return Turns.of(self.draws.members[self.start : self.stop], self.rolled, self.days)

    def cut(self, place: int) -> Iterator["_Chunk"]:
        """Yield the draws before a place and those from it."""
        for start, stop in ((self.start, self.start + place), (self.start + place, self.stop)):
            yield _Chunk(self.pool, self.draws, self.all_rolled, start, stop)

    def first_difference(self, supposed: NDArray[np.uint8], counted: NDArray[np.uint8]) -> int | None:
        """Return the first draw that the two refusals could give another prize; None where there is none."""
        places = np.arange(len(self.rolled))
        differ = supposed[self.rolled, places] != counted[self.rolled, places]
        if (guaranteed := self.pool.guaranteed) is not None:
            differ |= supposed[guaranteed] != counted[guaranteed]
        first = int(differ.argmax())
        return first if differ[first] else None


def _begins(periods: NDArray) -> NDArray[np.int64]:
    """Return for each draw the place of the first draw of its period."""
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(periods)) + 1))
    return np.repeat(firsts, np.diff(np.append(firsts, len(periods))))


class _Counter:
    """A limit for everyone, and what was taken of it up to now."""

    def __init__(self, limit: Limit, pool: SimulatedPool):
        self.limit, self.pool = limit, pool
        self.takes = np.array(limit.takes, dtype=np.int64)
        self.used, self.period = 0, -1
        self.asking = [place for place, take in enumerate(limit.takes) if take and place != pool.consolation]

    def may_bind(self, chunk: _Chunk) -> bool:
        """Whether any draw of the chunk could be refused, if each gave all it may give."""
        most = int(self.takes @ chunk.rolls_of) + len(chunk.rolled) * int(self.takes[self.pool.consolation])
        if self.pool.guaranteed is not None:
            most += len(chunk.rolled) * int(self.takes[self.pool.guaranteed])
        return self._carried(chunk) + most > self.limit.allowed

    def _carried(self, chunk: _Chunk) -> int:
        """Return what was taken already in the period in which the chunk begins."""
        return self.used if int(chunk.periods[self.limit.per][0]) == self.period else 0

    def refuse(self, chunk: _Chunk, given: NDArray[np.uint8], why: NDArray[np.uint8]) -> None:
        """Write into `why` (prize, draw) where this limit refuses a prize, given what all draws gave."""
        taken = self.takes[given]
        before = np.cumsum(taken) - taken
        begins = chunk.begins[self.limit.per]
        before -= before[begins]
        before += np.where(begins == 0, self._carried(chunk), 0)
        for place in self.asking:
            np.putmask(why[place], before > self.limit.allowed - self.limit.takes[place], np.uint8(self.limit.why))

    def count(self, chunk: _Chunk, given: NDArray[np.uint8]) -> None:
        """Keep what the chunk gave, for the next one."""
        begins = int(chunk.begins[self.limit.per][-1])
        carried = self._carried(chunk) if begins == 0 else 0
        self.used = carried + int(self.takes @ np.bincount(given[begins:], minlength=len(self.takes)))
        self.period = int(chunk.periods[self.limit.per][-1])


def _settle(
    chunk: _Chunk,
    members: Members,
    counters: Sequence[_Counter],
    result: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    guess: NDArray[np.uint8] | None = None,
) -> None:
    """Find what each draw of the chunk gives, write it into `result` (given, why), and count it."""
    binding = [counter for counter in counters if counter.may_bind(chunk)]
    turns = chunk.turns if members.matter else None
    supposed = guess if guess is not None and binding else _refusals(chunk, binding, chunk.rolled)
    for repetition in range(len(chunk.rolled) + 2):
        given, why, after = members.draw(chunk.rolled, supposed, turns)
        counted = _refusals(chunk, binding, given) if binding else supposed
        wrong = chunk.first_difference(supposed, counted) if binding else None
        if wrong is None:
            break
        supposed = counted
        if repetition >= PATIENCE and len(chunk.rolled) > SMALL:
            place = min(max(wrong, len(chunk.rolled) // 4), len(chunk.rolled) - 1)
            for part, start, stop in zip(chunk.cut(place), (0, place), (place, None), strict=True):
                _settle(part, members, counters, result, np.ascontiguousarray(supposed[:, start:stop]))
            return
    for values, found in zip(result, (given, why), strict=True):
        values[chunk.start : chunk.stop] = found
    members.keep(turns, after)
    for counter in counters:
        counter.count(chunk, given)


def _refusals(chunk: _Chunk, binding: Sequence[_Counter], given: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (prize, draw) → why the prize could not be won by anybody then. The first reason is written last."""
    why = np.full((len(chunk.pool.prizes), len(given)), NOTHING)
    for counter in binding:
        counter.refuse(chunk, given, why)
    return why
