"""Simulate draws of a pool."""

import secrets

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rewards.models import PrizePool
from rewards.odds import as_percent
from rewards.simulating import simulate

MOST = 100_000_000


class Command(BaseCommand):
    help = "Simulate draws of a pool's current version: the share and cost of each prize and when it runs out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the key of the prize pool")
        parser.add_argument("--draws", type=int, required=True, help="how many draws")
        parser.add_argument("--seed", type=int, help="the same seed gives the same draws")

    def handle(self, *args: object, slug: str, draws: int, seed: int | None, **options: object) -> None:
        pool = PrizePool.objects.select_related("current").filter(slug=slug).first()
        if pool is None:
            raise CommandError(f"There is no prize pool with the key {slug!r}.")
        if pool.current is None:
            raise CommandError(f"The prize pool {slug!r} was never published.")
        if not 1 <= draws <= MOST:
            raise CommandError(f"--draws must be between 1 and {MOST}.")
        if seed is None:
            seed = secrets.randbits(32)
        if seed < 0:
            raise CommandError("--seed must not be negative.")
        prizes = simulate(pool.current, draws=draws, seed=seed)
        for prize in prizes:
            dry = "" if prize.dry_at is None else f"  runs out at draw {prize.dry_at}"
            share = prize.given / draws * 100
            self.stdout.write(
                f"{prize.key:<24} odds {as_percent(prize.odds):>9} %  given {prize.given:>10} ({share:.4f} %)"
                f"  cost {prize.cost:>14}{dry}"
            )
        self.stdout.write(f"total cost {sum(prize.cost for prize in prizes)} for {draws} draws, seed {seed}")
