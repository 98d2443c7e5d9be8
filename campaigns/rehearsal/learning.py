"""What earlier campaigns of the shop showed: how many took part of those whom they reached, and did their tasks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count

from campaigns import definition, kinds
from campaigns.models import Campaign, Completion, Enrolment
from campaigns.rehearsal.population import Population
from campaigns.rehearsal.rates import COMPLETION, Level, Rates

# Campaigns looked at, and how long one must have been open to tell anything.
MOST_CAMPAIGNS = 3
OPEN_FOR = timedelta(days=2)
# Fewer participants than that tell nothing.
FEWEST = 20
# The best of earlier campaigns may be passed, the worst missed, by so much.
WIDER = 1.5
LEAST, MOST = 0.1, 100.0


def learned(campaign: Campaign, *, now: datetime) -> Rates | None:
    """The rates of the shop's latest other campaigns; None where there are none to learn from."""
    earlier = [(each, definition.parse(each.current.definition)) for each in _earlier(campaign, now) if each.current]
    if not earlier:
        return None
    population = Population((read.audience for _each, read in earlier), now=now)
    rows = Enrolment.objects.filter(campaign__in=[each for each, _read in earlier]).order_by()
    joined = dict(rows.values_list("campaign").annotate(people=Count("pk")))
    shares: list[float] = []
    done: dict[str, list[float]] = defaultdict(list)
    for each, read in earlier:
        reached, people = len(population.admitted(read.audience)), joined.get(each.pk, 0)
        if reached and people >= FEWEST:
            shares.append(min(100 * people / reached, MOST))
            _learn_tasks(each, read, people, done)
    if not shares:
        return None
    completion = COMPLETION | {group: _bounded(median(each)) for group, each in done.items()}
    return Rates(_participation(shares), completion)


def _earlier(campaign: Campaign, now: datetime) -> Iterable[Campaign]:
    rows = Campaign.objects.filter(current__isnull=False, opens_at__lte=now - OPEN_FOR).exclude(pk=campaign.pk)
    return rows.select_related("current").order_by("-opens_at")[:MOST_CAMPAIGNS]


def _participation(shares: list[float]) -> dict[Level, float]:
    return {
        Level.LOW: _bounded(min(shares) / WIDER),
        Level.EXPECTED: _bounded(median(shares)),
        Level.HIGH: _bounded(max(shares) * WIDER),
    }


def _learn_tasks(campaign: Campaign, read: definition.Campaign, people: int, done: dict[str, list[float]]) -> None:
    """Add, by group of kinds, which share of the participants did each task that stands alone, for everyone."""
    rows = Completion.objects.filter(enrolment__campaign=campaign).order_by()
    counts = dict(rows.values_list("task_key").annotate(people=Count("enrolment_id", distinct=True)))
    for task in read.tasks:
        if read.chain_of(task.key) is None and task.audience == definition.EVERYONE and task.kind in kinds.names():
            done[kinds.find(task.kind).GROUP.value].append(100 * counts.get(task.key, 0) / people)


def _bounded(share: float) -> float:
    return round(min(max(share, LEAST), MOST), 1)
