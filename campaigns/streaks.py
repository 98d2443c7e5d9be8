"""Days in a row (连签), and the bonuses that they reach. Pure: days are those of the campaign's time zone.

A bonus of n days is reached on the n-th day in a row. If bonuses repeat, a round ends with the one of the most days and
the day after it is the first of the next; else each is reached once in the campaign. However rows of days are joined by
a day that is made up, a day counts towards a bonus of n days once, so that joining them never gives twice for a day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from campaigns.definition import Reward, parse_reward

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bonuses:
    """The numbers of days that bring one, in ascending order."""

    days: tuple[int, ...] = ()
    repeat: bool = False

    def reached(self, streak: int) -> int | None:
        """The bonus that the last day of so many in a row reaches."""
        place = self.place(streak)
        return place if place in self.days else None

    def place(self, streak: int) -> int:
        """The place of the last day within its round, from 1."""
        return (streak - 1) % self.days[-1] + 1 if self.repeat and self.days else streak

    def is_free(self, bonus: int, on: date, given: Iterable[tuple[int, date]]) -> bool:
        """Whether the days up to `on` have not brought this bonus yet."""
        before = [day for days, day in given if days == bonus]
        return all(abs(on - day) >= bonus * DAY for day in before) if self.repeat else not before


@dataclass(frozen=True, slots=True)
class Mark:
    """What is noted on a day that was done.

    `bonus` is what the day itself reached, `mended` what it reached later, when a day before it was made up. `given`
    has the latest day, up to this one, on which each bonus was reached.
    """

    streak: int
    bonus: int | None = None
    mended: tuple[int, ...] = ()
    given: Mapping[int, date] = field(default_factory=dict)


def bonuses_of(config: Mapping[str, Any]) -> Bonuses:
    """The bonuses that a check-in of this configuration has."""
    days = sorted(each["days"] for each in config.get("streaks", ()))
    return Bonuses(tuple(days), bool(config.get("repeat")))


def reward_of(config: Mapping[str, Any], bonus: int | None) -> Reward | None:
    """What a bonus gives; None where the configuration has it no more."""
    found = next((each["reward"] for each in config.get("streaks", ()) if each["days"] == bonus), None)
    return None if found is None else parse_reward(found)


def mark_after(earlier: Mark | None, day: date, bonuses: Bonuses) -> Mark:
    """The mark of a day that follows every other; `earlier` is that of the day before it, or of the last one done.

    `earlier.streak` is to be 0 where a day was missed in between.
    """
    given = dict(earlier.given) if earlier else {}
    streak = (earlier.streak if earlier else 0) + 1
    bonus = bonuses.reached(streak)
    if bonus is None or not bonuses.is_free(bonus, day, given.items()):
        return Mark(streak, given=given)
    return Mark(streak, bonus, given=given | {bonus: day})


@dataclass(frozen=True, slots=True)
class Mended:
    """The marks that change when a day is made up, its own among them, and the bonuses that other days reach by it."""

    marks: Mapping[date, Mark]
    bonuses: tuple[tuple[int, date], ...]


def mend(marks: Mapping[date, Mark], day: date, bonuses: Bonuses) -> Mended:
    """Make `day` up among the days that were done. What was given before stays given."""
    given = [(bonus, on) for on, mark in marks.items() for bonus in (mark.bonus, *mark.mended) if bonus]
    changed: dict[date, Mark] = {}
    reached: list[tuple[int, date]] = []
    before = marks.get(day - DAY)
    streak, at = before.streak if before else 0, day
    while at == day or at in marks:
        streak += 1
        mark = marks.get(at, Mark(streak))
        bonus = bonuses.reached(streak)
        new = bonus if bonus and bonuses.is_free(bonus, at, given) else None
        if new:
            given.append((new, at))
        if new and at != day:
            reached.append((new, at))
        own, mended = (new, ()) if at == day else (mark.bonus, (*mark.mended, new) if new else mark.mended)
        changed[at] = Mark(streak, own, mended)
        at += DAY
    later = {on: mark for on, mark in marks.items() if on > day} | changed
    return Mended(
        {on: Mark(mark.streak, mark.bonus, mark.mended, _latest(given, on)) for on, mark in later.items()},
        tuple(reached),
    )


def _latest(given: Iterable[tuple[int, date]], until: date) -> dict[int, date]:
    latest: dict[int, date] = {}
    for bonus, on in given:
        if on <= until:
            latest[bonus] = max(on, latest.get(bonus, on))
    return latest


def as_data(mark: Mark) -> dict[str, Any]:
    """The mark as the progress of its day keeps it; what says nothing is left out."""
    data: dict[str, Any] = {"streak": mark.streak}
    if mark.bonus:
        data["bonus"] = mark.bonus
    if mark.mended:
        data["mended"] = list(mark.mended)
    if mark.given:
        data["given"] = {str(bonus): on.isoformat() for bonus, on in sorted(mark.given.items())}
    return data


def from_data(data: Mapping[str, Any]) -> Mark:
    given = {int(bonus): date.fromisoformat(on) for bonus, on in data.get("given", {}).items()}
    return Mark(int(data.get("streak", 0)), data.get("bonus"), tuple(data.get("mended", ())), given)
