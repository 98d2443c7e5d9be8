"""A gift for many members: looked at first, approved by a second person, then worked off by workers.

One member is one transaction: the batch's row, and behind it what one grant takes, in the order in which draws take it
(member, account, chances, budget, stock, code). Nothing of one member is held while another's is asked for, so a batch
and any number of draws under the same budget never wait for each other in a circle. The batch's row is moved with the
grant: killed at any moment, a member has the award and is counted, or neither.
"""

from datetime import datetime
from itertools import islice

from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap

from members.csv_files import FileError
from members.models import Member
from operations import audit, four_eyes, jobs
from operations.apart import apart
from operations.four_eyes import AWARDS, Seen
from operations.models import Job
from rewards.awards import OutOfGifts, grant_award
from rewards.models import AwardBatch, Gift
from segmentation import member_sets, uid_lists

MOST_MEMBERS = 100_000
# A job must end long before workers are stopped at 60 s, and the bar should move.
PER_JOB = 500
JOB = "rewards.jobs.issue_awards"
ERASED = "erased"

State = AwardBatch.State


class NotPossible(Exception):
    """The batch is in a state that does not allow it: somebody else was faster."""


class TooMany(ValueError):
    """The list has more members than a batch may have."""


@transaction.atomic
def prepare(  # noqa: PLR0913 what, to whom, at whose expense, why, and who asks
    gift: Gift, text: str, file: File | None, *, scope: str, reason: str, by: User, now: datetime
) -> AwardBatch:
    """Read the uids and keep what an operator is about to give. Nothing is given yet.

    Raises FileError where the list names nobody or is no list, TooMany.
    """
    uids = uid_lists.bring(text, file, by=by, now=now)
    members = member_sets.load(uids.members_id)
    if not members:
        raise FileError(_("None of these uids is a member's."))
    if len(members) > MOST_MEMBERS:
        raise TooMany(len(members))
    return AwardBatch.objects.create(
        gift=gift,
        members_id=uids.members_id,
        uids=uids,
        size=len(members),
        scope=scope,
        reason=reason.strip(),
        made_by=by,
        created_at=now,
    )


def first_of(batch: AwardBatch, count: int = 10) -> list[Member]:
    """Return the first members of the batch."""
    ids = list(islice(member_sets.load(batch.members_id), count))
    return list(Member.objects.filter(pk__in=ids).order_by("pk"))


@transaction.atomic
def wait(batch: AwardBatch) -> None:
    """Let it wait for a second person. Raises NotPossible unless it was only prepared."""
    _move(batch, [State.PREPARED], state=State.WAITING)


@transaction.atomic
def start(batch: AwardBatch, *, by: User, now: datetime, seen: Seen | None = None) -> None:
    """Let workers give the awards. Raises NotPossible, and SecondPersonNeeded where `by` may not do so alone."""
    four_eyes.require([AWARDS], seen)
    _move(batch, [State.PREPARED, State.WAITING], state=State.RUNNING, started_at=now)
    changes = {"gift": [None, str(batch.gift)], "members": [None, batch.size]}
    audit.record("award_batch.started", batch, by=by, now=now, changes=changes, reason=batch.reason)
    _enqueue(batch)


@transaction.atomic
def stop(batch: AwardBatch, *, by: User, now: datetime) -> None:
    """Give no more; what was given stays. Raises NotPossible if it has ended before, or waits for approval."""
    _move(batch, [State.PREPARED, State.RUNNING, State.FAILED], state=State.STOPPED, finished_at=now)
    audit.record("award_batch.stopped", batch, by=by, now=now, changes={"given": [None, batch.given]})


@transaction.atomic
def drop(batch: AwardBatch, *, by: User, now: datetime) -> None:
    """Give nothing of a batch that waited for approval and did not get it."""
    if AwardBatch.objects.filter(pk=batch.pk, state=State.WAITING).update(state=State.STOPPED, finished_at=now):
        audit.record("award_batch.stopped", batch, by=by, now=now)


def work(batch_id: int) -> None:
    """Do a slice and enqueue the next: what a job calls, in its transaction. The awards commit by themselves."""
    batch = AwardBatch.objects.filter(pk=batch_id, state=State.RUNNING).first()
    if batch is None:
        return
    apart(give_slice, batch_id, most=PER_JOB)
    batch.refresh_from_db()
    if batch.state == State.RUNNING:
        _enqueue(batch)


def give_slice(batch_id: int, *, most: int) -> None:
    """Give to the next members, at most so many. Returns early where the batch was stopped."""
    batch = AwardBatch.objects.get(pk=batch_id)
    members = member_sets.load(batch.members_id)
    for _number in range(most):
        if not give_next(batch_id, members, now=timezone.now()):
            return


@transaction.atomic
def give_next(batch_id: int, members: BitMap, *, now: datetime) -> bool:
    """Give to the member after the last; return whether there may be another. One transaction, one member."""
    running = AwardBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id, state=State.RUNNING)
    batch = running.select_related("gift").first()
    if batch is None:
        return False
    member_id = next(members.iter_equal_or_larger(batch.last_id + 1), None)
    if member_id is not None:
        _give(batch, member_id, now)
    if batch.done == batch.size or member_id is None:
        batch.state, batch.finished_at = State.DONE, now
        counts = {"given": [None, batch.given], "not given": [None, batch.missed]}
        audit.record("award_batch.done", batch, by=None, now=now, changes=counts)
    batch.save(update_fields=["last_id", "done", "given", "missed", "state", "finished_at"])
    return batch.state == State.RUNNING


def _give(batch: AwardBatch, member_id: int, now: datetime) -> None:
    batch.last_id, batch.done = member_id, batch.done + 1
    try:
        with transaction.atomic():
            _grant(batch, member_id, now)
    except OutOfGifts as refused:
        batch.missed = batch.missed | {refused.code: batch.missed.get(refused.code, 0) + 1}
    else:
        batch.given += 1


def _grant(batch: AwardBatch, member_id: int, now: datetime) -> None:
    # Held, nobody erases the member while the award is made.
    if not Member.objects.select_for_update(no_key=True).filter(pk=member_id, erased_at=None).exists():
        raise OutOfGifts(ERASED)
    key = f"award-batch:{batch.pk}:{member_id}"
    grant_award(batch.gift, member_id, key=key, source=batch.reason, now=now, scope=batch.scope)


def note_lost(*, now: datetime) -> None:
    """Mark as failed the batches whose slice was given up."""
    for batch in AwardBatch.objects.filter(state=State.RUNNING):
        job = Job.objects.filter(key=_key(batch)).first()
        if job is not None and job.state == Job.State.DEAD:
            error = job.error.strip().rpartition("\n")[2]
            stands = AwardBatch.objects.filter(pk=batch.pk, state=State.RUNNING, last_id=batch.last_id)
            stands.update(state=State.FAILED, error=error, finished_at=now)


@transaction.atomic
def resume(batch: AwardBatch, *, by: User, now: datetime) -> None:
    """Go on where a failed batch stopped. Raises NotPossible for any other."""
    _move(batch, [State.FAILED], state=State.RUNNING, error="", finished_at=None, resumed=F("resumed") + 1)
    _enqueue(batch)
    audit.record("award_batch.resumed", batch, by=by, now=now)


def _move(batch: AwardBatch, allowed: list[State], **fields: object) -> None:
    if not AwardBatch.objects.filter(pk=batch.pk, state__in=allowed).update(**fields):
        raise NotPossible
    batch.refresh_from_db()


def _enqueue(batch: AwardBatch) -> None:
    jobs.enqueue(JOB, key=_key(batch), arguments={"batch_id": batch.pk})


def _key(batch: AwardBatch) -> str:
    """Return the key of the job for the slice where the batch stands; after a failure it needs a new one."""
    return f"award-batch:{batch.pk}:{batch.last_id}" + (f":{batch.resumed}" if batch.resumed else "")
