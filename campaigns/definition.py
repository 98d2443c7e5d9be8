"""A published campaign as frozen dataclasses, and its JSON form. Pure: no Django, no queries.

`parse` and `as_json` are exact inverses of each other: a revision says the same however often it is read and written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from campaigns.checked_json import DefinitionError, Node
from campaigns.listed import Listed, in_order

__all__ = [
    "EVERYONE",
    "Audience",
    "Campaign",
    "Chain",
    "DefinitionError",
    "Pool",
    "Reward",
    "Task",
    "as_json",
    "audience_as_json",
    "parse",
    "parse_audience",
]

VERSION = 1
PERIODS = ("once", "daily")
CLAIM_MODES = ("automatic", "by_hand")
AUDIENCE_SETS = ("levels", "tag_groups", "tags_any", "tags_all", "tags_none", "segments_in", "segments_not_in")
AUDIENCE_BOUNDS = ("score_from", "score_below")
REWARD_PARTS = ("points", "growth", "chances", "score", "gift", "tag", "pool")


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see something (参与人设置). An empty part asks for nothing; the parts are joined by "and".

    Tags are "group.tag", tag groups and levels and segments are their keys. `score_from` is included in the range of
    the campaign score, `score_below` is not. A set remembers the order in which it was listed (`campaigns.listed`).
    """

    levels: frozenset[str] = frozenset()
    tag_groups: frozenset[str] = frozenset()
    tags_any: frozenset[str] = frozenset()
    tags_all: frozenset[str] = frozenset()
    tags_none: frozenset[str] = frozenset()
    segments_in: frozenset[str] = frozenset()
    segments_not_in: frozenset[str] = frozenset()
    score_from: int | None = None
    score_below: int | None = None


EVERYONE = Audience()


@dataclass(frozen=True, slots=True)
class Reward:
    """What is given once: points, growth value, draw chances, campaign score, a gift by its key, a tag "group.tag".

    `pool` names the pool that the chances are for; without it the member's level, tags and score choose.
    """

    points: int = 0
    growth: int = 0
    chances: int = 0
    score: int = 0
    gift: str | None = None
    tag: str | None = None
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """`target` is the count at which the task is done, as its kind worked it out when the revision was made."""

    key: str
    title: str
    guide: str
    kind: str
    config: Mapping[str, Any]
    period: str
    claim_mode: str
    audience: Audience
    reward: Reward
    target: int = 1


@dataclass(frozen=True, slots=True)
class Chain:
    key: str
    title: str
    audience: Audience
    reward: Reward
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool offered, by the published version that was current with the revision.

    `named_only`: a task, a result or a stage may name it; nobody's level, tags or score chooses it. `version_id`
    is that version's row and `price` what a draw costs in points by it, None where it cannot be bought; both are looked
    up when the revision is loaded and are no part of the JSON.
    """

    slug: str
    name: str
    version: int
    audience: Audience
    named_only: bool = False
    version_id: int = field(default=0, compare=False)
    price: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Campaign:
    """`paused` and `ended` are the live state beside the revision's text; they are no part of the JSON."""

    slug: str
    name: str
    revision: int
    opens_at: datetime
    closes_at: datetime
    tagline: str
    rules: str
    organiser: str
    colour: str
    audience: Audience
    tasks: tuple[Task, ...]
    chains: tuple[Chain, ...]
    pools: tuple[Pool, ...]
    paused: bool = False
    ended: bool = False
    by_key: Mapping[str, Task] = field(default_factory=dict, compare=False, repr=False)

    @property
    def asking(self) -> "tuple[Campaign | Task | Chain | Pool, ...]":
        """Every part that has an audience, the campaign first."""
        return (self, *self.tasks, *self.chains, *self.pools)

    def chain_of(self, task_key: str) -> Chain | None:
        """The chain that a task is a step of; a task is a step of one chain at most."""
        return next((chain for chain in self.chains if task_key in chain.steps), None)


TEXTS = ("slug", "name", "tagline", "rules", "organiser", "colour")


def parse(data: Any) -> Campaign:
    """Read a campaign's JSON. Raises DefinitionError with the path of the first fault."""
    node = Node(data)
    lists = ("tasks", "chains", "pools")
    node.keys(required=("version", "revision", "opens_at", "closes_at", "audience", *TEXTS, *lists))
    if node.at("version").integer() != VERSION:
        raise node.at("version").fail(f"must be {VERSION}")
    tasks = tuple(_parse_task(each) for each in node.at("tasks").each())
    by_key = {task.key: task for task in tasks}
    if len(by_key) < len(tasks):
        raise node.at("tasks").fail("two tasks have the same key")
    texts: dict[str, Any] = {key: node.at(key).text() for key in TEXTS}
    return Campaign(
        **texts,
        revision=node.at("revision").integer(),
        opens_at=node.at("opens_at").moment(),
        closes_at=node.at("closes_at").moment(),
        audience=parse_audience(node.at("audience")),
        tasks=tasks,
        chains=tuple(_parse_chain(each, by_key) for each in node.at("chains").each()),
        pools=tuple(_parse_pool(each) for each in node.at("pools").each()),
        by_key=by_key,
    )


def parse_audience(data: Any) -> Audience:
    """Read an audience: a Node, or plain JSON such as {"levels": ["paid"], "score_from": 80}."""
    node = data if isinstance(data, Node) else Node(data)
    node.keys(optional=(*AUDIENCE_SETS, *AUDIENCE_BOUNDS))
    parts: dict[str, Any] = {key: Listed(node.at(key).names()) for key in AUDIENCE_SETS if node.has(key)}
    parts |= {key: node.at(key).integer() for key in AUDIENCE_BOUNDS if node.at(key).value is not None}
    return Audience(**parts)


def _parse_reward(node: Node) -> Reward:
    counts = ("points", "growth", "chances", "score")
    names = ("gift", "tag", "pool")
    node.keys(optional=(*counts, *names))
    given: dict[str, Any] = {key: node.at(key).integer() for key in counts if node.has(key)}
    given |= {key: node.at(key).name() for key in names if node.at(key).value is not None}
    return Reward(**given)


def _parse_task(node: Node) -> Task:
    texts = ("key", "title", "guide", "kind")
    node.keys(required=(*texts, "config", "period", "claim_mode", "audience", "reward", "target"))
    return Task(
        **{key: node.at(key).text() for key in texts},
        config=node.at("config").mapping(),
        period=node.at("period").one_of(PERIODS),
        claim_mode=node.at("claim_mode").one_of(CLAIM_MODES),
        audience=parse_audience(node.at("audience")),
        reward=_parse_reward(node.at("reward")),
        target=node.at("target").integer(least=1),
    )


def _parse_chain(node: Node, tasks: Mapping[str, Task]) -> Chain:
    node.keys(required=("key", "title", "audience", "reward", "steps"))
    steps = node.at("steps").names()
    for step in steps:
        if step not in tasks:
            raise node.at("steps").fail(f"no task has the key {step}")
    return Chain(
        key=node.at("key").name(),
        title=node.at("title").text(),
        audience=parse_audience(node.at("audience")),
        reward=_parse_reward(node.at("reward")),
        steps=steps,
    )


def _parse_pool(node: Node) -> Pool:
    node.keys(required=("slug", "name", "version", "audience"), optional=("named_only",))
    return Pool(
        slug=node.at("slug").name(),
        name=node.at("name").text(),
        version=node.at("version").integer(least=1),
        audience=parse_audience(node.at("audience")),
        named_only=node.has("named_only") and node.at("named_only").flag(),
    )


def as_json(campaign: Campaign) -> dict[str, Any]:
    """The one JSON form of a campaign: sets as they were listed, times in UTC, empty parts left out."""
    return {
        "version": VERSION,
        "revision": campaign.revision,
        **{key: getattr(campaign, key) for key in TEXTS},
        "opens_at": campaign.opens_at.astimezone(UTC).isoformat(),
        "closes_at": campaign.closes_at.astimezone(UTC).isoformat(),
        "audience": audience_as_json(campaign.audience),
        "tasks": [_task_as_json(task) for task in campaign.tasks],
        "chains": [_chain_as_json(chain) for chain in campaign.chains],
        "pools": [_pool_as_json(pool) for pool in campaign.pools],
    }


def audience_as_json(audience: Audience) -> dict[str, Any]:
    sets = {key: list(in_order(getattr(audience, key))) for key in AUDIENCE_SETS}
    bounds = {key: getattr(audience, key) for key in AUDIENCE_BOUNDS}
    return {key: part for key, part in sets.items() if part} | {
        key: bound for key, bound in bounds.items() if bound is not None
    }


def _reward_as_json(reward: Reward) -> dict[str, Any]:
    parts = {key: getattr(reward, key) for key in REWARD_PARTS}
    return {key: part for key, part in parts.items() if part}


def _task_as_json(task: Task) -> dict[str, Any]:
    return {
        **{key: getattr(task, key) for key in ("key", "title", "guide", "kind")},
        "config": dict(task.config),
        "period": task.period,
        "claim_mode": task.claim_mode,
        "audience": audience_as_json(task.audience),
        "reward": _reward_as_json(task.reward),
        "target": task.target,
    }


def _chain_as_json(chain: Chain) -> dict[str, Any]:
    return {
        "key": chain.key,
        "title": chain.title,
        "audience": audience_as_json(chain.audience),
        "reward": _reward_as_json(chain.reward),
        "steps": list(chain.steps),
    }


def _pool_as_json(pool: Pool) -> dict[str, Any]:
    return {
        "slug": pool.slug,
        "name": pool.name,
        "version": pool.version,
        "audience": audience_as_json(pool.audience),
    } | ({"named_only": True} if pool.named_only else {})
