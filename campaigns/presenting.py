"""What the participants' pages show of a decision, in words and in order. It decides nothing and queries nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import kinds
from campaigns.completing import TaskMoved
from campaigns.definition import Chain, Reward, Task
from campaigns.eligibility import CampaignDecision, ChainDecision, TaskDecision, TaskState
from campaigns.wordings import SUBMISSION_WORDINGS, WORDINGS

# What a member can act on comes first.
STATE_ORDER = {TaskState.CLAIMABLE: 0, TaskState.OPEN: 1, TaskState.LOCKED: 2, TaskState.DONE: 3}

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
    reason: Promise | None
    chips: tuple[Chip, ...]
    count: int
    target: int
    shown_count: str
    shown_target: str
    step: int | None = None

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.task.kind}.svg"

    @property
    def actionable(self) -> bool:
        return self.state in (TaskState.OPEN, TaskState.CLAIMABLE)

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
    def others(self) -> tuple[TaskCard, ...]:
        """The tasks outside of chains that do not stand at the top already."""
        return tuple(each for each in self.tasks if each is not self.first)

    def card(self, key: str) -> TaskCard | None:
        steps = (step for path in self.chains for step in path.steps)
        return next((each for each in (*steps, *self.tasks, *self.hidden) if each.task.key == key), None)


def board(decision: CampaignDecision, gift_names: GiftNames) -> Board:
    """Lay out a decision. What is meant for other members is not shown: the refusal would only tell who they are."""
    chains = tuple(_path(each, gift_names) for each in decision.chains if each.refusal is None)
    alone = [card(each, gift_names) for each in decision.tasks]
    tasks = sorted((each for each in alone if each.state in STATE_ORDER), key=_by_state)
    steps = [step for path in chains for step in path.steps]
    first = min((each for each in (*steps, *tasks) if each.actionable), key=_by_state, default=None)
    refused = [step for each in decision.chains if each.refusal for step in each.steps]
    hidden = [each for each in alone if each.state not in STATE_ORDER] + [card(step, gift_names) for step in refused]
    return Board(first=first, chains=chains, tasks=tuple(tasks), hidden=tuple(hidden))


def card(decision: TaskDecision, gift_names: GiftNames, step: int | None = None) -> TaskCard:
    kind = kinds.find(decision.task.kind)
    return TaskCard(
        task=decision.task,
        state=decision.state,
        reason=WORDINGS[decision.refusal] if decision.refusal else None,
        chips=chips(decision.task.reward, gift_names),
        count=(count := min(decision.count, decision.target)),
        target=decision.target,
        shown_count=kind.show(decision.task.config, count),
        shown_target=kind.show(decision.task.config, decision.target),
        step=step,
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
    if reward.growth:
        given.append(Chip("growth", _("%d growth value") % reward.growth))
    return tuple(given)


def gifts_named(rewards: Iterable[Reward]) -> set[str]:
    return {reward.gift for reward in rewards if reward.gift}


def goal(config: Mapping[str, Any]) -> str:
    """Return what a purchase asks for, as a heading."""
    if "orders" in config:
        return ngettext("Place %d order", "Place %d orders", int(config["orders"])) % int(config["orders"])
    if "units" in config:
        return ngettext("Buy %d article", "Buy %d articles", int(config["units"])) % int(config["units"])
    return _("Spend ¥%s in all") % config["amount"]


def questions(
    asked: Sequence[Mapping[str, Any]], given: Mapping[str, str], wrong: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the questions of a quiz with what was chosen already and what is wrong with it."""
    return [
        {
            **question,
            "chosen": given.get(question["field"]),
            "error": SUBMISSION_WORDINGS.get(wrong.get(question["field"], "")),
        }
        for question in asked
    ]


def told(moved: TaskMoved, gift_names: GiftNames) -> Iterator[tuple[int, str]]:
    """Yield what a member is told after a move, each with its level of `django.contrib.messages`."""
    if moved.result.get("passed") is False:
        text = _("%(right)d of %(questions)d right, %(pass)d are needed. Try again!")
        yield messages.WARNING, text % moved.result
    if moved.reward:
        yield messages.SUCCESS, _received(_("Done! You received %s."), _("Done!"), moved.reward, gift_names)
    elif moved.completed:
        yield messages.SUCCESS, _("Done! Your reward is waiting to be claimed.")
    if moved.chain_reward:
        yield (
            messages.SUCCESS,
            _received(_("All steps done! You received %s."), _("All steps done!"), moved.chain_reward, gift_names),
        )


def _received(with_gifts: str, without: str, reward: Reward, gift_names: GiftNames) -> str:
    given = [chip.text for chip in chips(reward, gift_names)]
    return with_gifts % _(", ").join(given) if given else without


def _by_state(shown: TaskCard) -> int:
    return STATE_ORDER[shown.state]


def _path(decision: ChainDecision, gift_names: GiftNames) -> ChainPath:
    return ChainPath(
        chain=decision.chain,
        steps=tuple(card(step, gift_names, number) for number, step in enumerate(decision.steps, start=1)),
        chips=chips(decision.chain.reward, gift_names),
        done=decision.done,
        finished=decision.finished,
    )
