"""A rehearsal as its page shows it: rows, bars and lines with numbers written out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import kinds
from campaigns.definition import Task
from campaigns.models import Campaign, CostForecast
from campaigns.rehearsal import forecasts, supply_findings
from campaigns.rehearsal.besides import FEATURE, QUOTA, SKIP, Beside
from campaigns.rehearsal.findings import Finding, Severity
from campaigns.rehearsal.offered import OfferLeft
from campaigns.rehearsal.rates import Level
from campaigns.rehearsal.reach import Reach
from campaigns.rehearsal.rehearsing import Expected
from campaigns.rehearsal.running_out import Lasting
from campaigns.rehearsal_form import SCENARIOS
from campaigns.shared_kind import Linked
from operations.charts import Bar, Bars, share
from operations.return_address import with_back
from rewards.models import Gift, PrizePool
from rewards.money import short_money

SEVERITIES = {
    Severity.ERROR: ("error", "is-error"),
    Severity.WARNING: ("warning", "is-warning"),
    Severity.NOTE: ("info", "is-note"),
}

BESIDES = {
    FEATURE: gettext_lazy("Features"),
    QUOTA: gettext_lazy("Quotas for some"),
    SKIP: gettext_lazy("Steps that fall away"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A finding with where it is mended; `noted`: the reader has acknowledged it."""

    finding: Finding
    icon: str
    look: str
    link: str
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one scenario comes to, in words."""

    name: str | Promise
    participants: str
    completions: str
    draws: str
    points: str
    offers: str
    cost: str
    sd: str


@dataclass(frozen=True, slots=True)
class Range:
    """Three costs of a scenario in words, and where they lie in per cent of the largest."""

    name: str | Promise
    low: str
    middle: str
    high: str
    starts: float
    width: float
    at: float


@dataclass(frozen=True, slots=True)
class Lane:
    """Until when something lasts, by scenario: (name, words, part of the time in per cent, whether it runs out)."""

    name: str
    left: str
    link: str
    scenarios: tuple[tuple[str | Promise, str, float, bool], ...]


def lines(found: tuple[Finding, ...], campaign: Campaign, noted: frozenset[str]) -> list[Line]:
    """The findings with where each is mended; saving there leads back to the rehearsal."""
    links, here = _Links(campaign), reverse("admin:campaigns_campaign_rehearsal", args=[campaign.pk])
    return [
        Line(each, *SEVERITIES[each.severity], with_back(links.to(each), here), each.key in noted) for each in found
    ]


class _Links:
    """Where things are mended; what it looks up it looks up once."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign.pk
        self._page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        self._tasks = dict(campaign.tasks.values_list("key", "pk"))
        self._pools = dict(PrizePool.objects.filter(pk__in=campaign.pools.values("pool")).values_list("slug", "pk"))
        self._gifts: dict[str, int] = {}

    def to(self, finding: Finding) -> str:
        kind, key = finding.place.kind, finding.place.key
        match kind:
            case "task" if key in self._tasks:
                return reverse("admin:campaigns_task_change", args=[self._tasks[key]])
            case "pool" if key in self._pools and finding.key.startswith(("runs_out", "may_run_out")):
                return reverse("admin:rewards_prizepool_change", args=[self._pools[key]])
            case "feature":
                return reverse("admin:campaigns_campaign_features", args=[self._campaign])
            case "gift":
                return self._gift(key)
            case "budget":
                return reverse("admin:rewards_budget_change", args=[key])
        return self._step(kind)

    def _step(self, kind: str) -> str:
        """The step of the builder that has what no page of its own has."""
        step = {"chain": "tasks", "pool": "pools"}.get(kind)
        return reverse("admin:campaigns_campaign_build_step", args=[self._campaign, step]) if step else self._page

    def _gift(self, slug: str) -> str:
        gift = Gift.objects.filter(slug=slug).values_list("pk", flat=True).first()
        return reverse("admin:rewards_gift_change", args=[gift]) if gift else self._page


def reached(expected: Expected) -> Iterator[tuple[str, Bars]]:
    """(id, bars) of the campaign, its tasks, each chain, pools, posters and offers."""
    reach, definition = expected.reach, expected.definition
    everyone = len(reach.everyone)
    whole = Bars(
        _("Of all members"),
        (
            _bar(_("all members"), everyone, everyone),
            _bar(_("reached by the campaign"), len(reach.campaign), everyone),
            _bar(_("meet one of its tasks"), len(reach.meeting & reach.campaign), everyone),
            _bar(_("meet none: they fall between"), len(reach.campaign - reach.meeting), everyone),
            *_took_part(expected),
        ),
    )
    yield "all", whole
    of = len(reach.campaign)
    alone = [task for task in definition.tasks if definition.chain_of(task.key) is None]
    if alone:
        yield "tasks", Bars(_("Tasks"), tuple(_of_task(task, expected) for task in alone))
    for chain in reach.chains.values():
        caption = _("Chain: %(name)s") % {"name": chain.chain.title}
        steps = [
            _bar(f"{number}. {step.task.title}", len(step.after), of, _passed(len(step.after) - len(step.here)))
            for number, step in enumerate(chain.steps, 1)
        ]
        yield f"chain-{chain.chain.key}", Bars(caption, (_bar(_("begin it"), len(chain.members), of), *steps))
    if reach.pools:
        pools = [_bar(each.pool.name, len(each.members), of, _by(each.taken)) for each in reach.pools.values()]
        without = _bar(_("no pool by who they are"), len(reach.campaign - reach.drawing), of)
        yield "pools", Bars(_("Prize pools"), (*pools, without))
    posters = [task for task in definition.tasks if isinstance(kinds.find(task.kind), Linked)]
    if posters:
        bars = tuple(_bar(task.title, len(reach.tasks[task.key]), of) for task in posters)
        yield "posters", Bars(_("Posters that members send"), bars)
    if definition.offers:
        standings = expected.supplies.offers
        bars = tuple(
            _bar(each.offer.title, len(reach.offers[each.offer.key]), of, _may(each, reach)) for each in standings
        )
        yield "offers", Bars(_("Offers"), bars)
    for kind, words in BESIDES.items():
        if found := [each for each in expected.besides if each.kind == kind]:
            bars = tuple(_bar(each.short or each.name, len(each.members), of, _outside(each)) for each in found)
            yield f"{kind}s", Bars(str(words), bars)


def _outside(each: Beside) -> str:
    beyond = len(each.meant - each.members) if each.kind != FEATURE else 0
    return _("for %(count)s more, outside") % {"count": f"{beyond:,}"} if beyond else ""


def _took_part(expected: Expected) -> Iterator[Bar]:
    joined, reach = expected.already.joined, expected.reach
    if joined:
        everyone = len(reach.everyone)
        yield _bar(_("took part already"), len(reach.campaign & joined), everyone)
        yield _bar(_("reached and not come yet"), len(reach.campaign - joined), everyone)


def _of_task(task: Task, expected: Expected) -> Bar:
    members = expected.reach.tasks[task.key]
    did = expected.already.did(task, members)
    note = _("%(count)s did it already") % {"count": f"{did:,}"} if did else ""
    return _bar(task.title, len(members), len(expected.reach.campaign), note)


def _may(each: OfferLeft, reach: Reach) -> str:
    """How many of its audience may still have the offer, where that is not everybody."""
    if not each.is_open:
        return _("it is over")
    if each.members == reach.offers[each.offer.key]:
        return ""
    return _("%(count)s may still have it") % {"count": f"{len(each.members):,}"}


def _bar(label: str, count: int, of: int, note: str = "") -> Bar:
    part = share(count, of)
    return Bar(label, part, f"{count:,}", note or (f"{part:.0f} %" if of else ""))


def _passed(skipping: int) -> str:
    return _("%(count)s skip it") % {"count": f"{skipping:,}"} if skipping else ""


def _by(taken: object) -> str:
    return _("others take some") if taken else ""


def scenarios(expected: Expected) -> list[Scenario]:
    """What each scenario comes to; the cost exactly, within the stocks."""
    found = []
    for level, words in SCENARIOS.items():
        play, supplies = expected.plays[level], expected.supplies
        costs = [supplies.cost(slug, count) for slug, count in play.draws.items() if slug in supplies.pools]
        given, spread = supplies.cost_of_given(play)
        mean = sum(each.mean for each in costs) + given
        variance = sum(each.variance for each in costs) + spread
        found.append(
            Scenario(
                words,
                _number(play.participants),
                _number(sum(count for key, count in play.completions.items() if not key.startswith("chain:"))),
                _number(sum(play.draws.values())),
                _number(play.points),
                _number(sum(each.taken for each in play.offers)),
                short_money(_rounded(mean)),
                short_money(_rounded(variance**0.5)),
            )
        )
    return found


def _number(value: float) -> str:
    return f"{round(value):,}"


def _rounded(cents: float) -> int:
    """Whole units of money, where there are many."""
    return round(cents) if abs(cents) < 10_000 else 100 * round(cents / 100)


def ranges(row: CostForecast, expected: Expected) -> list[Range]:
    """The simulated costs: what one, five and nine of ten outcomes stay below."""
    budget = forecasts.budget_left(expected)
    found = {level: forecasts.quantiles(row, level, budget=budget) for level in Level}
    most = max(each[90] for each in found.values()) or 1
    return [
        Range(
            SCENARIOS[level],
            low=short_money(_rounded(each[10])),
            middle=short_money(_rounded(each[50])),
            high=short_money(_rounded(each[90])),
            starts=share(each[10], most),
            width=max(share(each[90] - each[10], most), 0.6),
            at=share(each[50], most),
        )
        for level, each in found.items()
    ]


def lanes(expected: Expected, campaign: Campaign) -> tuple[list[Lane], list[Lane]]:
    """The stocks and budgets that run out in some scenario, the first before the others, and those that last."""
    links = _Links(campaign)
    running_out = [(each.first, each) for each in expected.lastings if each.first is not None]
    running_out.sort(key=lambda item: item[0])
    lasting = [each for each in expected.lastings if each.first is None]
    return [_lane(each, expected, links) for _day, each in running_out], [
        _lane(each, expected, links) for each in lasting
    ]


def _lane(each: Lasting, expected: Expected, links: _Links) -> Lane:
    name = supply_findings.name_of(each.supply)
    finding = Finding(Severity.NOTE, f"runs_out:{each.supply.id}", name, supply_findings.place_of(each.supply))
    shown = []
    for level, words in SCENARIOS.items():
        day = each.on[level]
        if day is None:
            shown.append((words, _("lasts"), 100.0, False))
        else:
            told = date_format(expected.begins + timedelta(days=day), "MONTH_DAY_FORMAT")
            shown.append((words, told, max(share(day + 1, expected.days), 1.0), True))
    return Lane(name, supply_findings.left_of(each.supply), links.to(finding), tuple(shown))
