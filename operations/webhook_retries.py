"""When a webhook that was not taken is tried again, and when no more. Pure; what is random is an argument."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
# Counted from the first try. Then it is given up, and an endpoint that has taken nothing for as long goes off.
TRIED_FOR = timedelta(days=3)
# Of the delay, so that what failed together does not come back together.
JITTER = 0.2
# The statuses whose Retry-After is heeded, and the longest that one may ask for.
PLEASE_WAIT = (429, 503)
LONGEST_WAIT = timedelta(hours=1)
SHORTEST_REST = timedelta(seconds=1)
LONGEST_REST = timedelta(minutes=10)


def delay_after(attempts: int, *, chance: float) -> timedelta:
    """Return how long to wait after the n-th attempt, from 1; `chance` is from 0 to 1, and adds up to JITTER."""
    return DELAYS[min(max(attempts, 1), len(DELAYS)) - 1] * (1 + JITTER * chance)


def next_try(
    attempts: int, *, first: datetime, now: datetime, chance: float, wait: timedelta = timedelta(0)
) -> datetime | None:
    """Return when to try again after the n-th attempt, or None to give up: TRIED_FOR has passed since the `first`.

    The last try is at the very end of that time. `wait` is what the receiver asked for.
    """
    end = first + TRIED_FOR
    if now >= end:
        return None
    return min(now + max(delay_after(attempts, chance=chance), wait), end)


def asked_wait(status: int | None, retry_after: str, *, now: datetime) -> timedelta:
    """Return for how long the receiver asks to be left alone: seconds or a date (RFC 9110), at most LONGEST_WAIT."""
    if status not in PLEASE_WAIT or not retry_after:
        return timedelta(0)
    if retry_after.isascii() and retry_after.isdecimal():
        asked = timedelta(seconds=min(int(retry_after[:9]), 10**6))
    else:
        try:
            moment = parsedate_to_datetime(retry_after)
        except (ValueError, OverflowError):
            # A day or a zone of twenty digits overflows; other nonsense is no value.
            return timedelta(0)
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(asked, timedelta(0)), LONGEST_WAIT)


def rest_after(failing_for: timedelta) -> timedelta:
    """Return how long to leave an endpoint alone that has taken nothing for so long.

    Half as long again: it is tried often at first, and every ten minutes in the end, however much waits for it.
    """
    return min(max(failing_for / 2, SHORTEST_REST), LONGEST_REST)
