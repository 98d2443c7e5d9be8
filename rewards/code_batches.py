"""Codes by the million: read from a file or generated, worked off by workers in slices.

A slice is one job and one transaction, as in `members.importing`: it adds its codes, moves the batch by an update that
holds only while the batch still stands where the slice began, and enqueues the next slice. Killed at any moment, a
slice has happened or has not. The file is deleted after the batch has ended; a sweep deletes what a crash has left.
"""

import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.core.files.base import File
from django.db import transaction
from django.db.models import F

from members.csv_files import FileError, Place
from operations import approvals, audit, jobs
from operations.four_eyes import Seen
from operations.models import Job
from rewards import code_files, code_text, codes, fixed_gifts
from rewards.code_text import Chance, Refusal
from rewards.models import CodeBatch, Gift

logger = logging.getLogger(__name__)

State = CodeBatch.State
Kind = CodeBatch.Kind
SLICE_JOB = "rewards.jobs.add_codes"
# A job must end long before workers are stopped at 60 s, and the bar should move.
PER_JOB = 20_000
PER_JOB_RESUMED = 2_000
MOST_GENERATED = 1_000_000
LARGEST_MB = 200
# Lines refused beyond these are counted only.
KEPT_REFUSALS = 1_000
# What failed may be resumed for so long; then its file goes.
KEEP_FAILED = timedelta(days=7)
LOST_AFTER = timedelta(hours=1)


class NotPossible(Exception):
    """The batch is in a state that does not allow it: somebody else was faster, or the file is gone."""


class NoNewCode(Exception):
    """Chance gave nothing but codes that the gift has: it is no chance."""


class _Overtaken(Exception):
    """The batch does not stand any more where this slice began."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a slice did and where the next one begins."""

    added: int
    known: int
    refused: list[tuple[int, Refusal]]
    position: int
    line: int
    finished: bool


def begin_import(gift: Gift, content: File, *, by: audit.Actor, now: datetime) -> CodeBatch:
    """Store a file of codes and let workers read it. Raises FileError, keeping nothing, or codes.NotACoupon."""
    batch = CodeBatch(gift=gift, kind=Kind.IMPORT, name=Path(content.name or "").name[-200:], created_at=now)
    batch.file.save(f"{uuid4().hex}.txt", content, save=False)
    try:
        how = code_files.look_at(Path(batch.file.path))
        batch.encoding, batch.separator, batch.column = how.encoding, how.separator, how.column
        batch.size, batch.position, batch.line = how.size, how.begin.offset, how.begin.line
        _begin(batch, by=by, now=now, changes={"gift": [None, gift.slug], "file": [None, batch.name]})
    except BaseException:
        batch.file.delete(save=False)
        raise
    return batch


def begin_generation(gift: Gift, count: int, *, by: audit.Actor, now: datetime) -> CodeBatch:
    """Let workers make `count` new codes. Raises ValueError beyond MOST_GENERATED, or codes.NotACoupon."""
    if not 1 <= count <= MOST_GENERATED:
        raise ValueError(f"{count} codes at once")
    batch = CodeBatch(gift=gift, kind=Kind.GENERATE, size=count, created_at=now)
    _begin(batch, by=by, now=now, changes={"gift": [None, gift.slug], "codes": [None, count]})
    return batch


@transaction.atomic
def _begin(batch: CodeBatch, *, by: audit.Actor, now: datetime, changes: dict[str, list]) -> None:
    codes.lock_codes_of(batch.gift)
    batch.made_by = by  # type: ignore[assignment]
    if fixed_gifts.codes_need_two(batch.gift, by):
        # Whoever begins it asks for it next (`rewards.approving.codes`); until then nothing is read or made.
        batch.state = State.WAITING
    batch.save()
    if batch.state == State.RUNNING:
        _enqueue(batch, PER_JOB)
    audit.record(f"code_batch.{batch.kind}_begun", batch, by=by, now=now, changes=changes)


@transaction.atomic
def let_in(batch: CodeBatch, *, by: audit.Actor, now: datetime, seen: Seen) -> None:
    """Let workers begin a batch that waited for a second person, and has been seen. Raises NotPossible."""
    _move(batch, [State.WAITING], state=State.RUNNING)
    _enqueue(batch, PER_JOB)
    changes = {"state": [State.WAITING.value, State.RUNNING.value], "asked by": [None, seen.asked_by]}
    audit.record("code_batch.approved", batch, by=by, now=now, changes=changes)


@transaction.atomic
def drop(batch: CodeBatch, *, by: audit.Actor, now: datetime) -> None:
    """Add no code of a batch that waited for approval and did not get it. Its file is deleted."""
    if not CodeBatch.objects.filter(pk=batch.pk, state=State.WAITING).update(state=State.CANCELLED, finished_at=now):
        return
    audit.record("code_batch.cancelled", batch, by=by, now=now, changes={"added": [None, 0]})
    transaction.on_commit(partial(_delete_file, batch))


@transaction.atomic
def cancel(batch: CodeBatch, *, by: audit.Actor, now: datetime) -> None:
    """Add no further codes; those that were added stay. Raises NotPossible if it has ended before."""
    _move(batch, [State.RUNNING, State.FAILED], state=State.CANCELLED, finished_at=now)
    audit.record("code_batch.cancelled", batch, by=by, now=now, changes={"added": [None, batch.added]})
    transaction.on_commit(partial(_delete_file, batch))


@transaction.atomic
def resume(batch: CodeBatch, *, by: audit.Actor, now: datetime) -> None:
    """Go on where a failed batch stopped, in smaller slices. Raises NotPossible for any other."""
    if batch.kind == Kind.IMPORT and not batch.file:
        raise NotPossible
    _move(batch, [State.FAILED], state=State.RUNNING, error="", finished_at=None, resumed=F("resumed") + 1)
    _enqueue(batch, PER_JOB_RESUMED)
    audit.record("code_batch.resumed", batch, by=by, now=now)


def work(batch_id: int, *, position: int, most: int, now: datetime, chance: Chance = os.urandom) -> None:
    """Add the codes of the slice that begins at `position`; nothing happens unless the batch stands there."""
    batch = CodeBatch.objects.filter(pk=batch_id, state=State.RUNNING, position=position).select_related("gift").first()
    if batch is None:
        return
    try:
        with transaction.atomic():
            codes.lock_codes_of(batch.gift)
            step = _read(batch, most) if batch.kind == Kind.IMPORT else _generate(batch, most, chance)
            _advance(batch, step, now=now)
    except _Overtaken:
        logger.info("batch of codes %s went on without the slice at %s", batch_id, position)
    except (FileError, OSError, codes.NotACoupon) as error:
        # Trying again would not help; an operator may put it in order and resume.
        _fail(batch, str(error), now=now)


def job_of(batch: CodeBatch) -> Job | None:
    """Return the job of the slice where the batch stands."""
    return Job.objects.filter(key=_key(batch)).first()


def tidy(*, now: datetime) -> None:
    """Mark as failed what workers gave up, ask again for slices nobody knows of, delete files that are not needed."""
    for batch in CodeBatch.objects.filter(state=State.RUNNING):
        job = job_of(batch)
        if job is None:
            with transaction.atomic():
                _enqueue(batch, PER_JOB)
        elif job.state == Job.State.DEAD:
            _fail(batch, job.error.strip().rpartition("\n")[2], now=now)
    for batch in CodeBatch.objects.filter(state=State.WAITING, created_at__lt=now - LOST_AFTER):
        if not approvals.waiting_about(batch):
            # Whoever began it did not come to ask for it.
            drop(batch, by=None, now=now)
    for batch in CodeBatch.objects.filter(state=State.FAILED, finished_at__lt=now - KEEP_FAILED):
        cancel(batch, by=None, now=now)
    for batch in CodeBatch.objects.filter(state__in=[State.DONE, State.CANCELLED]).exclude(file=""):
        _delete_file(batch)


def _read(batch: CodeBatch, most: int) -> _Step:
    place = Place(batch.position, batch.line)
    how = code_files.CodeFile(batch.encoding, batch.separator, batch.column, place, batch.size)
    piece = code_files.read_slice(Path(batch.file.path), how, place, lines=most)
    added = codes.add_codes(batch.gift_id, piece.codes, batch=batch)
    # The last lines may be empty: what was read is all there is.
    position = batch.size if piece.finished else piece.end.offset
    return _Step(added, len(piece.codes) - added, piece.refused, position, piece.end.line, piece.finished)


def _generate(batch: CodeBatch, most: int, chance: Chance) -> _Step:
    wanted = min(most, batch.size - batch.position)
    # One that the gift had already, once in 10 ** 20, is made anew by the next slice.
    added = codes.add_codes(batch.gift_id, list(code_text.new_codes(wanted, chance=chance)), batch=batch)
    if not added:
        raise NoNewCode(batch.pk)
    position = batch.position + added
    return _Step(added, 0, [], position, batch.line, finished=position == batch.size)


def _advance(batch: CodeBatch, step: _Step, *, now: datetime) -> None:
    """Move the batch to the end of the slice. Raises _Overtaken if it does not stand at the beginning of it."""
    room = KEPT_REFUSALS - len(batch.refusals)
    stands = CodeBatch.objects.filter(pk=batch.pk, state=State.RUNNING, position=batch.position, resumed=batch.resumed)
    moved = stands.update(
        position=step.position,
        line=step.line,
        added=F("added") + step.added,
        known=F("known") + step.known,
        refused=F("refused") + len(step.refused),
        refusals=[*batch.refusals, *step.refused[:room]],
        state=State.DONE if step.finished else State.RUNNING,
        finished_at=now if step.finished else None,
    )
    if not moved:
        raise _Overtaken
    batch.refresh_from_db()
    if step.finished:
        counts = {name: [None, getattr(batch, name)] for name in ("added", "known", "refused")}
        audit.record(f"code_batch.{batch.kind}_done", batch, by=batch.made_by, now=now, changes=counts)
        transaction.on_commit(partial(_delete_file, batch))
    else:
        _enqueue(batch, PER_JOB_RESUMED if batch.resumed else PER_JOB)


def _delete_file(batch: CodeBatch) -> None:
    """Delete the file first and forget its name then: a crash between the two is put right by `tidy`."""
    if batch.file:
        batch.file.storage.delete(str(batch.file.name))
        CodeBatch.objects.filter(pk=batch.pk).update(file="")


def _move(batch: CodeBatch, allowed: list[State], **fields: object) -> None:
    if not CodeBatch.objects.filter(pk=batch.pk, state__in=allowed).update(**fields):
        raise NotPossible
    batch.refresh_from_db()


def _fail(batch: CodeBatch, error: str, *, now: datetime) -> None:
    stands = CodeBatch.objects.filter(pk=batch.pk, state=State.RUNNING, position=batch.position, resumed=batch.resumed)
    stands.update(state=State.FAILED, error=error, finished_at=now)


def _enqueue(batch: CodeBatch, most: int) -> None:
    arguments = {"batch": batch.pk, "position": batch.position, "most": most}
    jobs.enqueue(SLICE_JOB, key=_key(batch), arguments=arguments)


def _key(batch: CodeBatch) -> str:
    """Return the key of the job for the slice where the batch stands; after a failure it needs a new one."""
    return f"codes:{batch.pk}:{batch.position}" + (f":{batch.resumed}" if batch.resumed else "")
