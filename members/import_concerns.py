"""Imports that did not take all of their file."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import ImportRun
from operations.concerns import Concern, Severity

# Whoever has not mended a file by then does not mean to.
TOLD_FOR = timedelta(days=7)


def concerns(now: datetime) -> Iterator[Concern]:
    """Yield what the newest import of each kind left behind, for a week: the next one in order makes up for it."""
    State = ImportRun.State
    ended = ImportRun.objects.filter(state__in=[State.DONE, State.FAILED], created_at__gte=now - TOLD_FOR)
    for run in ended.order_by("kind", "-id").distinct("kind"):
        link = reverse("admin:members_importrun_change", args=[run.pk])
        if run.state == State.FAILED:
            text = _("The import of “%(file)s” stopped before its end.") % {"file": run.name}
            yield Concern(Severity.ERROR, text, link, run.finished_at)
        elif run.rejected:
            words = ngettext(
                "%(count)s row of “%(file)s” was not taken.",
                "%(count)s rows of “%(file)s” were not taken.",
                run.rejected,
            )
            text = words % {"count": f"{run.rejected:,}", "file": run.name}
            yield Concern(Severity.WARNING, text, link, run.finished_at)
