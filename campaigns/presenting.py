"""What the participants' pages show of a decision, in words and in order. It decides nothing and queries nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import kinds
from campaigns.completing import TaskMoved
from campaigns.definition import Chain, Reward, Task
from campaigns.eligibility import CampaignDecision, ChainDecision, TaskDecision, TaskState
from campaigns.openings import due_step
from campaigns.refusals import Refusal
from campaigns.wordings import told_to_members
from members.isolated import isolated
from operations.sentences import listed

# What a member can act on comes first; what opens later next, and what is over last.
STATE_ORDER = {
    TaskState.CLAIMABLE: 0,
    TaskState.OPEN: 1,
    TaskState.OFFERED: 1,
    TaskState.HELD: 2,
    TaskState.LOCKED: 3,
    TaskState.MISSED: 4,
    TaskState.DONE: 5,
    TaskState.SKIPPED: 6,
}

LATER = frozenset({TaskState.HELD, TaskState.LOCKED})
OVER = frozenset({TaskState.MISSED, TaskState.DONE, TaskState.SKIPPED})

GiftNames = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chip:
    icon: str
    text: str

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.icon}.svg"


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task as one member sees it now. `step` is its number within a chain."""

    task: Task
    state: TaskState
    reason: str | Promise | None
    chips: tuple[Chip, ...]
    count: int
    target: int
    shown_count: str
    shown_target: str
    step: int | None = None
    # Of a task done several times: which time it is, and how many there are; 0 of any other.
    time: int = 0
    until: datetime | None = None

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.task.kind}.svg"

    @property
    def actionable(self) -> bool:
        return self.state in (TaskState.OPEN, TaskState.OFFERED, TaskState.CLAIMABLE)

    @property
    def tap(self) -> str | Promise | None:
        """The words of the button that moves the task by one tap."""
        return kinds.find(self.task.kind).tap(self.task.config)

    @property
    def has_progress(self) -> bool:
        return self.target > 1 and self.state is TaskState.OPEN


@dataclass(frozen=True, slots=True)
class ChainPath:
    """A chain as a path of steps, with what waits at its end."""

    chain: Chain
    steps: tuple[TaskCard, ...]
    chips: tuple[Chip, ...]
    done: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Board:
    """All that a member can do in a campaign: what comes first, the chains, and the other tasks outside of them.

    `hidden` is what the page of the campaign does not list; a task asked for by its address is found there too.
    """

    first: TaskCard | None
    chains: tuple[ChainPath, ...]
    tasks: tuple[TaskCard, ...]
    hidden: tuple[TaskCard, ...] = ()

    @property
    def now(self) -> tuple[TaskCard, ...]:
        """What else can be done now, outside of chains."""
        return tuple(each for each in self.tasks if each.actionable and each is not self.first)

    @property
    def later(self) -> tuple[TaskCard, ...]:
        """What waits for something, outside of chains."""
        return tuple(each for each in self.tasks if each.state in LATER)

    @property
    def over(self) -> tuple[TaskCard, ...]:
        """What is done, for this period at least, or can be done no more; outside of chains."""
        return tuple(each for each in self.tasks if each.state in OVER)

    def card(self, key: str) -> TaskCard | None:
        steps = (step for path in self.chains for step in path.steps)
        return next((each for each in (*steps, *self.tasks, *self.hidden) if each.task.key == key), None)


def board(decision: CampaignDecision, gift_names: GiftNames) -> Board:
    """Lay out a decision. What is meant for other members is not shown: the refusal would only tell who they are.

    What only a higher campaign score or a free place keeps from the member is shown as locked, with its reason.
    """
    chains = tuple(_path(each, gift_names) for each in decision.chains if each.refusal is None)
    alone = [_unless_kept(each, decision.score, card(each, gift_names)) for each in decision.tasks]
    tasks = sorted((each for each in alone if each.state in STATE_ORDER), key=_by_state)
    steps = [step for path in chains for step in path.steps]
    first = min((each for each in (*steps, *tasks) if each.actionable), key=_by_state, default=None)
    refused = [step for each in decision.chains if each.refusal for step in each.steps]
    hidden = [each for each in alone if each.state not in STATE_ORDER] + [card(step, gift_names) for step in refused]
    return Board(first=first, chains=chains, tasks=tuple(tasks), hidden=tuple(hidden))


def _unless_kept(decision: TaskDecision, score: int, shown: TaskCard) -> TaskCard:
    """The card as locked, where the member can wait for it or work towards it."""
    if decision.state is not TaskState.REFUSED or decision.task.slot:
        return shown
    needed = decision.task.audience.score_from
    if decision.refusal is Refusal.QUOTA:
        return replace(shown, state=TaskState.LOCKED)
    if decision.refusal is Refusal.SCORE and needed is not None and score < needed:
        words = _("Opens at a campaign score of %(needed)d: %(missing)d more.")
        return replace(shown, state=TaskState.LOCKED, reason=words % {"needed": needed, "missing": needed - score})
    return shown


def card(decision: TaskDecision, gift_names: GiftNames, step: int | None = None) -> TaskCard:
    kind = kinds.find(decision.task.kind)
    return TaskCard(
        task=decision.task,
        state=decision.state,
        reason=told_to_members(decision.refusal) if decision.refusal else None,
        chips=chips(decision.task.reward, gift_names),
        count=(count := min(decision.count, decision.target)),
        target=decision.target,
        shown_count=kind.show(decision.task.config, count),
        shown_target=kind.show(decision.task.config, decision.target),
        step=step,
        time=min(decision.before + 1, decision.task.times) if decision.task.times else 0,
        until=decision.until,
    )


def chips(reward: Reward, gift_names: GiftNames) -> tuple[Chip, ...]:
    """Return what a reward gives, in the order of what draws a member most."""
    given = []
    if reward.gift:
        given.append(Chip("gift", gift_names.get(reward.gift, _("A gift"))))
    if reward.chances:
        given.append(Chip("ticket", ngettext("%d draw chance", "%d draw chances", reward.chances) % reward.chances))
    if reward.points:
        given.append(Chip("coin", ngettext("%d point", "%d points", reward.points) % reward.points))
    if reward.score:
        given.append(Chip("crown", _("%d campaign score") % reward.score))
    if reward.growth:
        given.append(Chip("growth", _("%d growth value") % reward.growth))
    return tuple(given)


def gifts_named(rewards: Iterable[Reward]) -> set[str]:
    return {reward.gift for reward in rewards if reward.gift}


def told(moved: TaskMoved, gift_names: GiftNames) -> Iterator[tuple[int, str]]:
    """Yield what a member is told after a move, each with its level of `django.contrib.messages`."""
    if not moved.completed and (said := kinds.find(moved.task.kind).told(moved.task.config, moved.result)):
        yield messages.WARNING, str(said)
    if moved.refusal:
        yield messages.INFO, told_to_members(moved.refusal)
    elif moved.reward:
        yield messages.SUCCESS, _received(_("Done! You received %s."), _("Done!"), moved.reward, gift_names)
    elif moved.completed:
        yield messages.SUCCESS, _("Done! Your reward is waiting to be claimed.")
    if moved.chain_reward:
        yield (
            messages.SUCCESS,
            _received(_("All steps done! You received %s."), _("All steps done!"), moved.chain_reward, gift_names),
        )


def _received(with_gifts: str, without: str, reward: Reward, gift_names: GiftNames) -> str:
    given = [isolated(chip.text) for chip in chips(reward, gift_names)]
    return with_gifts % listed(given) if given else without


def _by_state(shown: TaskCard) -> int:
    return STATE_ORDER[shown.state]


def _path(decision: ChainDecision, gift_names: GiftNames) -> ChainPath:
    due = due_step(decision)
    return ChainPath(
        chain=decision.chain,
        steps=tuple(_step(step, gift_names, number, due) for number, step in enumerate(decision.steps, start=1)),
        chips=chips(decision.chain.reward, gift_names),
        done=decision.done,
        finished=decision.finished,
    )


def _step(decision: TaskDecision, gift_names: GiftNames, number: int, due: Task | None) -> TaskCard:
    """A step of a chain; one that waits for another names it."""
    shown = card(decision, gift_names, number)
    if due is None or decision.refusal is not Refusal.STEP_LOCKED:
        return shown
    return replace(shown, reason=_("First: %(step)s") % {"step": isolated(due.title)})
