"""What is wrong in the engine room: jobs, workers, books."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations import heartbeats
from operations.concerns import Concern, Severity, counted
from operations.models import Book, Job

# Each minute a heartbeat goes the whole way through the workers.
LATE = timedelta(minutes=3)


def jobs(now: datetime) -> Iterator[Concern]:
    """Yield that jobs have died, and that nobody does the others."""
    dead, shown = counted(Job.objects.filter(state=Job.State.DEAD))
    if dead:
        text = ngettext("%(count)s job has died.", "%(count)s jobs have died.", dead) % {"count": shown}
        yield Concern(Severity.ERROR, text, reverse("admin:operations_job_changelist") + "?state__exact=dead")
    age = heartbeats.age(heartbeats.WORKERS, now=now)
    if age is None or age > LATE:
        link = reverse("admin:operations_heartbeat_changelist")
        since = None if age is None else now - age
        yield Concern(Severity.ERROR, _("The workers are silent: jobs wait."), link, since)


def books(_now: datetime) -> Iterator[Concern]:
    """Yield the books that do not balance, or could not be counted."""
    link = reverse("admin:operations_book_changelist")
    for book in Book.objects.exclude(violations=0):
        text = _("The books do not balance: %(book)s.") % {"book": _(book.name)}
        yield Concern(Severity.ERROR, text, link, book.checked_at)
