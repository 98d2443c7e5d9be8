"""How fresh what a segment says is, for clients of the API."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from operations.sentences import clauses
from segmentation.models import Segment, SegmentRun, SegmentVersion


def with_runs(segments: QuerySet[Segment]) -> QuerySet[Segment]:
    """Annotate `version`, the number of the rule's newest version, and `last_state`, that of the last run."""
    newest = SegmentVersion.objects.filter(segment=OuterRef("pk")).values("number")[:1]
    last = SegmentRun.objects.filter(segment=OuterRef("pk")).order_by("-id").values("state")[:1]
    return segments.select_related("members").annotate(version=Subquery(newest), last_state=Subquery(last))


def told(segment: Segment, *, now: datetime) -> str:
    """Return what the members stand for: how old they are, and what keeps them fresh."""
    if segment.refreshed_at is None:
        return _("not computed yet")
    words = {"ago": timesince(segment.refreshed_at, now), "minutes": segment.every_minutes, "cron": segment.cron}
    if segment.kind == Segment.Kind.PACKAGE:
        return _("put together %(ago)s ago; changes by hand only") % words
    kept = []
    if segment.follows:
        kept.append(_("new facts are followed"))
    if segment.every_minutes:
        kept.append(_("computed every %(minutes)s minutes") % words)
    if segment.cron:
        kept.append(_("computed at “%(cron)s”") % words)
    return clauses([_("computed %(ago)s ago") % words, *kept])
