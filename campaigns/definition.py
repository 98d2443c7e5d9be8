"""A published campaign as frozen dataclasses, and its JSON form. Pure: no Django, no queries.

`parse` and `as_json` are exact inverses of each other: a revision says the same however often it is read and written.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from campaigns.checked_json import DefinitionError, Node
from campaigns.listed import Listed, in_order
from campaigns.offers.terms import Offer, offer_as_json, parse_offer

__all__ = [
    "EVERYONE",
    "Audience",
    "Campaign",
    "Chain",
    "DefinitionError",
    "Offer",
    "Pool",
    "Quota",
    "Reward",
    "Task",
    "as_json",
    "audience_as_json",
    "parse",
    "parse_audience",
    "parse_quota",
    "parse_reward",
    "quota_as_json",
    "reward_as_json",
]

VERSION = 1
PERIODS = ("once", "daily", "weekly", "monthly", "times")
CLAIM_MODES = ("automatic", "by_hand", "accept_first")
QUOTA_PERIODS = ("all", "day", "week", "month")
MOST_TIMES = 1000
MOST_MINUTES = 60 * 24 * 366
AUDIENCE_SETS = ("levels", "tag_groups", "tags_any", "tags_all", "tags_none", "segments_in", "segments_not_in")
AUDIENCE_BOUNDS = ("score_from", "score_below")
TASK_OPTIONS = ("times", "finish_within", "claim_within", "quotas", "slot")
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
class Quota:
    """How often a task may be done by all members of an audience together: in all, or in each day, week or month."""

    quota: int
    per: str = "all"
    audience: Audience = EVERYONE

    @property
    def key(self) -> str:
        """Names what is counted, whatever the quota: raising it goes on with the count."""
        if self.audience == EVERYONE:
            return self.per
        text = json.dumps(audience_as_json(self.audience), sort_keys=True)
        return f"{self.per}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Task:
    """`target` is the count at which the task is done, as its kind worked it out when the revision was made.

    `times`: how often in all, of a task of the period "times". `finish_within`: minutes from accepting it, of one that
    is accepted first. `claim_within`: hours from finishing it, after which the reward expires; 0 never. `slot`: of the
    tasks and chains in one place a member meets the first that admits them; "" is no place.
    """

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
    times: int = 0
    finish_within: int = 0
    claim_within: int = 0
    quotas: tuple[Quota, ...] = ()
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """A step of a chain that falls away for an audience."""

    step: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Chain:
    """`steps` are keys of tasks, `within` the hours from its first step in which all must be done; 0 without end."""

    key: str
    title: str
    audience: Audience
    reward: Reward
    steps: tuple[str, ...]
    within: int = 0
    slot: str = ""
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool offered, by the published version that was current with the revision.

    `named_only`: a task, a result or a stage may name it; nobody's level, tags or score chooses it. `version_id`
    is that version's row, `price` what a draw costs in points by it, None where it cannot be bought, and `stage` how a
    draw is played (wheel, grid, scratch, eggs); all three are looked up when the revision is loaded and are no part of
    the JSON.
    """

    slug: str
    name: str
    version: int
    audience: Audience
    named_only: bool = False
    version_id: int = field(default=0, compare=False)
    price: int | None = field(default=None, compare=False)
    stage: str = field(default="wheel", compare=False)


@dataclass(frozen=True, slots=True)
class Campaign:
    """`paused` and `ended` are the live state beside the revision's text; they are no part of the JSON.

    `time_zone` names the zone whose days, weeks and months count; "" is the site's. `features` are configurations by
    the names of `campaigns.features`. `banner` is the reference of a stored picture, "" for none.
    """

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
    time_zone: str = ""
    features: Mapping[str, Any] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    banner: str = ""
    paused: bool = False
    ended: bool = False
    by_key: Mapping[str, Task] = field(default_factory=dict, compare=False, repr=False)

    @property
    def asking(self) -> "tuple[Campaign | Task | Chain | Pool | Quota | Skip | Offer, ...]":
        """Every part that has an audience, the campaign first."""
        quotas = (quota for task in self.tasks for quota in task.quotas)
        skips = (skip for chain in self.chains for skip in chain.skips)
        return (self, *self.tasks, *self.chains, *self.pools, *quotas, *skips, *self.offers)

    def chain_of(self, task_key: str) -> Chain | None:
        """The chain that a task is a step of; a task is a step of one chain at most."""
        return next((chain for chain in self.chains if task_key in chain.steps), None)

    def offer(self, key: str) -> Offer | None:
        return next((offer for offer in self.offers if offer.key == key), None)


CAMPAIGN_OPTIONS = ("time_zone", "features", "offers", "banner")
TEXTS = ("slug", "name", "tagline", "rules", "organiser", "colour")


def parse(data: Any) -> Campaign:
    """Read a campaign's JSON. Raises DefinitionError with the path of the first fault."""
    node = Node(data)
    lists = ("tasks", "chains", "pools")
    node.keys(
        required=("version", "revision", "opens_at", "closes_at", "audience", *TEXTS, *lists),
        optional=CAMPAIGN_OPTIONS,
    )
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
        time_zone=node.at("time_zone").text() if node.has("time_zone") else "",
        features=node.at("features").mapping() if node.has("features") else {},
        offers=parse_offers(node.at("offers")) if node.has("offers") else (),
        banner=node.at("banner").text() if node.has("banner") else "",
        by_key=by_key,
    )


def parse_offers(nodes: Node) -> tuple[Offer, ...]:
    """Read a list of offers, each with a key of its own."""
    offers = tuple(parse_offer(each, parse_audience) for each in nodes.each())
    if len({offer.key for offer in offers}) < len(offers):
        raise nodes.fail("two offers have the same key")
    return offers


def parse_audience(data: Any) -> Audience:
    """Read an audience: a Node, or plain JSON such as {"levels": ["paid"], "score_from": 80}."""
    node = data if isinstance(data, Node) else Node(data)
    node.keys(optional=(*AUDIENCE_SETS, *AUDIENCE_BOUNDS))
    parts: dict[str, Any] = {key: Listed(node.at(key).names()) for key in AUDIENCE_SETS if node.has(key)}
    parts |= {key: node.at(key).integer() for key in AUDIENCE_BOUNDS if node.at(key).value is not None}
    return Audience(**parts)


def parse_reward(data: Any) -> Reward:
    """Read a reward: a Node, or plain JSON such as {"points": 10, "gift": "cup"}. Raises DefinitionError."""
    node = data if isinstance(data, Node) else Node(data)
    counts = ("points", "growth", "chances", "score")
    names = ("gift", "tag", "pool")
    node.keys(optional=(*counts, *names))
    given: dict[str, Any] = {key: node.at(key).integer() for key in counts if node.has(key)}
    given |= {key: node.at(key).name() for key in names if node.at(key).value is not None}
    return Reward(**given)


def _parse_task(node: Node) -> Task:
    texts = ("key", "title", "guide", "kind")
    node.keys(
        required=(*texts, "config", "period", "claim_mode", "audience", "reward", "target"), optional=TASK_OPTIONS
    )
    named: dict[str, Any] = {key: node.at(key).text() for key in texts}
    return Task(
        **named,
        config=node.at("config").mapping(),
        period=node.at("period").one_of(PERIODS),
        claim_mode=node.at("claim_mode").one_of(CLAIM_MODES),
        audience=parse_audience(node.at("audience")),
        reward=parse_reward(node.at("reward")),
        target=node.at("target").integer(least=1),
        **parse_task_options(node),
    )


def parse_task_options(node: Node) -> dict[str, Any]:
    """What a task may leave out: how many times, its deadlines, its quotas and its place."""
    numbers = {"times": MOST_TIMES, "finish_within": MOST_MINUTES, "claim_within": MOST_MINUTES // 60}
    given: dict[str, Any] = {key: node.at(key).integer(most=most) for key, most in numbers.items() if node.has(key)}
    if node.has("quotas"):
        given["quotas"] = tuple(parse_quota(each) for each in node.at("quotas").each())
    if node.has("slot"):
        given["slot"] = node.at("slot").name(longest=50)
    return given


def parse_quota(data: Any) -> Quota:
    """Read a quota such as {"quota": 100, "per": "day", "audience": {"levels": ["paid"]}}. Raises DefinitionError."""
    node = data if isinstance(data, Node) else Node(data)
    node.keys(required=("quota",), optional=("per", "audience"))
    return Quota(
        node.at("quota").integer(least=1),
        node.at("per").one_of(QUOTA_PERIODS) if node.has("per") else "all",
        parse_audience(node.at("audience")) if node.has("audience") else EVERYONE,
    )


def _parse_chain(node: Node, tasks: Mapping[str, Task]) -> Chain:
    node.keys(required=("key", "title", "audience", "reward", "steps"), optional=("within", "slot"))
    steps, skips = parse_steps(node.at("steps"), tasks)
    return Chain(
        key=node.at("key").name(),
        title=node.at("title").text(),
        audience=parse_audience(node.at("audience")),
        reward=parse_reward(node.at("reward")),
        steps=steps,
        skips=skips,
        within=node.at("within").integer(most=MOST_MINUTES // 60) if node.has("within") else 0,
        slot=node.at("slot").name(longest=50) if node.has("slot") else "",
    )


def parse_steps(node: Node, tasks: Collection[str]) -> tuple[tuple[str, ...], tuple[Skip, ...]]:
    """Read the steps of a chain: keys of tasks, or {"task": key, "skip": audience} for one that some may skip."""
    steps: list[str] = []
    skips: list[Skip] = []
    for each in node.each():
        named = each
        if isinstance(each.value, Mapping):
            each.keys(required=("task", "skip"))
            named = each.at("task")
            skips.append(Skip(named.name(), parse_audience(each.at("skip"))))
        if named.name() not in tasks:
            raise named.fail(f"no task has the key {named.value}")
        if named.value in steps:
            raise named.fail("is a step already")
        steps.append(named.value)
    return tuple(steps), tuple(skips)


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
    } | _given(
        time_zone=campaign.time_zone,
        features=dict(campaign.features),
        offers=[offer_as_json(offer, audience_as_json(offer.audience)) for offer in campaign.offers],
        banner=campaign.banner,
    )


def _given(**parts: Any) -> dict[str, Any]:
    """The parts that say something."""
    return {key: part for key, part in parts.items() if part}


def audience_as_json(audience: Audience) -> dict[str, Any]:
    sets = {key: list(in_order(getattr(audience, key))) for key in AUDIENCE_SETS}
    bounds = {key: getattr(audience, key) for key in AUDIENCE_BOUNDS}
    return {key: part for key, part in sets.items() if part} | {
        key: bound for key, bound in bounds.items() if bound is not None
    }


def reward_as_json(reward: Reward) -> dict[str, Any]:
    parts = {key: getattr(reward, key) for key in REWARD_PARTS}
    return {key: part for key, part in parts.items() if part}


def _task_as_json(task: Task) -> dict[str, Any]:
    return {
        **{key: getattr(task, key) for key in ("key", "title", "guide", "kind")},
        "config": dict(task.config),
        "period": task.period,
        "claim_mode": task.claim_mode,
        "audience": audience_as_json(task.audience),
        "reward": reward_as_json(task.reward),
        "target": task.target,
    } | task_options_as_json(task)


def task_options_as_json(task: Task) -> dict[str, Any]:
    return _given(
        times=task.times,
        finish_within=task.finish_within,
        claim_within=task.claim_within,
        quotas=[quota_as_json(quota) for quota in task.quotas],
        slot=task.slot,
    )


def quota_as_json(quota: Quota) -> dict[str, Any]:
    per = {} if quota.per == "all" else {"per": quota.per}
    return {"quota": quota.quota} | per | _given(audience=audience_as_json(quota.audience))


def _chain_as_json(chain: Chain) -> dict[str, Any]:
    return {
        "key": chain.key,
        "title": chain.title,
        "audience": audience_as_json(chain.audience),
        "reward": reward_as_json(chain.reward),
        "steps": steps_as_json(chain),
    } | _given(within=chain.within, slot=chain.slot)


def steps_as_json(chain: Chain) -> list[Any]:
    skips = {skip.step: audience_as_json(skip.audience) for skip in chain.skips}
    return [{"task": step, "skip": skips[step]} if step in skips else step for step in chain.steps]


def _pool_as_json(pool: Pool) -> dict[str, Any]:
    return {
        "slug": pool.slug,
        "name": pool.name,
        "version": pool.version,
        "audience": audience_as_json(pool.audience),
    } | ({"named_only": True} if pool.named_only else {})
