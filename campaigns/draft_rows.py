"""The rows of a draft, written from a campaign's file. Every value is checked; a fault names its path."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns import features, kinds, pool_files, zones
from campaigns.checked_json import Node, slug_of
from campaigns.definition import (
    CLAIM_MODES,
    EVERYONE,
    MOST_MINUTES,
    PERIODS,
    TASK_OPTIONS,
    Skip,
    audience_as_json,
    parse_audience,
    parse_steps,
    parse_task_options,
    quota_as_json,
)
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Task
from operations import pictures
from operations.picture_reference import LONGEST
from rewards.models import PrizePool
from segmentation.models import Tag

REWARD_COUNTS = ("points", "growth", "chances")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


def write_campaign(node: Node, *, now: datetime) -> Campaign:
    """Write the campaign's own row, over the one of the same key if there is one; that one is held."""
    values = _campaign(node, now)
    campaign, _created = Campaign.objects.update_or_create(slug=slug_of(node.at("slug")), defaults=values)
    return campaign


def write_tasks_and_chains(campaign: Campaign, node: Node) -> None:
    """Write both lists over whatever was there. The pools that rewards name are there already."""
    tasks = _write_tasks(campaign, node.at("tasks"))
    _write_chains(campaign, node.at("chains"), tasks)


def offer(campaign: Campaign, pool: PrizePool, node: Node, position: int) -> None:
    """Have the campaign offer the pool to the node's audience."""
    named_only = node.has("named_only") and node.at("named_only").flag()
    CampaignPool.objects.create(
        campaign=campaign, pool=pool, audience=_audience(node), named_only=named_only, position=position
    )


def _campaign(node: Node, now: datetime) -> dict[str, Any]:
    return {
        "name": node.at("name").name(longest=100),
        "opens_at": node.at("opens_at").moment(),
        "closes_at": node.at("closes_at").moment(),
        "tagline": node.at("tagline").text(longest=200),
        "rules": node.at("rules").text(),
        "organiser": node.at("organiser").name(longest=100),
        "colour": _colour(node.at("colour")),
        "audience": _audience(node),
        "time_zone": _time_zone(node.at("time_zone")) if node.has("time_zone") else "",
        "features": _features(node.at("features")) if node.has("features") else {},
        "banner": _banner(node.at("banner"), now) if node.has("banner") else "",
    }


def _colour(node: Node) -> str:
    colour = node.name(longest=7)
    if not COLOUR.fullmatch(colour):
        raise node.fail("must be a colour such as #d4380d")
    return colour


def _banner(node: Node, now: datetime) -> str:
    """A file says which picture and does not carry it: what comes from elsewhere is encoded anew, and so is another."""
    reference = node.text(longest=LONGEST)
    if reference and not pictures.hold(reference, now=now):
        raise node.fail("this site has no such picture: leave it out, and upload the banner on the campaign's page")
    return reference


def _time_zone(node: Node) -> str:
    zone = node.text(longest=50)
    if not zones.is_known(zone):
        raise node.fail("must be a time zone such as Asia/Shanghai")
    return zone


def _features(node: Node) -> Mapping[str, Any]:
    for name in node.mapping():
        if name not in features.names():
            raise node.at(str(name)).fail("is no feature")
        node.at(name).mapping()
    return node.mapping()


def _audience(node: Node) -> dict[str, Any]:
    return audience_as_json(parse_audience(node.at("audience")))


def _reward(node: Node, *, counts: tuple[str, ...]) -> dict[str, Any]:
    node.keys(optional=(*counts, "gift", "tag", "pool"))
    amounts = {key: node.at(key).integer() if node.has(key) else 0 for key in counts}
    gift = pool_files.gift_of(node.at("gift")) if node.has("gift") else None
    tag = _tag(node.at("tag")) if node.has("tag") else None
    return amounts | {"gift": gift, "tag": tag, "pool": _pool(node.at("pool")) if node.has("pool") else None}


def _pool(node: Node) -> PrizePool:
    pool = PrizePool.objects.filter(slug=node.name()).first()
    if pool is None:
        raise node.fail(f"no prize pool has the key {node.value}")
    return pool


def _tag(node: Node) -> Tag:
    group, _dot, slug = node.name().partition(".")
    tag = Tag.objects.filter(group__slug=group, slug=slug, rule__isnull=True).first()
    if tag is None:
        raise node.fail(f"no tag that can be set has the key {node.value}")
    return tag


def unique(nodes: Node, key: str) -> Iterator[tuple[int, Node]]:
    """The nodes of a list and their places; two with the same key are refused."""
    seen: set[str] = set()
    for position, node in enumerate(nodes.each()):
        if not isinstance(node.value, Mapping):
            raise node.fail("must be an object")
        name = slug_of(node.at(key))
        if name in seen:
            raise node.at(key).fail("is there twice")
        seen.add(name)
        yield position, node


def _write_tasks(campaign: Campaign, nodes: Node) -> dict[str, Task]:
    ChainStep.objects.filter(chain__campaign=campaign).delete()
    tasks: dict[str, Task] = {}
    fields = ("key", "title", "guide", "kind", "config", "period", "claim_mode", "audience", "reward")
    for position, node in unique(nodes, "key"):
        node.keys(required=fields, optional=TASK_OPTIONS)
        options = parse_task_options(node)
        values = {
            "title": node.at("title").name(longest=100),
            "guide": node.at("guide").text(longest=200),
            "kind": node.at("kind").one_of(kinds.names()),
            "config": node.at("config").mapping(),
            "period": node.at("period").one_of(PERIODS),
            "claim_mode": node.at("claim_mode").one_of(CLAIM_MODES),
            "audience": _audience(node),
            "position": position,
            **{key: options.get(key, 0) for key in ("times", "finish_within", "claim_within")},
            "quotas": [quota_as_json(quota) for quota in options.get("quotas", ())],
            "slot": options.get("slot", ""),
            **_reward(node.at("reward"), counts=(*REWARD_COUNTS, "score")),
        }
        key = node.at("key").value
        tasks[key], _ = Task.objects.update_or_create(campaign=campaign, key=key, defaults=values)
    campaign.tasks.exclude(key__in=tasks).delete()
    return tasks


def _skipped(node: Node, skips: Sequence[Skip]) -> dict[str, Any]:
    """Step → who skips it. A step that everyone skips is none."""
    for skip in skips:
        if skip.audience == EVERYONE:
            raise node.fail(f"{skip.step} is skipped by everyone")
    return {skip.step: audience_as_json(skip.audience) for skip in skips}


def _write_chains(campaign: Campaign, nodes: Node, tasks: Mapping[str, Task]) -> None:
    kept = []
    for position, node in unique(nodes, "key"):
        node.keys(required=("key", "title", "audience", "reward", "steps"), optional=("within", "slot"))
        steps, skips = parse_steps(node.at("steps"), tasks)
        skipped = _skipped(node.at("steps"), skips)
        values = {
            "title": node.at("title").name(longest=100),
            "within": node.at("within").integer(most=MOST_MINUTES // 60) if node.has("within") else 0,
            "slot": node.at("slot").name(longest=50) if node.has("slot") else "",
            "audience": _audience(node),
            "position": position,
            **_reward(node.at("reward"), counts=REWARD_COUNTS),
        }
        chain, _ = Chain.objects.update_or_create(campaign=campaign, key=node.at("key").value, defaults=values)
        kept.append(chain.pk)
        for number, key in enumerate(steps, 1):
            ChainStep.objects.create(chain=chain, number=number, task=tasks[key], skip=skipped.get(key, {}))
    campaign.chains.exclude(pk__in=kept).delete()
