"""What a member does in a campaign: enter, accept, submit, claim, draw.

Each is load facts → pure decision → guarded write, in one transaction. The enrolment row is locked before the facts are
loaded, so two requests of one member follow each other; behind it the database refuses a second completion, a skipped
step and a second grant by themselves. Lock order: enrolment → member → account → chances → prize → code.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns import answering, completing, level_chances, moving_tasks, pacing, pool_choice
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign
from campaigns.eligibility import TaskDecision, TaskState, decide
from campaigns.entering import Chance, Origin, Play, enter, scope_of
from campaigns.models import Enrolment
from campaigns.refusals import BadSubmission, Refusal, Refused
from campaigns.subjects import load_published
from campaigns.turns import turn_of
from members import touches
from members.models import Member
from rewards import drawing
from rewards.awards import OutOfGifts
from rewards.drawing import Drawn
from rewards.models import Draw

__all__ = ["BadSubmission", "Refused", "TaskMoved", "accept", "claim", "draw", "enrol", "enter_task", "submit"]


@touches.together()
def enrol(
    member: Member, slug: str, *, now: datetime, chance: Chance = secrets.randbelow, origin: Origin | None = None
) -> Enrolment:
    """Enter the campaign; entering again returns the first enrolment.

    Orders from before count at once: tasks that the house observes are moved when the member enters.
    """
    return _entered(member, slug, now, chance, origin).enrolment


def _entered(member: Member, slug: str, now: datetime, chance: Chance, origin: Origin | None) -> Play:
    play = completing.catch_up(enter(member, slug, now=now, chance=chance, origin=origin))
    if play.entered:
        moving_tasks.observe_open(play)
        play = play.again()
    return play.again() if level_chances.give(play.subject, play.definition, now=now) else play


@touches.together()
def enter_task(  # noqa: PLR0913 a move says who, what, when, by what chance and from where
    member: Member,
    slug: str,
    task_key: str,
    *,
    now: datetime,
    chance: Chance = secrets.randbelow,
    origin: Origin | None = None,
) -> TaskMoved:
    """Enter the campaign by way of a task and say how it stands. Raises Refused by the campaign or an unknown key."""
    decision = _entered(member, slug, now, chance, origin).decision.task(task_key)
    if decision is None:
        raise Refused(Refusal.NO_TASK)
    return completing.unmoved(decision)


@pacing.paced
@touches.together()
def accept(  # noqa: PLR0913 as above
    member: Member,
    slug: str,
    task_key: str,
    *,
    now: datetime,
    chance: Chance = secrets.randbelow,
    origin: Origin | None = None,
) -> TaskMoved:
    """Begin a task. Once begun, it stays with the member who leaves its audience."""
    play, decision = _play(member, slug, task_key, now, chance, origin)
    if decision.state in {TaskState.OPEN, TaskState.OFFERED}:
        return moving_tasks.begin(play, decision)
    return completing.unmoved(decision)


@pacing.paced
@touches.together()
def submit(  # noqa: PLR0913 as above
    member: Member,
    slug: str,
    task_key: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    chance: Chance = secrets.randbelow,
    origin: Origin | None = None,
) -> TaskMoved:
    """Move a task by what the member sent: check in, answer the quiz, or look again at the orders.

    A friend who sends a share link moves the task of whoever shared it. Raises Refused or BadSubmission.
    """
    answered = answering.answer(member, slug, task_key, payload, now=now, chance=chance, origin=origin)
    if answered is not None:
        return answered
    play, decision = _play(member, slug, task_key, now, chance, origin)
    if decision.state is TaskState.CLAIMABLE:
        raise Refused(Refusal.DONE)
    if decision.state is TaskState.OFFERED:
        raise Refused(Refusal.NOT_ACCEPTED)
    return moving_tasks.submit(play, decision.task, payload)


@pacing.paced
@touches.together()
def claim(  # noqa: PLR0913 as above
    member: Member,
    slug: str,
    task_key: str,
    *,
    now: datetime,
    chance: Chance = secrets.randbelow,
    origin: Origin | None = None,
) -> TaskMoved:
    """Take the reward of a task that is done. Raises Refused; out of codes, the claim stays open."""
    play, decision = _play(member, slug, task_key, now, chance, origin)
    if decision.state is not TaskState.CLAIMABLE:
        raise Refused(Refusal.NOT_DONE)
    facts = (play.subject.tasks or {})[task_key]
    try:
        return completing.claim(play, turn_of(play, decision.task), facts.data or {})
    except OutOfGifts:
        raise Refused(Refusal.OUT_OF_GIFTS) from None


def _play(  # noqa: PLR0913, PLR0917 as above
    member: Member, slug: str, task_key: str, now: datetime, chance: Chance, origin: Origin | None
) -> tuple[Play, TaskDecision]:
    """Lock, load, decide; the task is one that this member may move."""
    play = _entered(member, slug, now, chance, origin)
    decision = play.decision.task(task_key)
    if decision is None:
        raise Refused(Refusal.NO_TASK)
    if decision.refusal:
        raise Refused(decision.refusal)
    return play, decision


def draw(  # noqa: PLR0913 a draw is what it records
    uid: str,
    slug: str,
    *,
    request_key: str,
    roll: int,
    now: datetime,
    pool: str | None = None,
    pay: bool = False,
    asked: str = "",
) -> Drawn:
    """Use one chance, or pay points for a draw, from the member's pool. `pool` asks for one from that pool.

    The same request key returns the first draw, also when the campaign has closed since. Two statements and no
    transaction of its own: the draw is one statement, which guards the chance, the stock, and that none begins after a
    pause. Raises Refused, Member.DoesNotExist, or RequestReused if the key was used to ask for something else.
    """
    loaded = load_published(uid, slug, now=now)
    if loaded is None:
        raise Member.DoesNotExist(uid)
    definition, facts = loaded
    if definition is None:
        raise Refused(Refusal.NOT_PUBLISHED)
    member_id = facts.subject.member_id
    subject = facts.for_campaign(definition)
    try:
        decision = decide(definition, subject)
        version, bucket = pool_choice.version_and_bucket(decision.ordinary, decision.draws, pool, pay=pay)
    except Refused:
        drawn_before = _version_drawn(member_id, definition, request_key)
        if drawn_before is None:
            raise
        version, bucket = drawn_before, pool_choice.ORDINARY
    else:
        level_chances.give(subject, definition, now=now)
    try:
        return drawing.draw(
            member_id,
            scope=scope_of(definition),
            version_id=version,
            request_key=request_key,
            roll=roll,
            now=now,
            bucket=bucket,
            pay=pay,
            asked=asked,
        )
    except drawing.DrawRefused as refused:
        if refused.code == drawing.MEMBER_ERASED:
            raise Member.DoesNotExist(uid) from None
        raise Refused(Refusal(refused.code)) from None


def _version_drawn(member_id: int, definition: Campaign, request_key: str) -> int | None:
    """The version of the draw that this request was answered with before, if it was."""
    drawn = Draw.objects.filter(member=member_id, scope=scope_of(definition), request_key=request_key)
    return drawn.values_list("version_id", flat=True).first()
