"""Replay the draws of a pool and test their shares against the odds."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rewards.drawn_shares import DrawnShares
from rewards.fairness import FairnessTest
from rewards.models import PrizePool
from rewards.odds import as_percent
from rewards.replaying import replay_pool
from rewards.streaks import broken_streaks


class Command(BaseCommand):
    help = "Replay each draw of a pool from its version and roll, and test the shares of prizes against the odds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the key of the prize pool")

    def handle(self, *args: object, slug: str, **options: object) -> None:
        pool = PrizePool.objects.filter(slug=slug).first()
        if pool is None:
            raise CommandError(f"There is no prize pool with the key {slug!r}.")
        replays = list(replay_pool(pool))
        for replay in replays:
            self._print(replay.shares)
        if wrong := [draw_id for replay in replays for draw_id in replay.wrong]:
            raise CommandError(f"{len(wrong)} draws do not follow from their records: {_named(wrong)}")
        if broken := broken_streaks(pool):
            raise CommandError(
                f"{len(broken)} members' draws without a win do not follow from each other: {_named(broken)}"
            )
        self.stdout.write(f"{sum(replay.shares.draws for replay in replays)} draws replayed, 0 wrong")

    def _print(self, shares: DrawnShares) -> None:
        self.stdout.write(f"version {shares.version.number}: {shares.draws} draws")
        given = shares.given
        for entry in shares.odds:
            rolled = shares.rolled[entry.prize]
            share = rolled / shares.draws * 100 if shares.draws else 0.0
            self.stdout.write(
                f"  {entry.prize:<24} odds {as_percent(entry.weight):>9} %  rolled {rolled:>8} ({share:.4f} %)"
                f"  given {given[entry.prize]:>8}"
            )
        for reason, count in sorted(shares.fallbacks.items()):
            self.stdout.write(f"  another prize than the rolled one, {reason}: {count}")
        self._print_test("rolled, against the odds", shares.fairness)
        self._print_test("given, against the odds after limits", shares.fairness_after_limits)

    def _print_test(self, what: str, test: FairnessTest) -> None:
        self.stdout.write(
            f"  {what}: chi-square {test.chi_square:.4f}, {test.degrees} degrees of freedom, p = {test.p_value:.4f}"
        )


def _named(ids: list[int]) -> str:
    return ", ".join(f"#{each}" for each in ids[:20])
