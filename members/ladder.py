"""How members rise and fall on the ladder of levels. Pure: no Django, no queries.

What counts on the ladder is the growth value earned less what no longer counts, and never below 0. A member always
stands on the highest level that this reaches; what changes is what counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

KEEP = "keep"
ONE_STEP = "one_step"
LAST_YEAR = "last_year"


@dataclass(frozen=True, slots=True)
class Step:
    """A level of the ladder: the growth value it needs, for how long it is valid, and what the review then does."""

    id: int
    rank: int
    needed: int
    valid_months: int | None = None
    downgrade: str = KEEP


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands: the level by growth, `growth` earned, `base` that no longer counts, and the validity.

    `base` is negative where more counts than was earned, as for a level that was imported.
    """

    step_id: int | None
    growth: int
    base: int
    since: datetime
    until: datetime | None = None

    @property
    def counted(self) -> int:
        """The growth value that counts."""
        return max(self.growth - self.base, 0)


Ladder = Sequence[Step]


def level_reached(ladder: Ladder, counted: int) -> Step | None:
    """Return the highest level that `counted` growth value reaches, if any."""
    reached = (step for step in ladder if step.needed <= counted)
    return max(reached, key=lambda step: step.rank, default=None)


def next_step(ladder: Ladder, standing: Standing) -> Step | None:
    """Return the nearest level above the member's own that more growth value reaches."""
    own = step_of(ladder, standing.step_id)
    above = (step for step in ladder if step.needed > standing.counted and (own is None or step.rank > own.rank))
    return min(above, key=lambda step: (step.needed, step.rank), default=None)


def step_of(ladder: Ladder, step_id: int | None) -> Step | None:
    return next((step for step in ladder if step.id == step_id), None)


def level_that_counts(ranks: Mapping[int, int], held: Iterable[int | None]) -> int | None:
    """Return the highest ranked of the levels held. `ranks` is level id → rank."""
    return max((level for level in held if level is not None), key=ranks.__getitem__, default=None)


def beginning(ladder: Ladder, at: datetime) -> Standing:
    """Return where a member stands who has earned nothing: on the level that needs nothing, if there is one."""
    entry = level_reached(ladder, 0)
    return Standing(entry.id if entry else None, growth=0, base=0, since=at)


def followed(ladder: Ladder, standing: Standing, growth: int, *, now: datetime, zone: tzinfo) -> Standing:
    """Return the standing once `growth` is what was ever earned. A level that is kept keeps its validity."""
    return settled(ladder, replace(standing, growth=growth), now=now, zone=zone)


def settled(ladder: Ladder, standing: Standing, *, now: datetime, zone: tzinfo) -> Standing:
    """Return the standing on the level that counts by this ladder; a validity begins with a new level."""
    reached = level_reached(ladder, standing.counted)
    if standing.step_id == (reached.id if reached else None):
        return standing
    return _on(reached, standing, since=now, zone=zone)


def placed(ladder: Ladder, standing: Standing, step: Step, *, now: datetime, zone: tzinfo) -> Standing:
    """Return the standing of a member who is put on `step` as if exactly the growth it needs had been earned."""
    if standing.step_id == step.id:
        return standing
    return settled(ladder, replace(standing, base=standing.growth - step.needed), now=now, zone=zone)


def reviewed(ladder: Ladder, standing: Standing, last_year: int, *, zone: tzinfo) -> Standing:
    """Return the standing after the review at the end of its validity, at which the next validity begins.

    `last_year` is the growth value earned in the year before. A level that is lost takes along what counted towards
    it: the member begins anew with exactly what the lower level needs.
    """
    step = step_of(ladder, standing.step_id)
    if standing.until is None:
        raise ValueError("a level without an end is not reviewed")
    if step is None:
        return replace(standing, until=None)
    target = level_after_review(ladder, step, last_year)
    if target is step:
        return replace(standing, until=valid_until(standing.until, step.valid_months, zone))
    fallen = replace(standing, base=standing.growth - (target.needed if target else 0))
    return _on(target, fallen, since=standing.until, zone=zone)


def level_after_review(ladder: Ladder, step: Step, last_year: int) -> Step | None:
    """Return the level that follows `step` by its policy; None where no level is below. Nobody rises by a review."""
    if step.needed == 0 or step.downgrade == KEEP or last_year >= step.needed:
        return step
    if step.downgrade == ONE_STEP:
        return level_reached(ladder, step.needed - 1)
    reached = level_reached(ladder, max(last_year, 0))
    return step if reached and reached.rank >= step.rank else reached


def _on(step: Step | None, standing: Standing, *, since: datetime, zone: tzinfo) -> Standing:
    until = valid_until(since, step.valid_months, zone) if step else None
    return replace(standing, step_id=step.id if step else None, since=since, until=until)


def valid_until(start: datetime, months: int | None, zone: tzinfo) -> datetime | None:
    """Return when what begins at `start` ends: the first midnight of `zone` no sooner than so many months later.

    The last day counts in full. A day that the last month lacks is its last one: a month from 31 January 10:00 is over
    when 28 February is. None: it never ends.
    """
    if months is None:
        return None
    local = start.astimezone(zone)
    last = months_later(local.date(), months)
    # Midnight to midnight is whole already. Compared as moments: a clock that jumps may skip midnight itself.
    begins_at_midnight = start.astimezone(UTC) == midnight(local.date(), zone).astimezone(UTC)
    return midnight(last if begins_at_midnight else last + timedelta(days=1), zone)


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later (earlier where negative), or the last of a month that lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def year_before(moment: datetime, zone: tzinfo) -> datetime:
    """Return the beginning of the year that ends at `moment`: the same date and time a calendar year back."""
    local = moment.astimezone(zone)
    earlier = months_later(local.date(), -12)
    return datetime.combine(earlier, local.time(), zone).astimezone(UTC)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment in UTC at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
