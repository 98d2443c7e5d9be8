"""The draft that operators edit, read as a definition."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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

# What the words and the definition of a row read of other tables.
_WITH_REWARD = ("gift", "tag__group", "pool")
_WITH_GIFTS = ("gift", "leader_gift")


class Draft:
    """A campaign's rows, each table read once."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    @cached_property
    def tasks(self) -> list[DraftTask]:
        return list(self.campaign.tasks.select_related(*_WITH_REWARD))

    @cached_property
    def chains(self) -> list[DraftChain]:
        return list(self.campaign.chains.select_related(*_WITH_REWARD))

    @cached_property
    def steps(self) -> Mapping[int, list[ChainStep]]:
        """Chain id → its steps in order."""
        return _steps_of(self.chains)

    @cached_property
    def pools(self) -> list[CampaignPool]:
        return list(self.campaign.pools.select_related("pool"))

    @cached_property
    def offers(self) -> list[DraftOffer]:
        return list(self.campaign.offers.select_related(*_WITH_GIFTS))


def drafts_of(campaigns: Iterable[Campaign]) -> list[Draft]:
    """Return the drafts of many campaigns: five statements for all of them."""
    drafts = [Draft(campaign) for campaign in campaigns]
    own = [draft.campaign for draft in drafts]
    tasks = _by_campaign(DraftTask.objects.filter(campaign__in=own).select_related(*_WITH_REWARD))
    chains = _by_campaign(DraftChain.objects.filter(campaign__in=own).select_related(*_WITH_REWARD))
    pools = _by_campaign(CampaignPool.objects.filter(campaign__in=own).select_related("pool"))
    offers = _by_campaign(DraftOffer.objects.filter(campaign__in=own).select_related(*_WITH_GIFTS))
    steps = _steps_of([chain for rows in chains.values() for chain in rows])
    for draft in drafts:
        pk = draft.campaign.pk
        draft.tasks, draft.chains = tasks[pk], chains[pk]
        draft.pools, draft.offers = pools[pk], offers[pk]
        draft.steps = steps
    return drafts


def _by_campaign(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[row.campaign_id].append(row)
    return found


def _steps_of(chains: list[DraftChain]) -> Mapping[int, list[ChainStep]]:
    rows = ChainStep.objects.filter(chain__in=chains).select_related("task").order_by("number")
    steps: dict[int, list[ChainStep]] = {chain.pk: [] for chain in chains}
    for row in rows:
        steps[row.chain_id].append(row)
    return steps


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
