"""Simulate draws of a pool."""

import secrets
import sys
from decimal import Decimal, InvalidOperation
from functools import partial

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from rewards.forecasting import Forecast, Outcome, forecast, total_limits
from rewards.models import PrizePool
from rewards.money import as_cents
from rewards.odds import as_percent
from rewards.pools_to_simulate import version_to_simulate
from rewards.simulated_draws import MOST_EACH, Scenario
from rewards.simulated_pool import Limit, SimulatedBudget, SimulatedPool, Why

MOST = 20_000_000
DRAWS_EACH = 5


class Command(BaseCommand):
    help = "Simulate draws of a pool's current version: the share and cost of each prize and when it runs out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the key of the prize pool")
        parser.add_argument("--draws", type=int, required=True, help="how many draws")
        parser.add_argument("--seed", type=int, help="the same seed gives the same draws")
        parser.add_argument("--members", type=int, help=f"by how many members; 1 for {DRAWS_EACH} draws if not given")
        parser.add_argument("--days", type=int, default=30, help="within how many days (30)")
        parser.add_argument("--budget", help="in yuan, for all of them; beyond it draws give the consolation prize")
        parser.add_argument("--runs", type=int, help="how many campaigns to simulate for the spread; else as fits")

    def handle(self, *args: object, slug: str, seed: int | None, **options: object) -> None:
        pool = PrizePool.objects.select_related("current").filter(slug=slug).first()
        if pool is None:
            raise CommandError(f"There is no prize pool with the key {slug!r}.")
        if pool.current is None:
            raise CommandError(f"The prize pool {slug!r} was never published.")
        scenario = _scenario(secrets.randbits(32) if seed is None else seed, options)
        budgets, runs = _budgets(options["budget"]), options["runs"]
        if runs is not None and not 1 <= int(str(runs)) <= MOST // scenario.draws:
            raise CommandError(f"--runs must be between 1 and {MOST // scenario.draws} for so many draws.")
        progress = partial(tqdm, unit="run", disable=not sys.stderr.isatty(), leave=False)
        simulated = version_to_simulate(pool.current)
        self._print(forecast(simulated, scenario, budgets, runs=runs, progress=progress))  # type: ignore[arg-type]

    def _print(self, found: Forecast) -> None:
        once, draws = found.runs[0], found.scenario.draws
        dry_at = dict(zip(total_limits(found.pool, found.budgets), once.dry_at, strict=True))
        for place, prize in enumerate(found.pool.prizes):
            given = int(once.given[place])
            stocks = [
                (at, limit)
                for limit, at in dry_at.items()
                if at and limit.why != Why.BUDGET and limit.takes[place] and not prize.consolation
            ]
            dry = f"  runs out at draw {min(at for at, _limit in stocks)}" if stocks else ""
            self.stdout.write(
                f"{prize.key:<24} odds {as_percent(prize.odds):>9} %  given {given:>10} ({given / draws * 100:.4f} %)"
                f"  cost {_yuan(given * prize.cost):>14}{dry}"
            )
        self._print_falls(once, found.pool)
        for limit, at in dry_at.items():
            if limit.why == Why.BUDGET and at:
                self.stdout.write(f"budget {_yuan(limit.allowed)}: first refused a prize at draw {at}")
        self.stdout.write(f"total cost {_yuan(once.cost)} for {draws} draws, seed {found.scenario.seed}")
        self._print_spread(found)

    def _print_falls(self, once: Outcome, pool: SimulatedPool) -> None:
        for why in Why:
            if why not in (Why.NOTHING, Why.GUARANTEED) and once.whys[why]:
                self.stdout.write(f"not the rolled prize, {why.name.lower()}: {once.whys[why]}")
        if pool.guaranteed is not None:
            self.stdout.write(f"guaranteed wins on a rolled consolation prize: {once.whys[Why.GUARANTEED]}")

    def _print_spread(self, found: Forecast) -> None:
        cost = found.cost
        self.stdout.write(
            f"{len(found.runs)} runs: cost {_yuan(cost.mean)} ± {_yuan(cost.sd)}, in nine of ten from {_yuan(cost.low)}"
            f" to {_yuan(cost.high)}, {_yuan(cost.mean / found.scenario.draws, 4)} a draw"
        )
        for dryness in found.dryness:
            if dryness.ever:
                days = [
                    f"{share:.0%} by day {day + 1}"
                    for share in (0.1, 0.5, 0.9)
                    if (day := dryness.day_with(share)) is not None
                ]
                name = _name(found.pool, dryness.limit)
                self.stdout.write(f"{name} used up with a probability of {dryness.ever:.0%}: {', '.join(days)}")


def _scenario(seed: int, options: dict) -> Scenario:
    draws, members, days = options["draws"], options["members"], options["days"]
    if not 1 <= draws <= MOST:
        raise CommandError(f"--draws must be between 1 and {MOST}.")
    if seed < 0:
        raise CommandError("--seed must not be negative.")
    members = -(-draws // DRAWS_EACH) if members is None else members
    if not -(-draws // MOST_EACH) <= members <= MOST:
        raise CommandError(f"--members must be between {-(-draws // MOST_EACH)} and {MOST} for so many draws.")
    try:
        return Scenario(draws, members, days, seed)
    except ValueError as error:
        raise CommandError(f"--days: {error}.") from None


def _budgets(text: object) -> list[SimulatedBudget]:
    if text is None:
        return []
    try:
        budget = as_cents(Decimal(str(text)))
    except (InvalidOperation, OverflowError, ValueError):
        raise CommandError(f"--budget must be an amount in yuan, not {text!r}.") from None
    if not 1 <= budget < 2**53:
        raise CommandError(f"--budget must be an amount above 0, not {text!r}.")
    return [SimulatedBudget(budget)]


def _name(pool: SimulatedPool, limit: Limit) -> str:
    if limit.why == Why.BUDGET:
        return "the budget"
    keys = [p.key for p, take in zip(pool.prizes, limit.takes, strict=True) if take and not p.consolation]
    return f"{limit.why.name.lower()}: {', '.join(keys)}"


def _yuan(amount: float, decimals: int = 2) -> str:
    return f"{amount / 100:.{decimals}f}"
