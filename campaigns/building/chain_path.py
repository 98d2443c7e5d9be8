"""A chain drawn as a path: its steps as nodes, what each gives, for whom it falls away, and what waits at the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns import revision_words
from campaigns.definition import DefinitionError, parse_audience
from campaigns.drafts import Draft, reward_of
from campaigns.models import Chain, ChainStep, Task
from campaigns.revision_words import Words


@dataclass(frozen=True, slots=True)
class Node:
    """A step. "" is said of nothing: `gives` no reward, `falls_away` for nobody, `only_for` everyone."""

    step: ChainStep
    number: int
    title: str
    kind: str
    icon: str
    gives: str
    falls_away: str
    only_for: str


@dataclass(frozen=True, slots=True)
class Path:
    """`variants`: the other chains that stand in the same place, of which a member meets the first for them."""

    chain: Chain
    title: str
    only_for: str
    within: str
    nodes: tuple[Node, ...]
    gives: str
    variants: tuple[str, ...]


def paths_of(draft: Draft, words: Words) -> list[Path]:
    return [_path(chain, draft, words) for chain in draft.chains]


def _path(chain: Chain, draft: Draft, words: Words) -> Path:
    same_place = [each for each in draft.chains if chain.slot and each.slot == chain.slot and each != chain]
    tasks = {task.pk: task for task in draft.tasks}
    whom = audience_words(chain.audience, words)
    nodes = [_node(step, tasks, whom, words) for step in draft.steps[chain.pk] if step.task_id in tasks]
    return Path(
        chain=chain,
        title=chain.title,
        only_for=whom,
        within=revision_words.hours(chain.within) if chain.within else "",
        nodes=tuple(nodes),
        gives=words.reward(reward_of(chain)),
        variants=tuple(_variant(each, words) for each in same_place),
    )


def _node(step: ChainStep, tasks: Mapping[int, Task], whom: str, words: Words) -> Node:
    """`whom`: for whom the whole chain is; a step that says the same says nothing new."""
    task = tasks[step.task_id]
    only_for = audience_words(task.audience, words)
    return Node(
        step=step,
        number=step.number,
        title=task.title,
        kind=revision_words.kind(task.kind),
        icon=f"h5/icons/{task.kind}.svg",
        gives=words.reward(reward_of(task)),
        falls_away=audience_words(step.skip, words),
        only_for="" if only_for == whom else only_for,
    )


def _variant(chain: Chain, words: Words) -> str:
    return _("%(chain)s: %(audience)s") % {
        "chain": chain.title,
        "audience": audience_words(chain.audience, words) or _("everyone"),
    }


def audience_words(audience: object, words: Words) -> str:
    """The audience in a line; "" is everyone."""
    if not audience:
        return ""
    try:
        return words.audience(parse_audience(audience))
    except DefinitionError:
        return _("an audience that cannot be read")
