"""A whole campaign as one file: its draft with audiences, tasks, chains, and the pools with their prizes.

Dumping a loaded file gives the same bytes. Gifts are named by their keys and must exist.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from campaigns import pool_files
from campaigns.checked_json import Node, slug_of
from campaigns.definition import (
    CLAIM_MODES,
    PERIODS,
    TASK_OPTIONS,
    audience_as_json,
    parse_audience,
    parse_steps,
    parse_task_options,
    quota_as_json,
)
from campaigns.drafts import Draft, audience_of
from campaigns.kinds import names as kind_names
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Offer, Reward, Task
from campaigns.offers import drafting
from campaigns.offers.terms import offer_as_json
from operations import audit
from operations.audit import Actor
from rewards.models import PrizePool
from segmentation.models import Tag

VERSION = 1
REWARD_COUNTS = ("points", "growth", "chances")


def dump(campaign: Campaign) -> str:
    """The file's text."""
    return json.dumps(_as_json(campaign), ensure_ascii=False, indent=2) + "\n"


def _as_json(campaign: Campaign) -> dict[str, Any]:
    draft = Draft(campaign)
    return {
        "version": VERSION,
        "slug": campaign.slug,
        "name": campaign.name,
        "opens_at": campaign.opens_at.astimezone(UTC).isoformat(),
        "closes_at": campaign.closes_at.astimezone(UTC).isoformat(),
        "tagline": campaign.tagline,
        "rules": campaign.rules,
        "organiser": campaign.organiser,
        "colour": campaign.colour,
        "audience": audience_as_json(audience_of(campaign)),
        "tasks": [_task_as_json(task) for task in draft.tasks],
        "chains": [_chain_as_json(chain, draft.steps[chain.pk]) for chain in draft.chains],
        "pools": [_pool_as_json(offer) for offer in draft.pools],
        **({"time_zone": campaign.time_zone} if campaign.time_zone else {}),
        **({"features": campaign.features} if campaign.features else {}),
        **({"offers": [_offer_as_json(offer) for offer in draft.offers]} if draft.offers else {}),
    }


def _reward_as_json(row: Reward) -> dict[str, Any]:
    counts = {key: getattr(row, key) for key in REWARD_COUNTS if getattr(row, key)}
    score = {"score": row.score} if isinstance(row, Task) and row.score else {}
    tag = {"tag": f"{row.tag.group.slug}.{row.tag.slug}"} if row.tag else {}
    pool = {"pool": row.pool.slug} if row.pool else {}
    return counts | score | ({"gift": row.gift.slug} if row.gift else {}) | tag | pool


def _task_as_json(task: Task) -> dict[str, Any]:
    return {
        "key": task.key,
        "title": task.title,
        "guide": task.guide,
        "kind": task.kind,
        "config": task.config,
        "period": task.period,
        "claim_mode": task.claim_mode,
        "audience": audience_as_json(audience_of(task)),
        "reward": _reward_as_json(task),
        **{key: value for key in TASK_OPTIONS if (value := getattr(task, key))},
    }


def _chain_as_json(chain: Chain, steps: list[ChainStep]) -> dict[str, Any]:
    return {
        "key": chain.key,
        "title": chain.title,
        "audience": audience_as_json(audience_of(chain)),
        "reward": _reward_as_json(chain),
        "steps": [{"task": step.task.key, "skip": step.skip} if step.skip else step.task.key for step in steps],
        **({"within": chain.within} if chain.within else {}),
        **({"slot": chain.slot} if chain.slot else {}),
    }


def _pool_as_json(offer: CampaignPool) -> dict[str, Any]:
    return {
        "slug": offer.pool.slug,
        "name": offer.pool.name,
        "audience": audience_as_json(audience_of(offer)),
        **({"named_only": True} if offer.named_only else {}),
        **pool_files.rules_as_json(offer.pool),
        "prizes": pool_files.prizes_as_json(offer.pool),
    }


def _offer_as_json(offer: Offer) -> dict[str, Any]:
    return offer_as_json(drafting.terms_of(offer), audience_as_json(audience_of(offer)))


@transaction.atomic
def load(data: Any, *, by: Actor, now: datetime) -> Campaign:
    """Write the file's campaign as a draft, over the draft of the same key if there is one.

    What is published stays as it is. Raises DefinitionError with the path of the first fault.
    """
    node = Node(data)
    lists = ("tasks", "chains", "pools")
    texts = ("slug", "name", "tagline", "rules", "organiser", "colour")
    node.keys(
        required=("version", "opens_at", "closes_at", "audience", *texts, *lists),
        optional=("time_zone", "features", "offers"),
    )
    if node.at("version").integer() != VERSION:
        raise node.at("version").fail(f"must be {VERSION}")
    campaign, _created = Campaign.objects.update_or_create(slug=slug_of(node.at("slug")), defaults=_campaign(node))
    # The pools first: rewards name them.
    _write_pools(campaign, node.at("pools"))
    tasks = _write_tasks(campaign, node.at("tasks"))
    _write_chains(campaign, node.at("chains"), tasks)
    drafting.write(campaign, node.at("offers") if node.has("offers") else None)
    audit.record("campaign.loaded", campaign, by=by, now=now)
    return campaign


def _campaign(node: Node) -> dict[str, Any]:
    return {
        "name": node.at("name").name(longest=100),
        "opens_at": node.at("opens_at").moment(),
        "closes_at": node.at("closes_at").moment(),
        "tagline": node.at("tagline").text(longest=200),
        "rules": node.at("rules").text(),
        "organiser": node.at("organiser").name(longest=100),
        "colour": node.at("colour").name(longest=7),
        "audience": _audience(node),
        "time_zone": node.at("time_zone").text(longest=50) if node.has("time_zone") else "",
        "features": node.at("features").mapping() if node.has("features") else {},
    }


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


def _unique(nodes: Node, key: str) -> Iterator[tuple[int, Node]]:
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
    for position, node in _unique(nodes, "key"):
        node.keys(required=fields, optional=TASK_OPTIONS)
        options = parse_task_options(node)
        values = {
            "title": node.at("title").name(longest=100),
            "guide": node.at("guide").text(longest=200),
            "kind": node.at("kind").one_of(kind_names()),
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


def _write_chains(campaign: Campaign, nodes: Node, tasks: Mapping[str, Task]) -> None:
    kept = []
    for position, node in _unique(nodes, "key"):
        node.keys(required=("key", "title", "audience", "reward", "steps"), optional=("within", "slot"))
        steps, skips = parse_steps(node.at("steps"), tasks)
        skipped = {skip.step: audience_as_json(skip.audience) for skip in skips}
        values = {
            "title": node.at("title").name(longest=100),
            "within": node.at("within").integer() if node.has("within") else 0,
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


def _write_pools(campaign: Campaign, nodes: Node) -> None:
    campaign.pools.all().delete()
    for position, node in _unique(nodes, "slug"):
        node.keys(required=("slug", "name", "audience", "prizes"), optional=("rules", "named_only"))
        named_only = node.has("named_only") and node.at("named_only").flag()
        pool = pool_files.write_pool(node, _unique(node.at("prizes"), "key"))
        offer = {"audience": _audience(node), "named_only": named_only, "position": position}
        CampaignPool.objects.create(campaign=campaign, pool=pool, **offer)
