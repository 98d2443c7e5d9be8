"""What happened by the hour: who joined, what was done, drawn and given, and what it cost.

Each figure is counted from an index by time, and only within the days asked for. Days and hours are the site's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

DAYS = 14
HOURS = 24
# Of days that are over, hardly anything changes any more: awards that are taken back, what comes in late.
KEPT_SECONDS = 900


class Figure(StrEnum):
    PARTICIPANTS = "participants"
    COMPLETIONS = "completions"
    DRAWS = "draws"
    AWARDS = "awards"
    COST = "cost"


# What is counted or summed, where, and by which time.
_COUNTED = {
    Figure.PARTICIPANTS: ("count(*)", "campaigns_enrolment", "joined_at", "TRUE"),
    Figure.COMPLETIONS: ("count(*)", "campaigns_completion", "completed_at", "TRUE"),
    Figure.DRAWS: ("count(*)", "rewards_draw", "drawn_at", "TRUE"),
    Figure.AWARDS: ("count(*)", "rewards_award", "granted_at", "state <> 'reversed'"),
    Figure.COST: ("sum(cost)", "rewards_award", "granted_at", "state <> 'reversed'"),
}
# `early` is what came before `cut`: yesterday until this time of the day.
_BY_HOUR = """
SELECT '{figure}', date_trunc('hour', {at} AT TIME ZONE %(zone)s) AS hour, {what},
    coalesce({what} FILTER (WHERE {at} < %(cut)s), 0)
FROM {table} WHERE {at} >= %(since)s AND {at} < %(until)s AND {only} GROUP BY 2
"""

# {(day, hour): number}
Hours = dict[tuple[date, int], int]


@dataclass(frozen=True, slots=True)
class DayFigure:
    """A figure today and yesterday, in counts, or in cents for the cost.

    `before` is yesterday until the same time of the day. `days` are the last DAYS days, today last; `today` and
    `yesterday` are by the hour, today's up to the hour that it is.
    """

    figure: Figure
    now: int
    before: int
    days: tuple[tuple[date, int], ...]
    today: tuple[int, ...]
    yesterday: tuple[int, ...]


def day_figures(figures: Iterable[Figure], *, now: datetime) -> list[DayFigure]:
    """Return the figures as of `now`: one statement for today and yesterday, one more where older days are unknown."""
    wanted = list(figures)
    if not wanted:
        return []
    zone = timezone.get_default_timezone()
    local = timezone.localtime(now, zone)
    # In a local zone a day back is the same time by the clock, also over a change of the clocks.
    cut = local - timedelta(days=1)
    recent, early = _count(wanted, since=_midnight(cut.date()), until=now + timedelta(microseconds=1), cut=cut)
    earlier = _earlier_days(wanted, local.date())
    return [_day_figure(each, recent[each], early[each], earlier[each], local) for each in wanted]


def _day_figure(figure: Figure, recent: Hours, early: int, earlier: Mapping[date, int], local: datetime) -> DayFigure:
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    by_hour = {day: tuple(recent.get((day, hour), 0) for hour in range(HOURS)) for day in (today, yesterday)}
    totals = {**earlier, yesterday: sum(by_hour[yesterday]), today: sum(by_hour[today])}
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return DayFigure(
        figure=figure,
        now=totals[today],
        before=early,
        days=tuple((day, totals.get(day, 0)) for day in days),
        today=by_hour[today][: local.hour + 1],
        yesterday=by_hour[yesterday],
    )


def _earlier_days(figures: list[Figure], today: date) -> dict[Figure, dict[date, int]]:
    """Return the totals of the days before yesterday, kept for a while: they are over."""
    keys = {f"day-figures:{today}:{figure}": figure for figure in figures}
    kept = cache.get_many(keys)
    missing = [figure for key, figure in keys.items() if key not in kept]
    if missing:
        since, until = (_midnight(today - timedelta(days=back)) for back in (DAYS - 1, 1))
        counted, _early = _count(missing, since=since, until=until, cut=since)
        fresh = {f"day-figures:{today}:{figure}": _by_day(counted[figure]) for figure in missing}
        cache.set_many(fresh, KEPT_SECONDS)
        kept |= fresh
    return {figure: kept[key] for key, figure in keys.items()}


def _by_day(hours: Hours) -> dict[date, int]:
    days: dict[date, int] = {}
    for (day, _hour), number in hours.items():
        days[day] = days.get(day, 0) + number
    return days


def _count(
    figures: list[Figure], *, since: datetime, until: datetime, cut: datetime
) -> tuple[dict[Figure, Hours], dict[Figure, int]]:
    """Return each figure by day and hour, and how much of it came before `cut`."""
    parts = []
    for figure in figures:
        what, table, at, only = _COUNTED[figure]
        parts.append(_BY_HOUR.format(figure=figure.value, what=what, table=table, at=at, only=only))
    hours: dict[Figure, Hours] = {figure: {} for figure in figures}
    early = dict.fromkeys(figures, 0)
    zone = str(timezone.get_default_timezone())
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"zone": zone, "since": since, "until": until, "cut": cut})
        for name, hour, number, before in cursor.fetchall():
            figure = Figure(name)
            hours[figure][hour.date(), hour.hour] = int(number)
            early[figure] += int(before)
    return hours, early


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
