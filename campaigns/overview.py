"""What an operator sees of a running campaign: how many take part, and how far they come."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Sum

from campaigns import definition
from campaigns.audience_field import AudienceChoices, audience_words
from campaigns.models import Campaign, ChainProgress, Completion
from rewards.models import Chances, Draw, PrizePool

# With a million participants the figures take 2 s.
LARGE = 10_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: a count, out of the largest of its group."""

    label: str
    count: int
    most: int


@dataclass(frozen=True, slots=True)
class Group:
    """`audience` says in words for whom it is; "" is everyone."""

    title: str
    audience: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """`tasks`, those outside chains, and `chains` count members, `pools` count draws by the gift given."""

    participants: int
    completions: int
    chances: int
    draws: int
    tasks: Group | None
    chains: tuple[Group, ...]
    pools: tuple[Group, ...]


def is_large(campaign: Campaign) -> bool:
    """Whether so many take part that counting what they do takes longer than anyone waits for a page."""
    return campaign.enrolments.order_by()[: LARGE + 1].count() > LARGE


def overview(campaign: Campaign, choices: AudienceChoices) -> Overview | None:
    """The numbers of a campaign that was published, by the tasks of its current revision."""
    if campaign.current is None:
        return None
    current = definition.parse(campaign.current.definition)
    scope = f"campaign:{campaign.slug}"
    participants = campaign.enrolments.count()
    done = _done(campaign)
    pools = _pools(scope)
    chances = Chances.objects.filter(scope=scope).aggregate(granted=Sum("granted"))["granted"] or 0
    return Overview(
        participants=participants,
        completions=sum(times for times, _people in done.values()),
        chances=chances,
        draws=sum(bar.count for pool in pools for bar in pool.bars),
        tasks=_tasks(current, {key: people for key, (_times, people) in done.items()}, participants),
        chains=_chains(campaign, current, participants, choices),
        pools=pools,
    )


def _done(campaign: Campaign) -> dict[str, tuple[int, int]]:
    """Return by task: how often it was done, and by how many."""
    rows = Completion.objects.filter(enrolment__campaign=campaign).values_list("task_key")
    counted = rows.annotate(times=Count("id"), people=Count("enrolment_id", distinct=True))
    return {key: (times, people) for key, times, people in counted}


def _tasks(current: definition.Campaign, done: dict[str, int], participants: int) -> Group | None:
    chained = {key for chain in current.chains for key in chain.steps}
    counts = [(task.title, done.get(task.key, 0)) for task in current.tasks if task.key not in chained]
    return _group("", counts, most=participants) if counts else None


def _group(title: str, counts: list[tuple[str, int]], *, most: int, audience: str = "") -> Group:
    return Group(title, audience, tuple(Bar(label, count, max(most, 1)) for label, count in counts))


def _chains(
    campaign: Campaign, current: definition.Campaign, participants: int, choices: AudienceChoices
) -> tuple[Group, ...]:
    rows = ChainProgress.objects.filter(enrolment__campaign=campaign).values_list("chain_key", "step")
    reached = Counter({(key, step): people for key, step, people in rows.annotate(people=Count("id"))})
    return tuple(
        _group(
            chain.title,
            [(current.by_key[key].title, reached[chain.key, number]) for number, key in enumerate(chain.steps, 1)],
            most=participants,
            audience=audience_words(chain.audience, choices),
        )
        for chain in current.chains
    )


def _pools(scope: str) -> tuple[Group, ...]:
    rows = (
        Draw.objects.filter(scope=scope)
        .values_list("version__pool_id", "award__gift__name")
        .annotate(draws=Count("id"))
    )
    names = dict(PrizePool.objects.values_list("pk", "name"))
    by_pool: dict[int, list[tuple[str, int]]] = {}
    for pool_id, gift, draws in rows.order_by("version__pool_id", "-draws"):
        by_pool.setdefault(pool_id, []).append((gift, draws))
    return tuple(
        _group(names[pool_id], counts, most=sum(count for _, count in counts)) for pool_id, counts in by_pool.items()
    )
