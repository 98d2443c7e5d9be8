"""A tag set on, or taken from, many members by an operator: looked at first, then worked off by workers in slices."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from operations import audit, jobs
from operations.models import Job
from segmentation import member_sets, tag_sets, tagging, world
from segmentation.models import MemberTag, Tag, TagBatch
from segmentation.tagging import Setter, TagRefused
from segmentation.uid_lists import name_of

SLICE = 5_000
# So few are done at once, without waiting for a worker.
AT_ONCE = 1_000
JOB = "segmentation.jobs.work_off_tag_batch"

State = TagBatch.State
Action = TagBatch.Action


class NotPossible(Exception):
    """The batch is in a state that does not allow it: somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a batch would do: how many members change, how many stay as they are, and what would be replaced."""

    changes: int
    as_before: int
    replaced: list[tuple[Tag, int]]


@transaction.atomic
def prepare(  # noqa: PLR0913 what to do, to whom, until when, and who asks
    tag: Tag,
    action: str,
    members: BitMap,
    *,
    origin: dict[str, Any],
    by: audit.Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> TagBatch:
    """Keep what an operator is about to do. Nothing is done yet. Raises TagRefused for a tag by rule."""
    tagging.refuse_ruled([tag], Setter(MemberTag.Source.HAND))
    stored = member_sets.store(members)
    return TagBatch.objects.create(
        tag=tag,
        action=action,
        members=stored,
        size=stored.size,
        origin=origin,
        expires_at=expires_at if action == Action.SET else None,
        asked_by=name_of(by),
        created_at=now,
    )


def preview(batch: TagBatch, *, now: datetime) -> Preview:
    """Say what would change now."""
    everyone, members = world.everyone(now=now), member_sets.load(batch.members_id)
    carried = len(tag_sets.carriers([batch.tag], everyone) & members)
    if batch.action == Action.REMOVE:
        return Preview(carried, batch.size - carried, [])
    others = batch.tag.group.tags.exclude(pk=batch.tag_id) if batch.tag.group.exclusive else ()
    replaced = [(other, len(tag_sets.carriers([other], everyone) & members)) for other in others]
    until = tagging.until(batch.tag, now=now, expires_at=batch.expires_at)
    as_before = carried if until is None else 0
    return Preview(batch.size - as_before, as_before, [(tag, count) for tag, count in replaced if count])


@transaction.atomic
def start(batch: TagBatch, *, by: audit.Actor, now: datetime) -> None:
    """Let workers do it, or do it at once where it is few. Raises NotPossible unless it waits to be started."""
    _move(batch, [State.PREPARED], state=State.RUNNING)
    told = {"tag": [None, str(batch.tag)], "members": [None, batch.size], "chosen": [None, batch.origin]}
    audit.record(f"tag_batch.{batch.action}", batch, by=by, now=now, changes=told)
    if batch.size <= AT_ONCE:
        work(batch.pk, last_id=batch.last_id, now=now)
        batch.refresh_from_db()
    else:
        _enqueue(batch)


@transaction.atomic
def cancel(batch: TagBatch, *, by: audit.Actor, now: datetime) -> None:
    """Do no more of it; what was done stays. Raises NotPossible if it has ended before."""
    _move(batch, [State.PREPARED, State.RUNNING], state=State.CANCELLED, finished_at=now)
    audit.record("tag_batch.cancelled", batch, by=by, now=now)


@transaction.atomic
def work(batch_id: int, *, last_id: int, now: datetime) -> None:
    """Do the slice of members above `last_id`; nothing happens unless the batch stands there."""
    running = TagBatch.objects.filter(pk=batch_id, state=State.RUNNING, last_id=last_id)
    batch = running.select_for_update(of=("self",)).select_related("tag__group").first()
    if batch is None:
        return
    ids = list(islice(member_sets.load(batch.members_id).iter_equal_or_larger(last_id + 1), SLICE))
    try:
        batch.changed += _change(batch, ids, now)
    except TagRefused as refused:
        batch.state, batch.finished_at, batch.error = State.FAILED, now, str(refused)
        batch.save(update_fields=["state", "finished_at", "error"])
        return
    batch.done += len(ids)
    if len(ids) == SLICE:
        batch.last_id = ids[-1]
        _enqueue(batch)
    else:
        batch.state, batch.finished_at = State.DONE, now
    batch.save(update_fields=["done", "changed", "last_id", "state", "finished_at"])


def note_lost(*, now: datetime) -> None:
    """Mark as failed the batches whose slice was given up."""
    for batch in TagBatch.objects.filter(state=State.RUNNING):
        job = Job.objects.filter(key=_key(batch)).first()
        if job is not None and job.state == Job.State.DEAD:
            error = job.error.strip().rpartition("\n")[2]
            stands = TagBatch.objects.filter(pk=batch.pk, state=State.RUNNING, last_id=batch.last_id)
            stands.update(state=State.FAILED, error=error, finished_at=now)


def _change(batch: TagBatch, ids: list[int], now: datetime) -> int:
    source, name = MemberTag.Source.HAND, batch.asked_by
    if batch.action == Action.REMOVE:
        return tagging.remove_tag(ids, batch.tag, source=source, set_by=name, now=now)
    done = tagging.set_tag(ids, batch.tag, source=source, set_by=name, now=now, expires_at=batch.expires_at)
    return done.created + done.updated


def _move(batch: TagBatch, allowed: list[State], **fields: object) -> None:
    if not TagBatch.objects.filter(pk=batch.pk, state__in=allowed).update(**fields):
        raise NotPossible
    batch.refresh_from_db()


def _enqueue(batch: TagBatch) -> None:
    jobs.enqueue(JOB, key=_key(batch), arguments={"batch_id": batch.pk, "last_id": batch.last_id})


def _key(batch: TagBatch) -> str:
    return f"tag-batch:{batch.pk}:{batch.last_id}"
