"""Help among friends (助力): one tap of a friend moves a member's task on; each friend helps once a period."""

from datetime import datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import answering, following, inbox_words
from campaigns.answering import Answer, Meeting
from campaigns.completing import TaskMoved
from campaigns.definition import Reward
from campaigns.eligibility import TaskState
from campaigns.kinds.face import Turn
from campaigns.models import Help
from campaigns.refusals import Because, Refusal, Refused
from campaigns.shared_kind import Friend, shown_name
from campaigns.turns import turn_of
from members import inbox

HELPED_BEFORE = Because("helped_before", _("You have helped your friend with this already. Thank you!"))
HELPS_PER_DAY = Because("helps_per_day", _("You have helped as often as is allowed today. Come back tomorrow."))
HELPS_IN_ALL = Because("helps_in_all", _("You have helped as often as is allowed in this campaign."))
ENOUGH = Because("helped_enough", _("All the help that was needed is there already. Thank you!"))
NOT_BEGUN = Because("help_not_asked", _("Your friend has not begun this yet."))
OVER = Because("help_over", _("The time to help your friend is over."))
NOT_FOR_HELPER = Because("helper_not_admitted", _("Your friend's task takes help from other members."))

SHOWN_HELPS = 50
# Who may help: everybody whom the campaign admits, or only those for whom the task is too.
EVERYONE, AUDIENCE = "everyone", "audience"


def help_friend(given: Answer) -> TaskMoved:
    """A friend helps with a task that counts helps. Raises Refused."""
    meeting = answering.meet(given)
    turn = turn_of(meeting.sharer, meeting.task)
    check(meeting, turn)
    needed = int(meeting.task.config["helps"])
    number = received(turn).count() + 1
    if number > needed:
        raise Refused(ENOUGH)
    helped = write(meeting, turn, number=number, needed=needed)
    return finish(meeting, helped, {})


def check(meeting: Meeting, turn: Turn) -> None:
    """Raise Refused where the sharer's task takes no help, or not this friend's. Behind both locks."""
    _check_task(meeting)
    if received(turn).filter(helper=meeting.friend.enrolment).exists():
        raise Refused(HELPED_BEFORE)
    config = meeting.task.config
    if config.get("helpers") == AUDIENCE and not _is_for(meeting):
        raise Refused(NOT_FOR_HELPER)
    given = Help.objects.filter(helper=meeting.friend.enrolment, task_key=turn.task.key)
    if (most := config.get("per_helper")) and given.filter(helped_at__gte=_midnight(turn)).count() >= most:
        raise Refused(HELPS_PER_DAY)
    if (most := config.get("per_helper_in_all")) and given.count() >= most:
        raise Refused(HELPS_IN_ALL)


def _check_task(meeting: Meeting) -> None:
    decision = meeting.sharer.decision.task(meeting.task.key)
    match decision.state if decision else None:
        case TaskState.OPEN:
            return
        case TaskState.OFFERED:
            raise Refused(NOT_BEGUN)
        case TaskState.CLAIMABLE | TaskState.DONE | TaskState.HELD:
            raise Refused(ENOUGH)
        case TaskState.MISSED:
            raise Refused(OVER)
    raise Refused(answering.SHARER_OUT)


def _is_for(meeting: Meeting) -> bool:
    """Whether the task is for the friend too, however far they are with it."""
    decision = meeting.friend.decision.task(meeting.task.key)
    if decision is None:
        return False
    return decision.state is not TaskState.REFUSED or decision.refusal in _NOT_OF_AUDIENCE


# Reasons of a task that say nothing of for whom it is.
_NOT_OF_AUDIENCE = frozenset({Refusal.QUOTA, Refusal.SLOT_TAKEN})


def _midnight(turn: Turn) -> datetime:
    return datetime.combine(turn.today, time.min, turn.zone)


def write(  # noqa: PLR0913 a help is what it records
    meeting: Meeting, turn: Turn, *, number: int, needed: int, cut: int | None = None, left: int | None = None
) -> Help:
    return Help.objects.create(
        helped=meeting.sharer.enrolment,
        helper=meeting.friend.enrolment,
        task_key=turn.task.key,
        period=turn.period,
        number=number,
        of=needed,
        cut=cut,
        left=left,
        helped_at=turn.now,
    )


def finish(meeting: Meeting, helped: Help, result: dict[str, Any]) -> TaskMoved:
    """Reward the friend, and let the sharer's tasks follow: by the last help needed the task is done."""
    key = f"helped:{meeting.definition.slug}:{meeting.task.key}:{helped.pk}"
    reward: Reward | None = answering.reward_friend(meeting.friend, meeting.task, "helper_reward", key=key)
    following.look_again([meeting.sharer.member.pk], meeting.definition.slug, now=meeting.friend.now)
    if helped.number == helped.of:
        _tell(meeting, helped)
    told = {"answered": True, "number": helped.number, "of": helped.of} | result
    return meeting.told(told, reward)


def _tell(meeting: Meeting, helped: Help) -> None:
    """Tell the sharer that the last help is there; of those before it they read on the task's page."""
    bargain = helped.cut is not None
    sharer, key = meeting.sharer.member.pk, str(helped.pk)
    told = inbox_words.of_task(
        inbox_words.HELP_COMPLETE, sharer, meeting.definition, meeting.task, key, bargain=bargain
    )
    inbox.put([told], now=meeting.friend.now)


def received(turn: Turn) -> Any:
    """The helps of the turn."""
    return Help.objects.filter(helped=turn.enrolment_id, task_key=turn.task.key, period=turn.period)


def helps_of(turn: Turn) -> list[tuple[Friend, int | None]]:
    """Who helped, the latest first, and what each cut off in cents."""
    rows = received(turn).order_by("-number").values_list("helper__member__name", "helped_at", "cut")[:SHOWN_HELPS]
    return [(Friend(shown_name(name), at), cut) for name, at, cut in rows]


def helpers(turn: Turn) -> list[int]:
    """The members who helped in the turn."""
    return list(received(turn).values_list("helper__member_id", flat=True))


def has_helped(turn: Turn, member_id: int) -> bool:
    return received(turn).filter(helper__member=member_id).exists()
