"""What time it is for whoever is shown a page: now, unless the page is a preview of another moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_stopped: ContextVar[datetime | None] = ContextVar("stopped clock", default=None)


def now() -> datetime:
    """Return the moment that the pages of participants show."""
    return _stopped.get() or timezone.now()


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Let it be `at` for what is called inside, in this thread only."""
    token = _stopped.set(at)
    try:
        yield
    finally:
        _stopped.reset(token)
