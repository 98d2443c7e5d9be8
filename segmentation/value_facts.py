"""What a member's value is made of: each figure of the model, from columns of facts. Pure.

Days are calendar days of the site: the window of `window_days` ends with the day `at`. Facts that came in after that
day count too, so that a score is the score of a day, brought up to date by new facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy

from segmentation.facts.tables import UNKNOWN, Column, Events, Groups, People
from segmentation.past_facts import DAY, Bought, spread

# One point of reputation for each month as a member, of 30 days, up to five years.
MONTH, MOST_MONTHS = 30 * DAY, 60
UNUSED = -1


@dataclass(frozen=True, slots=True)
class Settings:
    """What is counted, and over how many days."""

    window_days: int
    interaction_events: tuple[str, ...]
    reputation_events: tuple[str, ...]
    reputation_event_points: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns over the members `ids`. Money in hundredths; days are UNUSED for whoever never ordered.

    `amount`, `orders` and `interaction` lie in the window. `silent` are the days since the last order of all; `visits`
    the days with orders, `span` the days from the first to the last of them, `squares` the sum of the squared gaps.
    """

    ids: Column
    amount: Column
    orders: Column
    interaction: Column
    reputation: Column
    silent: Column
    visits: Column
    span: Column
    squares: Column
    # The shortest learned gap among the categories of the last order, or UNUSED.
    category_gap: Column

    @property
    def average(self) -> Column:
        """The average amount of an order in the window, rounded half up; 0 without one."""
        return (2 * self.amount + self.orders) // numpy.maximum(2 * self.orders, 1)


@dataclass(frozen=True, slots=True)
class Past:
    """The facts of some members up to a moment: everybody, what was bought, and all that was done."""

    people: People
    bought: Bought
    events: Events


def figures(past: Past, settings: Settings, at: int, gaps: Mapping[str, int]) -> Figures:
    """Return the figures at the day `at`; `gaps` are the learned days between purchases of a category."""
    ids, bought = past.people.member, past.bought
    groups = Groups.of(bought.member)
    inside = bought.day > at - settings.window_days
    last = bought.day[groups.ends - 1]
    visits, squares = _rhythm(bought, groups)

    def over(values: Column, nothing: int = 0) -> Column:
        return spread(ids, groups, values, nothing)

    return Figures(
        ids=ids,
        amount=over(_sums(numpy.where(inside, bought.net, 0), groups)),
        orders=over(_sums(inside.astype(numpy.int64), groups)),
        interaction=_events(past, settings.interaction_events, settings, at),
        reputation=_reputation(past, settings, at),
        silent=over(numpy.maximum(at - last, 0), UNUSED),
        visits=over(visits),
        span=over(last - bought.day[groups.starts], UNUSED),
        squares=over(squares),
        category_gap=over(_gaps_of_last_orders(bought, groups, gaps), UNUSED),
    )


def joined(parts: list[Figures]) -> Figures:
    """Return the figures of several parts of the members as one."""
    names = [field.name for field in fields(Figures)]
    return Figures(
        *(numpy.concatenate([getattr(part, name) for part in parts] or [numpy.zeros(0, numpy.int64)]) for name in names)
    )


def _rhythm(bought: Bought, groups: Groups) -> tuple[Column, Column]:
    """Return the days with orders, and the sum of the squared gaps between them."""
    gap = numpy.zeros(bought.day.size, dtype=numpy.int64)
    gap[1:] = bought.day[1:] - bought.day[:-1]
    gap[groups.starts] = 0
    return _sums((gap > 0).astype(numpy.int64), groups) + 1, _sums(gap * gap, groups)


def _events(past: Past, types: tuple[str, ...], settings: Settings, at: int) -> Column:
    events = past.events
    chosen = events.types.among(events.type, types) & (events.day > at - settings.window_days)
    groups = Groups.of(events.member[chosen])
    return spread(past.people.member, groups, groups.ends - groups.starts, 0)


def _reputation(past: Past, settings: Settings, at: int) -> Column:
    """Return months as a member up to the end of the day `at`, and points for the events that speak for somebody."""
    joined_at = past.people.joined_at
    months = ((at + 1) * DAY - numpy.where(joined_at == UNKNOWN, (at + 1) * DAY, joined_at)) // MONTH
    told = _events(past, settings.reputation_events, settings, at)
    return numpy.clip(months, 0, MOST_MONTHS) + settings.reputation_event_points * told


def _gaps_of_last_orders(bought: Bought, groups: Groups, gaps: Mapping[str, int]) -> Column:
    last = numpy.zeros(bought.member.size, dtype=bool)
    last[groups.ends - 1] = True
    lines = numpy.flatnonzero(last[bought.order])
    most = numpy.iinfo(numpy.int64).max
    by_code = numpy.array([*(gaps.get(text, most) for text in bought.categories.texts), most])
    shortest = numpy.full(bought.member.size, most)
    numpy.minimum.at(shortest, bought.order[lines], by_code[bought.category[lines]])
    found = shortest[groups.ends - 1]
    return numpy.where(found == most, UNUSED, found)


def _sums(values: Column, groups: Groups) -> Column:
    return numpy.add.reduceat(values, groups.starts) if groups.ids.size else groups.ids
