"""The simulation of what a campaign costs, worked off by workers one pool at a time. The only writer of CostForecast.

What the figures follow from (the draft, its gifts, stocks and budgets, the rates) has a name, the basis. Where that
has changed the simulation is out of date: nobody sees its figures as today's, and its jobs stop by themselves.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from campaigns import campaign_files
from campaigns.models import Campaign, CostForecast
from campaigns.rehearsal.rates import Level, Rates, as_json
from campaigns.rehearsal.rehearsing import COURSE, Expected, rehearse
from campaigns.rehearsal.supplies import Supplies
from operations import jobs
from rewards.forecasting import RUNS_FOR_QUANTILES, forecast
from rewards.models import Budget, Gift, PrizePool
from rewards.pools_to_simulate import budgets_left, draft_to_simulate
from rewards.simulated_draws import MOST_EACH, Scenario

JOB = "campaigns.jobs.forecast_cost"
# Draws of one step of the plan; beyond, so many are simulated and the figures scaled.
MOST_DRAWS = 400_000
RUNS = 40
SEED = 1
SAMPLES = 4_000
SHARES = (10, 50, 90)


def basis_of(campaign: Campaign, expected: Expected) -> str:
    """Name what a simulation of the campaign follows from, as it is now."""
    supplies = expected.supplies
    parts = {
        "file": campaign_files.dump(campaign),
        "costs": {slug: str(gift.cost) for slug, gift in sorted(supplies.gifts.items())},
        "left": {slug: supplies.left_of(slug) for slug in sorted(supplies.gifts)},
        "stocks": {slug: [prize.stock for prize in pool.prizes] for slug, pool in sorted(supplies.pools.items())},
        "offers": {each.offer.key: each.left for each in supplies.offers},
        "budgets": [(budget.pk, left) for budget, left in supplies.budgets],
        "rates": as_json(expected.rates),
        "days": expected.days,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def set_rates(campaign: Campaign, rates: Rates) -> None:
    """Have the campaign rehearsed with these rates from now on."""
    CostForecast.objects.update_or_create(campaign=campaign, defaults={"rates": as_json(rates)})


@transaction.atomic
def begin(campaign: Campaign, *, now: datetime) -> CostForecast | None:
    """Have workers simulate what the draft costs; one that goes on for the same basis is left to go on.

    None where the draft has faults that leave nothing to simulate.
    """
    expected = rehearse(campaign, now=now).expected
    if expected is None:
        return None
    row, _created = CostForecast.objects.select_for_update().get_or_create(
        campaign=campaign, defaults={"rates": as_json(expected.rates)}
    )
    basis = basis_of(campaign, expected)
    if row.basis == basis:
        return row
    row.basis, row.plan, row.runs = basis, list(_plan(expected)), []
    row.fixed, row.asked_at = _fixed(expected), now
    row.done_at = None if row.plan else now
    row.save()
    if row.plan:
        _go_on(row)
    return row


def _plan(expected: Expected) -> Iterator[dict[str, Any]]:
    for level in Level:
        play = expected.plays[level]
        for slug in expected.supplies.pools:
            draws = round(play.draws.get(slug, 0.0))
            if draws:
                members = max(round(play.drawing.get(slug, 0.0)), -(-draws // MOST_EACH), 1)
                yield {"level": level.value, "pool": slug, "draws": draws, "members": members, "days": expected.days}


def _fixed(expected: Expected) -> dict[str, list[float]]:
    supplies: Supplies = expected.supplies
    return {level.value: list(supplies.cost_of_given(play)) for level, play in expected.plays.items()}


def _go_on(row: CostForecast) -> None:
    step = len(row.runs)
    key = f"{JOB}:{row.campaign_id}:{row.basis}:{row.asked_at and row.asked_at.isoformat()}:{step}"
    jobs.enqueue(JOB, key=key, arguments={"campaign": row.campaign_id, "basis": row.basis, "step": step})


@transaction.atomic
def work(campaign_id: int, basis: str, step: int, *, now: datetime) -> None:
    """Simulate one step of the plan, and have the next one follow; nothing of a plan that is out of date."""
    row = CostForecast.objects.select_for_update().filter(campaign=campaign_id, basis=basis).first()
    if row is None or step != len(row.runs) or step >= len(row.plan):
        return
    row.runs = [*row.runs, simulated(row.plan[step])]
    if len(row.runs) == len(row.plan):
        row.done_at = now
    row.save(update_fields=["runs", "done_at"])
    if row.done_at is None:
        _go_on(row)


def simulated(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Simulate the draws of one pool in one scenario: mean, sd and the cost of each run, in cents."""
    pool = PrizePool.objects.filter(slug=asked["pool"]).first()
    try:
        draft = draft_to_simulate(pool) if pool else None
    except ValueError:
        draft = None
    if pool is None or draft is None:
        return {"mean": 0.0, "sd": 0.0, "costs": []}
    draws = min(asked["draws"], MOST_DRAWS)
    scale = asked["draws"] / draws
    members = max(round(asked["members"] / scale), -(-draws // MOST_EACH), 1)
    scenario = Scenario(draws, members, asked["days"], SEED, COURSE)
    runs = RUNS if draws * RUNS <= 2 * MOST_DRAWS else 5
    found = forecast(draft, scenario, budgets_left(pool), runs=runs)
    costs = [round(run.cost * scale) for run in found.runs]
    return {"mean": found.cost.mean * scale, "sd": found.cost.sd * scale**0.5, "costs": costs}


def quantiles(row: CostForecast, level: Level, *, budget: int | None = None) -> dict[int, int]:
    """The cost in cents that so many per cent of outcomes stay below: SHARES → cents. Seeded: the same each time.

    The pools' runs are added up at random, with what costs something without a draw; no more than the budget is spent.
    """
    chance = np.random.default_rng([SEED, list(Level).index(level)])
    mean, variance = row.fixed.get(level.value, (0.0, 0.0))
    total = np.maximum(chance.normal(mean, variance**0.5, SAMPLES), 0.0)
    for asked, run in zip(row.plan, row.runs, strict=False):
        if asked["level"] == level.value:
            total += _drawn(run, chance)
    if budget is not None:
        total = np.minimum(total, budget)
    found = np.quantile(total, [share / 100 for share in SHARES])
    return {share: round(float(value)) for share, value in zip(SHARES, found, strict=True)}


def _drawn(run: Mapping[str, Any], chance: np.random.Generator) -> Any:
    if len(run["costs"]) >= RUNS_FOR_QUANTILES:
        return chance.choice(np.array(run["costs"], dtype=np.float64), SAMPLES)
    return np.maximum(chance.normal(run["mean"], run["sd"], SAMPLES), 0.0)


def budget_left(expected: Expected) -> int | None:
    """What is left of the campaign's budget in all, in cents; None without one."""
    found = [
        left
        for budget, left in expected.supplies.budgets
        if budget.per == Budget.Per.TOTAL and budget.scope.startswith("campaign:")
    ]
    return min(found, default=None)


def unpriced(expected: Expected) -> list[str]:
    """The names of gifts of the campaign that are put down as costing nothing, though they are worth something."""
    return [
        gift.name
        for gift in expected.supplies.gifts.values()
        if not gift.cost and gift.face_value and gift.kind not in (Gift.Kind.POINTS, Gift.Kind.GROWTH)
    ]
