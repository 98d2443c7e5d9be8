"""Reviewers decide what members handed in: one decision each, whoever else is looking at it.

An approval counts for the moment at which it was handed in: the period of that day, and a campaign that was open then.
What it brings is given now. Refused, the member reads why and may hand in again.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from campaigns import completing, inbox_words, moving_tasks, quotas
from campaigns.completing import TaskMoved
from campaigns.eligibility import TaskState, decide
from campaigns.entering import Play, enter_at
from campaigns.models import Progress, Submission
from campaigns.refusals import Because, Refusal, Refused
from campaigns.subjects import load_subject
from campaigns.turns import turn_of
from members import touches
from operations import audit
from rewards.awards import OutOfGifts

LONGEST_REASON = 300


class AlreadyDecided(Exception):
    """Somebody else, or a callback, was faster."""

    def __str__(self) -> str:
        return gettext("This has been decided already.")


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval did: how the task moved, or why it does not count for the member any more."""

    moved: TaskMoved | None
    refusal: Refusal | Because | None = None


@touches.together()
def approve(
    submission_id: int, *, by: audit.Actor, now: datetime, chance: Callable[[int], int] = secrets.randbelow
) -> Approved:
    """Approve it, and move the task as it stood when it was handed in.

    Raises AlreadyDecided, Member.DoesNotExist for who was erased meanwhile, and Refused where the places of the task
    are taken: then it stays to be decided.
    """
    found = _found(submission_id)
    approved = _approve(found, by=by, now=now, chance=chance)
    _tell(inbox_words.PROOF_APPROVED, found, now=now, counts=approved.moved is not None)
    return approved


def _approve(found: Submission, *, by: audit.Actor, now: datetime, chance: Callable[[int], int]) -> Approved:
    enrolment = found.enrolment
    try:
        play = enter_at(enrolment.member, enrolment.campaign.slug, at=found.handed_in_at, now=now, chance=chance)
    except Refused as refused:
        # Shut out since: there is nothing to move, and yet an end to the waiting.
        _decide(found, Submission.State.APPROVED, by=by, now=now)
        return Approved(None, refused.refusal)
    _decide(found, Submission.State.APPROVED, by=by, now=now)
    play = _with_places_again(play, found)
    decision = play.decision.task(found.task_key)
    if decision is None:
        return Approved(None, Refusal.NO_TASK)
    if decision.refusal is Refusal.QUOTA:
        raise Refused(Refusal.QUOTA)
    if decision.state is not TaskState.OPEN:
        return Approved(None, decision.refusal)
    return Approved(_claimed_if_over(play, moving_tasks.observe(play, decision.task)))


@touches.together()
def refuse(submission_id: int, *, reason: str, by: audit.Actor, now: datetime) -> None:
    """Refuse it for a reason that the member reads. Raises AlreadyDecided, ValueError without a reason."""
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise ValueError("a refusal needs a reason, not too long a one")
    found = _found(submission_id)
    _decide(found, Submission.State.REFUSED, by=by, now=now, reason=words)
    _tell(inbox_words.PROOF_REFUSED, found, now=now, reason=words)


def _tell(kind: str, found: Submission, *, now: datetime, **more: object) -> None:
    inbox_words.tell_of_task(kind, found.enrolment, found.task_key, str(found.pk), now=now, **more)


def _found(submission_id: int) -> Submission:
    submissions = Submission.objects.select_related("enrolment__member", "enrolment__campaign")
    try:
        return submissions.get(pk=submission_id)
    except Submission.DoesNotExist:
        # Its member was erased.
        raise AlreadyDecided from None


def _decide(found: Submission, state: Submission.State, *, by: audit.Actor, now: datetime, reason: str = "") -> None:
    """The state in the statement decides between two reviewers."""
    pending = Submission.objects.filter(pk=found.pk, state=Submission.State.PENDING)
    decided_by = getattr(by, "pk", None)
    if not pending.update(state=state, reason=reason, decided_by=decided_by, decided_at=now):
        raise AlreadyDecided
    changes = {"state": [Submission.State.PENDING, state.value], "period": [None, found.period]}
    audit.record(f"submission.{state.value}", found, by=by, now=now, changes=changes, reason=reason)


def _with_places_again(play: Play, found: Submission) -> Play:
    """Accepted in time and handed in in time, but its places were given back since by the clock: take them again.

    Raises Refused where others have them.
    """
    task = play.definition.by_key.get(found.task_key)
    lapsed = Progress.objects.filter(
        enrolment=found.enrolment_id,
        task_key=found.task_key,
        period=found.period,
        lapsed_at__isnull=False,
        finish_until__gt=found.handed_in_at,
    )
    if task is None or not lapsed.exists():
        return play
    lapsed.update(places=[list(each) for each in quotas.take(play, task)], lapsed_at=None)
    return play.again()


def _claimed_if_over(play: Play, moved: TaskMoved) -> TaskMoved:
    """Give what the member could not claim any more, the campaign being over by now."""
    if moved.state is not TaskState.CLAIMABLE or not moved.completed:
        return moved
    if _is_open(play):
        return moved
    again = play.again()
    facts = (again.subject.tasks or {})[moved.task.key]
    turn = turn_of(play, moved.task)
    try:
        return completing.claim(again, turn, facts.data or {})
    except OutOfGifts:
        return moved


def _is_open(play: Play) -> bool:
    subject = load_subject(play.member, play.definition, now=play.now)
    return decide(play.definition, subject).refusal is not Refusal.CLOSED
