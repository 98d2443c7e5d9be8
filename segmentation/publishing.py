"""A segment's new version: stored whole, then served by moving one pointer."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import ProtectedError
from pyroaring import BitMap

from members import telling, touches
from operations import jobs
from operations.models import Job
from segmentation import member_sets, webhook_kinds
from segmentation.definitions import readers_of
from segmentation.dependencies import families_of, family_of
from segmentation.models import MemberSet, Segment
from segmentation.rules import Rule

# Runs whose member sets are kept; who entered and left between any two of them can still be told.
KEPT_VERSIONS = 5
# Members whom webhooks name one by one when they enter or leave at once: 200,000 took 20 s with one endpoint.
MOST_TOLD = 100_000
RECOMPUTE = "segmentation.jobs.recompute"
FOLLOW = "segmentation.jobs.follow"


@dataclass(frozen=True, slots=True)
class Published:
    """The set that served before, and how many members the new one has, gained and lost."""

    before: int | None
    size: int
    entered: int
    left: int

    @property
    def changed(self) -> bool:
        return bool(self.entered or self.left)


def request_recompute(segment: Segment, *, now: datetime) -> None:
    """Ask a worker to recompute the segment. Call it inside the transaction that changes what it reads."""
    jobs.enqueue(RECOMPUTE, key=f"segment:{segment.pk}:{now.isoformat()}", arguments={"segment_id": segment.pk})


def request_once(segment: Segment, *, now: datetime) -> None:
    """Ask a worker to recompute the segment, unless one is asked already and has not ended, or given up."""
    open_jobs = Job.objects.filter(function=RECOMPUTE, arguments={"segment_id": segment.pk})
    if not open_jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        request_recompute(segment, now=now)


def publish(segment: Segment, members: BitMap, *, asked: tuple[Any, Rule], as_of: str, now: datetime) -> Published:
    """Let `members` serve, in the caller's transaction, which holds the segment's turn.

    `asked` is the rule that was answered, as JSON and as read. Should it have been saved anew meanwhile, the answer
    still serves, but for no state of the facts: the segment waits for the recomputation that the saving asked for.
    """
    current = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk)
    before = member_sets.load(current.members_id) if current.members_id else BitMap()
    entered, left = members - before, before - members
    if current.members_id is None or entered or left:
        segment.members = member_sets.store(members)
    rule_json, rule = asked
    segment.as_of = as_of if current.rule == rule_json else ""
    segment.families = families_of(rule)
    segment.refreshed_at = now
    segment.save(update_fields=["members", "as_of", "families", "refreshed_at"])
    if current.members_id is None or entered or left:
        tell_readers(segment, entered | left, now=now)
        tell_webhooks(segment, entered=entered, left=left, now=now)
    return Published(current.members_id, len(members), len(entered), len(left))


def tell_readers(segment: Segment, changed: BitMap, *, now: datetime) -> None:
    """Have whoever entered or left looked at again by the segments that read this one, in the caller's transaction.

    A reader without a good version of its own, perhaps because this one had none yet, is computed whole.
    """
    touches.touch(family_of(segment.pk), changed)
    for reader in readers_of(("segment", segment.slug)):
        if not reader.as_of:
            request_once(reader, now=now)


def tell_webhooks(segment: Segment, *, entered: BitMap, left: BitMap, now: datetime) -> None:
    """Tell the shop's other systems who came and who went, in the caller's transaction.

    Whom the first version holds has entered. Who was erased has left without a word. More than MOST_TOLD at once are
    told of as one: a receiver would rather read the list, and the worker that publishes has a minute.
    """
    for kind, members in ((webhook_kinds.ENTERED, entered), (webhook_kinds.LEFT, left)):
        if len(members) > MOST_TOLD:
            telling.tell_at_once(kind, len(members), {"segment": segment.slug}, at=now)
        elif members:
            telling.tell(kind, members, {"segment": segment.slug}, at=now)


def prune(segment: Segment) -> None:
    """Delete the member sets of older runs. One that something else holds on to stays."""
    versions = list(
        segment.runs.filter(members__isnull=False)
        .values_list("members_id", flat=True)
        .order_by("-members_id")
        .distinct()
    )
    for old in versions[KEPT_VERSIONS:]:
        with suppress(ProtectedError):
            MemberSet.objects.filter(pk=old).delete()
