"""Counting calls by the minute, over all web processes, so that a bound is never passed.

A row of PostgreSQL says how much of a minute's bound has been handed out; a process takes a portion of it and spends it
from memory, so that a busy counter costs one statement for many calls. What a process has taken and not spent is
missing elsewhere: with P processes up to (P - 1) × (portion - 1) calls may be refused before the bound is reached, and
no call is admitted beyond it. A crash of the database forgets the minute's counts (the table is not logged).
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from operations.models import CallCount
from operations.prepared import prepared_cursor

SECONDS = 60
# A clock that is a minute behind counts into the minute of the others; one that is further off counts for itself.
TAKE = """
INSERT INTO operations_callcount AS count (counter, minute, taken) VALUES (%(counter)s, %(minute)s, %(portion)s)
ON CONFLICT (counter) DO UPDATE SET
    minute = CASE WHEN count.minute = EXCLUDED.minute + 1 THEN count.minute ELSE EXCLUDED.minute END,
    taken = EXCLUDED.taken
        + CASE WHEN count.minute IN (EXCLUDED.minute, EXCLUDED.minute + 1) THEN count.taken ELSE 0 END
RETURNING taken
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of one call: whether the bound admits it, how many more it admits as far as this process knows,
    and after how many seconds the next minute begins."""

    admitted: bool
    left: int
    seconds: int


@dataclass(slots=True)
class _Portion:
    minute: int
    unspent: int = 0
    # What nobody had taken when this process asked last.
    untaken: int = 0


class _Purse:
    """What this process has taken and not spent, of the newest minute that it knows."""

    def __init__(self) -> None:
        self._portions: dict[str, _Portion] = {}
        self._minute = 0
        self._lock = threading.Lock()

    def spend(self, counter: str, minute: int) -> tuple[bool | None, int]:
        """Spend one, and return whether there was one and how many are left. None: ask what there is to take."""
        with self._lock:
            if minute > self._minute:
                self._portions.clear()
                self._minute = minute
            has = self._portions.get(counter)
            if has is None or has.minute != minute:
                return None, 0
            if has.unspent:
                has.unspent -= 1
                return True, has.unspent + has.untaken
            return (None if has.untaken else False), 0

    def put(self, counter: str, minute: int, *, taken: int, untaken: int) -> None:
        with self._lock:
            has = self._portions.get(counter)
            if has is None or has.minute != minute:
                has = self._portions[counter] = _Portion(minute)
            # Another thread may have taken a portion meanwhile: this one is added to it.
            has.unspent += taken
            has.untaken = untaken

    def empty(self) -> None:
        with self._lock:
            self._portions.clear()


_purse = _Purse()


def count(counter: str, *, bound: int, portion: int, now: datetime) -> Counted:
    """Count one call of `counter`, of which `bound` are admitted each minute; none is counted once it is refused.

    `portion` is how many this process takes at once: at most `bound`, at least 1. Another bound is another count: a
    portion of the larger one would be spent beyond the smaller.
    """
    counter = f"{counter}/{bound}"
    minute, passed = divmod(int(now.timestamp()), SECONDS)
    admitted, left = _purse.spend(counter, minute)
    if admitted is None:
        taken, untaken = _take(counter, minute, bound=bound, portion=portion)
        # One of what was taken is this call's own.
        admitted, left = taken > 0, max(0, taken - 1) + untaken
        _purse.put(counter, minute, taken=max(0, taken - 1), untaken=untaken)
    return Counted(admitted, left, SECONDS - passed)


def forget(*, now: datetime) -> int:
    """Delete the counts of minutes that are over; return how many."""
    minute = int(now.timestamp()) // SECONDS
    return CallCount.objects.exclude(minute__range=(minute - 1, minute + 1)).delete()[0]


def forget_portions() -> None:
    """Give up what this process has taken and not spent."""
    _purse.empty()


def _take(counter: str, minute: int, *, bound: int, portion: int) -> tuple[int, int]:
    """Take a portion of the minute; return how many that is, and how many are left to take."""
    with prepared_cursor() as cursor:
        cursor.execute(TAKE, {"counter": counter, "minute": minute, "portion": portion})
        (handed_out,) = cursor.fetchone()
    return max(0, min(portion, bound - (handed_out - portion))), max(0, bound - handed_out)
