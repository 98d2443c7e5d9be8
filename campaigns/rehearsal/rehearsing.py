"""A campaign's draft, or its next revision, rehearsed on the real members. Reads only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from campaigns import features, kinds, pool_faults
from campaigns.definition import Campaign as Definition
from campaigns.definition import Reward, Task
from campaigns.drafts import Draft
from campaigns.faults import Fault, faults
from campaigns.models import Campaign, CostForecast
from campaigns.proposed import definition_proposed
from campaigns.rehearsal import besides, offers_left, reach_findings, supply_findings, taken_part, time_findings
from campaigns.rehearsal.already import Already
from campaigns.rehearsal.besides import Beside
from campaigns.rehearsal.days import days_of, most_score
from campaigns.rehearsal.findings import Finding, Place, Severity, in_order, of
from campaigns.rehearsal.population import Population
from campaigns.rehearsal.rates import Level, Rates, parse
from campaigns.rehearsal.reach import Reach, reach_of
from campaigns.rehearsal.running_out import Lasting, lasting
from campaigns.rehearsal.scenarios import Played, Playing
from campaigns.rehearsal.supplies import Supplies
from campaigns.uses import rewards_of
from campaigns.zones import zone_of
from rewards.simulated_draws import MOST_DAYS, Course, course_weights

# Members come in the first days most of all.
COURSE = Course.FALLING
# A draft with one of these faults, or one of an offer, cannot be read as a campaign.
UNREADABLE = frozenset(
    {
        "audience_invalid",
        "chain_step_foreign",
        "chain_step_missing",
        "config_invalid",
        "feature_invalid",
        "feature_unknown",
        "kind_unknown",
        "quota_invalid",
        "task_in_two_steps",
        "window_reversed",
        "zone_unknown",
    }
)


@dataclass(frozen=True)
class Expected:
    """What can be reckoned of a draft that can be read. `begins` and `days` are of the time that is still to come.

    `already`: what those who took part have done; none of it is in `plays`.
    """

    definition: Definition
    reach: Reach
    rates: Rates
    plays: Mapping[Level, Played]
    supplies: Supplies
    lastings: tuple[Lasting, ...]
    begins: date
    days: int
    already: Already = field(default_factory=Already)
    besides: tuple[Beside, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """`faults` are what the errors among the findings say: those of the draft, and those that only time shows."""

    campaign: Campaign
    findings: tuple[Finding, ...]
    expected: Expected | None = None
    faults: tuple[Fault, ...] = field(default=(), repr=False)


def rehearse(
    campaign: Campaign, *, now: datetime, rates: Rates | None = None, found: Sequence[Fault] | None = None
) -> Rehearsal:
    """Rehearse the draft. `found` are its faults, where they are known already; `rates` those that hold if not given.

    The statements do not grow with members: they grow with the tags and the pools that the draft names.
    """
    found = faults(campaign, now=now) if found is None else found
    errors = [_error(number, fault) for number, fault in enumerate(found)]
    if any(fault.code in UNREADABLE or fault.code.startswith("offer_") for fault in found):
        return Rehearsal(campaign, in_order(errors), faults=tuple(found))
    draft = Draft(campaign)
    definition = definition_proposed(draft)
    population = Population(besides.audiences(definition), now=now)
    expected = _expected(draft, definition, population, rates or rates_of(campaign), now=now)
    seen = tuple(_seen(draft, expected, population))
    shown = (Fault(each.key.partition(":")[0], each.message) for each in of(Severity.ERROR, seen))
    return Rehearsal(campaign, in_order([*errors, *seen]), expected, (*found, *shown))


def rates_of(campaign: Campaign) -> Rates:
    """The rates that somebody set for the campaign, else those that are assumed."""
    row = CostForecast.objects.filter(campaign=campaign).values_list("rates", flat=True).first()
    return parse(row)


def _error(number: int, fault: Fault) -> Finding:
    return Finding(Severity.ERROR, f"{fault.code}:{number}", fault.message)


def _expected(draft: Draft, definition: Definition, population: Population, rates: Rates, *, now: datetime) -> Expected:
    zone = zone_of(definition)
    starts = max(now, definition.opens_at)
    left = min(max(days_of(starts, definition.closes_at, zone), 1), MOST_DAYS)
    most = _most_score(definition, whole_days(definition))
    reach = reach_of(definition, population.everyone, population.admitted, most_score=most)
    beside = besides.of(definition, reach, population, most_score=most)
    already = taken_part.so_far(draft.campaign, definition, share=_share(draft.campaign, definition, left), now=now)
    offers = offers_left.of(draft.campaign, definition, reach.offers, now=now)
    playing = Playing(definition, reach, left, group_of=group_of, bonuses=bonuses_of, already=already, offers=offers)
    plays = {level: playing.played(level, rates) for level in Level}
    given = {reward.gift for _part, reward in rewards_of(definition) if reward.gift}
    supplies = Supplies.of(draft, definition, given, offers, now=now)
    weights = course_weights(COURSE, left).tolist()
    lastings = tuple(lasting(supply, weights) for supply in supplies.all(plays))
    begins = timezone.localtime(starts, zone).date()
    return Expected(definition, reach, rates, plays, supplies, lastings, begins, left, already, beside)


def _share(campaign: Campaign, definition: Definition, left: int) -> float:
    """The part of those who are to come over the whole campaign who come in the days that are left.

    A campaign that was never published has all of them still to come, whenever it was to open.
    """
    whole = min(whole_days(definition), MOST_DAYS)
    if campaign.current_id is None or left >= whole:
        return 1.0
    weights = course_weights(COURSE, whole)
    return float(weights[whole - left :].sum() / weights.sum())


def whole_days(definition: Definition) -> int:
    return days_of(definition.opens_at, definition.closes_at, zone_of(definition))


def group_of(task: Task) -> str:
    return kinds.find(task.kind).GROUP.value


def bonuses_of(task: Task) -> list[Reward]:
    """What the task's kind may give beside its reward."""
    return list(kinds.find(task.kind).rewards(task.config))


def _most_score(definition: Definition, days: int) -> int | None:
    """The most score that anybody can earn; None where a feature gives some."""
    configured = features.of(definition.features)
    if any(reward.score for name, each in configured.items() for reward in each.rewards(definition.features[name])):
        return None
    bonuses = {task.key: max((each.score for each in bonuses_of(task)), default=0) for task in definition.tasks}
    return most_score(definition, days, bonuses)


def _seen(draft: Draft, expected: Expected, population: Population) -> Iterator[Finding]:
    yield from reach_findings.of(expected.definition, expected.reach, population)
    yield from besides.findings(expected.besides, expected.reach)
    for key, message in pool_faults.warned(draft):
        yield Finding(Severity.WARNING, key, message, Place("pool", key.partition(":")[2]))
    yield from time_findings.of(expected.definition, days=whole_days(expected.definition), left=expected.days)
    yield from supply_findings.of(expected.lastings, begins=expected.begins)


def warnings_of(campaign: Campaign, *, now: datetime) -> frozenset[str]:
    """The keys of all warnings about the draft, for a program that takes note of whatever there is."""
    found = rehearse(campaign, now=now).findings
    return frozenset(each.key for each in of(Severity.WARNING, found))
