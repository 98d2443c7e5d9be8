"""What a member looks at, searches for and does, and when: one statement over the events of the last 90 days.

Types, categories and keywords are the shop's own words and may be many: the most frequent are named, the others are
one more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

DAYS = 90
NAMED = 8

# An event without a category or keyword has none to be counted by. Events are many and hours few: what the clock of
# the shop shows is worked out of 2,160 hours, not of each event.
_EVENT_HABITS = """
WITH told AS (
    SELECT date_trunc('hour', occurred_at, %(zone)s) AS hour, type, category, keyword, count(*) AS events
    FROM members_event WHERE member_id = %(member)s AND occurred_at >= %(since)s
    GROUP BY GROUPING SETS ((date_trunc('hour', occurred_at, %(zone)s)), (type), (category), (keyword))
), grouped AS (
    SELECT CASE WHEN hour IS NOT NULL THEN 'hour' WHEN type IS NOT NULL THEN 'type'
                WHEN category IS NOT NULL THEN 'category' ELSE 'keyword' END AS chart,
           coalesce(to_char(hour AT TIME ZONE %(zone)s, 'ID:HH24'), type, category, keyword) AS step,
           sum(events) AS events
    FROM told GROUP BY 1, 2
), ranked AS (
    SELECT *, CASE WHEN chart = 'hour' THEN 0
                   ELSE row_number() OVER (PARTITION BY chart ORDER BY events DESC, step) END AS place
    FROM grouped WHERE step <> ''
)
SELECT chart, CASE WHEN place <= %(named)s THEN step END, sum(events)::int, count(*)::int
FROM ranked GROUP BY chart, CASE WHEN place <= %(named)s THEN step END, least(place, %(named)s + 1)
ORDER BY chart, least(place, %(named)s + 1)
"""


@dataclass(frozen=True, slots=True)
class Frequent:
    """How many events; `step` is None for `others` together."""

    step: str | None
    events: int
    others: int = 0


@dataclass(frozen=True, slots=True)
class EventHabits:
    """`hours` by (weekday 1 to 7 from Monday, hour) in the site's time zone; the rest most frequent first."""

    hours: dict[tuple[int, int], int]
    types: tuple[Frequent, ...]
    categories: tuple[Frequent, ...]
    keywords: tuple[Frequent, ...]


def event_habits_of(member_id: int, *, now: datetime) -> EventHabits:
    """Return what a member did in the last 90 days, in one statement."""
    told: dict[str, list[Frequent]] = defaultdict(list)
    hours = {}
    since = now - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        values = {"member": member_id, "zone": settings.TIME_ZONE, "since": since, "named": NAMED}
        cursor.execute(_EVENT_HABITS, values)
        for chart, step, events, steps in cursor.fetchall():
            if chart == "hour":
                weekday, _, hour = step.partition(":")
                hours[int(weekday), int(hour)] = events
            else:
                told[chart].append(Frequent(step, events, 0 if step is not None else steps))
    return EventHabits(hours, *(tuple(told[chart]) for chart in ("type", "category", "keyword")))
