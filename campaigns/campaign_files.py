"""A whole campaign as one file: its draft with audiences, tasks, chains, and the pools with their prizes.

Dumping a loaded file gives the same bytes. Gifts are named by their keys, the banner's picture by its reference; both
must exist.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from campaigns import draft_rows, pool_files
from campaigns.checked_json import Node
from campaigns.definition import CAMPAIGN_OPTIONS, TASK_OPTIONS, TEXTS, audience_as_json
from campaigns.draft_rows import REWARD_COUNTS
from campaigns.drafts import Draft, audience_of
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Offer, Reward, Task
from campaigns.offers import drafting
from campaigns.offers.terms import offer_as_json
from operations import audit
from operations.audit import Actor

VERSION = 1


def dump(campaign: Campaign) -> str:
    """The file's text."""
    return json.dumps(_as_json(campaign), ensure_ascii=False, indent=2) + "\n"


def read(text: str) -> Any:
    """What `dump` wrote."""
    return json.loads(text)


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
        **({"banner": campaign.banner} if campaign.banner else {}),
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
        **pool_files.stage_as_json(offer.pool),
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
    node.keys(
        required=("version", "opens_at", "closes_at", "audience", *TEXTS, *lists),
        optional=CAMPAIGN_OPTIONS,
    )
    if node.at("version").integer() != VERSION:
        raise node.at("version").fail(f"must be {VERSION}")
    campaign = draft_rows.write_campaign(node, now=now)
    # The pools first: rewards name them.
    _write_pools(campaign, node.at("pools"))
    draft_rows.write_tasks_and_chains(campaign, node)
    drafting.write(campaign, node.at("offers") if node.has("offers") else None)
    audit.record("campaign.loaded", campaign, by=by, now=now)
    return campaign


def _write_pools(campaign: Campaign, nodes: Node) -> None:
    campaign.pools.all().delete()
    for position, node in draft_rows.unique(nodes, "slug"):
        node.keys(required=("slug", "name", "audience", "prizes"), optional=("rules", "named_only", "stage"))
        pool = pool_files.write_pool(node, draft_rows.unique(node.at("prizes"), "key"))
        draft_rows.offer(campaign, pool, node, position)
