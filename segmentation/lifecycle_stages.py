"""In which stage of its life a member is, by stored settings, so that one member is staged alone as in the crowd. Pure.

A stage follows from a few moments of a member (`Anchors`) and from now. Days are of 24 hours and years of 365 days, and
both ends of a window belong to it, as in rules: an order exactly 30 days ago is within the last 30 days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy

from segmentation.facts.tables import Column, Events, Groups, Words
from segmentation.past_facts import DAY, NEVER, NOT_YET, Bought, places, runs_of_categories, spread

# In the order in which they are shown. A stage is a place in it.
STAGES = ("prospect", "interested", "new", "repurchase", "active", "sleeping", "lost")
# These three overlap with others and with each other; the first one that holds is the stage. Whoever is in none of them
# is active, sleeping or lost by the last order, or a prospect without one.
OVERLAPPING = ("interested", "new", "repurchase")
PRIORITIES = tuple(",".join(order) for order in permutations(OVERLAPPING))
YEAR = 365 * DAY


@dataclass(frozen=True, slots=True)
class Definition:
    """What the stages of one version mean. `cycles` are the days of each category that is bought again.

    A member is due from `due_from` to `due_until` per cent of the cycle after the last purchase of the category.
    """

    interested_days: int
    interested_events: tuple[str, ...]
    new_days: int
    new_years: int
    active_days: int
    sleeping_days: int
    priority: tuple[str, ...]
    due_from: int
    due_until: int
    cycles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Anchors:
    """The moments that decide, of each of `ids` (ascending): NEVER where there is no such thing.

    `last` and `before` are the last order and the one before it, `interest` the last event of interest. Each member
    may have several spans in which something is due: that of row `due_row` lasts from `due_from` to `due_until`.
    """

    ids: Column
    last: Column
    before: Column
    interest: Column
    due_row: Column
    due_from: Column
    due_until: Column

    def narrowed(self, rows: Column) -> "Anchors":
        """Return the anchors of these rows (places, ascending)."""
        place = numpy.full(self.ids.size, -1)
        place[rows] = numpy.arange(rows.size)
        due = place[self.due_row] >= 0
        return Anchors(
            *(column[rows] for column in (self.ids, self.last, self.before, self.interest)),
            place[self.due_row[due]],
            self.due_from[due],
            self.due_until[due],
        )


@dataclass(frozen=True, slots=True)
class Traces:
    """What is read of members, whatever the cycles are: anchors, and the last purchase of each member and category.

    `row` is the place of the member of a purchase among `ids`, `category` its code, `moment` when it was.
    """

    ids: Column
    last: Column
    before: Column
    interest: Column
    row: Column
    category: Column
    moment: Column
    categories: Words


def traces_of(ids: Column, bought: Bought, interests: Events) -> Traces:
    """Return the traces of `ids` in what they bought and in their events of interest, both up to some moment."""
    orders, events = Groups.of(bought.member), Groups.of(interests.member)
    several = orders.ends - orders.starts > 1
    before = numpy.full(orders.ids.size, NEVER)
    before[several] = bought.paid_at[orders.ends[several] - 2]
    return Traces(
        ids,
        spread(ids, orders, bought.paid_at[orders.ends - 1], NEVER),
        spread(ids, orders, before, NEVER),
        spread(ids, events, interests.occurred_at[events.ends - 1], NEVER),
        *_last_purchases(ids, bought),
        bought.categories,
    )


def anchors_of(traces: Traces, definition: Definition) -> Anchors:
    """Return the moments that decide, with the spans in which something is due by the cycles of the definition."""
    days = numpy.array([*(definition.cycles.get(text, 0) for text in traces.categories.texts), 0])[traces.category]
    due = days > 0
    moment, cycle = traces.moment[due], days[due] * DAY
    return Anchors(
        traces.ids,
        traces.last,
        traces.before,
        traces.interest,
        traces.row[due],
        moment + cycle * definition.due_from // 100,
        moment + cycle * definition.due_until // 100,
    )


def stages(anchors: Anchors, definition: Definition, now: int | Column) -> Column:
    """Return the stage of each member at `now`, a moment or one for each member, as a place in STAGES."""
    held = conditions(anchors, definition, now)
    order = (*definition.priority, "active", "sleeping", "lost")
    return numpy.select([held[stage] for stage in order], [STAGES.index(stage) for stage in order], 0)


def conditions(anchors: Anchors, definition: Definition, now: int | Column) -> dict[str, Column]:
    """Return for each stage but prospect who meets its own condition, whatever comes first."""
    last, interested = anchors.last, definition.interested_days * DAY
    return {
        "interested": (anchors.interest >= now - interested) & (last < now - interested),
        "new": (last >= now - definition.new_days * DAY) & (anchors.before < now - definition.new_years * YEAR),
        "repurchase": _inside(anchors, now),
        "active": last >= now - definition.active_days * DAY,
        "sleeping": last >= now - definition.sleeping_days * DAY,
        "lost": last > NEVER,
    }


def next_look(anchors: Anchors, definition: Definition, now: Column) -> Column:
    """Return for each member the first moment after `now` at which time alone may change the stage, or NOT_YET."""
    ends = [
        (anchors.interest, definition.interested_days * DAY),
        *((anchors.last, days * DAY) for days in _days_of_orders(definition)),
        (anchors.before, definition.new_years * YEAR),
    ]
    soonest = numpy.full(anchors.ids.size, NOT_YET)
    for start, length in ends:
        _sooner(soonest, slice(None), start + length + 1, now)
    _sooner(soonest, anchors.due_row, anchors.due_from, now)
    _sooner(soonest, anchors.due_row, anchors.due_until + 1, now)
    return soonest


@dataclass(frozen=True, slots=True)
class Changes:
    """Stages that time alone will bring, in the order of their moments."""

    moment: Column
    ids: Column
    stage: Column


def changes(anchors: Anchors, definition: Definition, now: int, until: int) -> Changes:
    """Return what time alone changes after `now` up to `until`: each member is staged again at its own next moments."""
    nothing = numpy.zeros(0, dtype=numpy.int64)
    found: list[tuple[Column, Column, Column]] = [(nothing, nothing, nothing)]
    at = numpy.full(anchors.ids.size, now)
    stage = stages(anchors, definition, now)
    while anchors.ids.size:
        soon = next_look(anchors, definition, at)
        rows = numpy.flatnonzero(soon <= until)
        anchors, at, before = anchors.narrowed(rows), soon[rows], stage[rows]
        stage = stages(anchors, definition, at)
        moved = stage != before
        found.append((at[moved], anchors.ids[moved], stage[moved]))
    moment, ids, after = (numpy.concatenate(each) for each in zip(*found, strict=True))
    order = numpy.argsort(moment, kind="stable")
    return Changes(moment[order], ids[order], after[order])


def as_json(definition: Definition) -> dict[str, Any]:
    """Return the definition as a version keeps it."""
    return {name: _plain(getattr(definition, name)) for name in Definition.__dataclass_fields__}


def from_json(kept: Mapping[str, Any]) -> Definition:
    return Definition(**{name: tuple(each) if isinstance(each, list) else each for name, each in kept.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _days_of_orders(definition: Definition) -> tuple[int, ...]:
    return definition.interested_days, definition.new_days, definition.active_days, definition.sleeping_days


def _sooner(soonest: Column, rows: Any, moments: Column, now: Column) -> None:
    """Lower `soonest` of `rows` to those moments that lie after `now`."""
    ahead = numpy.where(moments > now[rows], moments, NOT_YET)
    if isinstance(rows, slice):
        numpy.minimum(soonest, ahead, out=soonest)
    else:
        numpy.minimum.at(soonest, rows, ahead)


def _inside(anchors: Anchors, now: int | Column) -> Column:
    at = now if isinstance(now, int) else now[anchors.due_row]
    inside = numpy.zeros(anchors.ids.size, dtype=bool)
    inside[anchors.due_row[(anchors.due_from <= at) & (at <= anchors.due_until)]] = True
    return inside


def _last_purchases(ids: Column, bought: Bought) -> tuple[Column, Column, Column]:
    """Return (row, category, moment) of the last purchase of each member and category."""
    category, order, starts = runs_of_categories(bought, numpy.flatnonzero(bought.category >= 0))
    ends = numpy.append(numpy.flatnonzero(starts[1:]), starts.size - 1) if starts.size else numpy.flatnonzero(starts)
    last = order[ends]
    each = numpy.arange(last.size)
    there, rows = places(ids, Groups(bought.member[last], each, each))
    return rows, category[ends][there], bought.paid_at[last][there]
