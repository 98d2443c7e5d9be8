"""Segments that are not as fresh as they should be; their last good version goes on serving."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from operations.concerns import Concern, Severity
from segmentation import freshness
from segmentation.models import Segment


def concerns(now: datetime) -> Iterator[Concern]:
    """Yield the segments whose last run failed, or is late."""
    for segment in freshness.failing():
        text = _("The last run of the segment “%(segment)s” failed.") % {"segment": segment}
        yield Concern(Severity.ERROR, text, _page(segment), segment.refreshed_at)
    for segment in freshness.late(now=now):
        text = _("The segment “%(segment)s” is late: the run that was due has not begun.") % {"segment": segment}
        yield Concern(Severity.WARNING, text, _page(segment), segment.refreshed_at)


def _page(segment: Segment) -> str:
    return reverse("admin:segmentation_segment_change", args=[segment.pk])
