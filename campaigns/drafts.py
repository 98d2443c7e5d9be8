"""The draft that operators edit, read as a definition."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from campaigns import kinds
from campaigns.checked_json import Node
from campaigns.definition import Audience, Chain, Pool, Quota, Reward, Skip, Task, parse_audience, parse_quota
from campaigns.definition import Campaign as Definition
from campaigns.models import Campaign, CampaignPool, ChainStep
from campaigns.models import Chain as DraftChain
from campaigns.models import Offer as DraftOffer
from campaigns.models import Reward as DraftReward
from campaigns.models import Task as DraftTask
from campaigns.offers.drafting import terms_of


class Draft:
    """A campaign's rows, each table read once."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    @cached_property
    def tasks(self) -> list[DraftTask]:
        return list(self.campaign.tasks.select_related("gift", "tag__group", "pool"))

    @cached_property
    def chains(self) -> list[DraftChain]:
        return list(self.campaign.chains.select_related("gift", "tag__group", "pool"))

    @cached_property
    def steps(self) -> Mapping[int, list[ChainStep]]:
        """Chain id → its steps in order."""
        rows = ChainStep.objects.filter(chain__in=self.chains).select_related("task").order_by("number")
        steps: dict[int, list[ChainStep]] = {chain.pk: [] for chain in self.chains}
        for row in rows:
            steps[row.chain_id].append(row)
        return steps

    @cached_property
    def pools(self) -> list[CampaignPool]:
        return list(self.campaign.pools.select_related("pool"))

    @cached_property
    def offers(self) -> list[DraftOffer]:
        return list(self.campaign.offers.select_related("gift", "leader_gift"))


def definition_of(draft: Draft, *, revision: int, versions: Mapping[str, int]) -> Definition:
    """The draft as a definition. `versions` names the version of each pool; the draft has no faults."""
    campaign = draft.campaign
    tasks = tuple(_task(task) for task in draft.tasks)
    return Definition(
        slug=campaign.slug,
        name=campaign.name,
        revision=revision,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        tagline=campaign.tagline,
        rules=campaign.rules,
        organiser=campaign.organiser,
        colour=campaign.colour,
        audience=parse_audience(campaign.audience),
        time_zone=campaign.time_zone,
        features=campaign.features,
        banner=campaign.banner,
        tasks=tasks,
        chains=tuple(_chain(chain, draft.steps[chain.pk]) for chain in draft.chains),
        pools=tuple(_pool(offer, versions) for offer in draft.pools),
        offers=tuple(terms_of(offer) for offer in draft.offers),
        by_key={task.key: task for task in tasks},
    )


def audience_of(row: Any) -> Audience:
    """The audience of any row that has one. Raises DefinitionError."""
    return parse_audience(row.audience)


def _task(task: DraftTask) -> Task:
    return Task(
        key=task.key,
        title=task.title,
        guide=task.guide,
        kind=task.kind,
        config=task.config,
        period=task.period,
        claim_mode=task.claim_mode,
        audience=audience_of(task),
        reward=reward_of(task),
        target=kinds.find(task.kind).target(task.config),
        times=task.times,
        finish_within=task.finish_within,
        claim_within=task.claim_within,
        quotas=quotas_of(task),
        slot=task.slot,
    )


def quotas_of(task: DraftTask) -> tuple[Quota, ...]:
    """The quotas of a row. Raises DefinitionError."""
    return tuple(parse_quota(each) for each in Node(task.quotas, "quotas").each())


def _chain(chain: DraftChain, steps: list[ChainStep]) -> Chain:
    return Chain(
        key=chain.key,
        title=chain.title,
        audience=audience_of(chain),
        reward=reward_of(chain),
        steps=tuple(step.task.key for step in steps),
        skips=tuple(Skip(step.task.key, parse_audience(step.skip)) for step in steps if step.skip),
        within=chain.within,
        slot=chain.slot,
    )


def _pool(offer: CampaignPool, versions: Mapping[str, int]) -> Pool:
    return Pool(
        slug=offer.pool.slug,
        name=offer.pool.name,
        version=versions[offer.pool.slug],
        audience=audience_of(offer),
        named_only=offer.named_only,
    )


def reward_of(row: DraftReward) -> Reward:
    """What a task or a chain gives; only tasks give campaign score."""
    score = row.score if isinstance(row, DraftTask) else 0
    gift = row.gift.slug if row.gift else None
    tag = f"{row.tag.group.slug}.{row.tag.slug}" if row.tag else None
    pool = row.pool.slug if row.pool else None
    return Reward(row.points, row.growth, row.chances, score=score, gift=gift, tag=tag, pool=pool)
