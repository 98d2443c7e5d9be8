"""Replay the draws of a pool and test their shares against the odds."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rewards.models import PrizePool
from rewards.odds import as_percent
from rewards.replaying import Replay, replay_pool


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
            self._print(replay)
        wrong = [draw_id for replay in replays for draw_id in replay.wrong]
        if wrong:
            shown = ", ".join(f"#{draw_id}" for draw_id in wrong[:20])
            raise CommandError(f"{len(wrong)} draws do not follow from their records: {shown}")
        self.stdout.write(f"{sum(replay.draws for replay in replays)} draws replayed, 0 wrong")

    def _print(self, replay: Replay) -> None:
        self.stdout.write(f"version {replay.version.number}: {replay.draws} draws")
        for entry in replay.odds:
            rolled, given = replay.rolled[entry.prize], replay.given[entry.prize]
            share = rolled / replay.draws * 100 if replay.draws else 0.0
            self.stdout.write(
                f"  {entry.prize:<24} odds {as_percent(entry.weight):>9} %  rolled {rolled:>8} ({share:.4f} %)"
                f"  given {given:>8}"
            )
        for reason, count in sorted(replay.fallbacks.items()):
            self.stdout.write(f"  consolation prize instead, {reason}: {count}")
        test = replay.fairness
        self.stdout.write(
            f"  chi-square {test.chi_square:.4f}, {test.degrees} degrees of freedom, p = {test.p_value:.4f}"
        )
