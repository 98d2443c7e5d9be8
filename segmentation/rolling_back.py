"""An older version of a segment's rule made the rule again."""

from datetime import datetime

from django.db import transaction

from operations import audit
from operations.audit import Actor
from segmentation import recomputing
from segmentation.definitions import save_rule
from segmentation.models import Segment, SegmentVersion


@transaction.atomic
def roll_back(segment: Segment, number: int, *, by: Actor, now: datetime) -> SegmentVersion | None:
    """Save the rule of version `number` as the newest version, on record, and have the members computed.

    None where the newest version says the same already. Raises RuleError where what it names is gone, or where it
    would now read itself, and SegmentVersion.DoesNotExist.
    """
    restored, before = segment.versions.get(number=number), segment.rule
    version = save_rule(segment, restored.rule, by=by, now=now, restores=number)
    if version is not None:
        changes = {"rule": [before, restored.rule], "version": [number, version.number]}
        audit.record("segment.rolled_back", segment, by=by, now=now, changes=changes)
        recomputing.request_recompute(segment, now=now)
    return version
