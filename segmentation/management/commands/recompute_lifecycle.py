"""Stage all members by a lifecycle model."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from segmentation import lifecycle, repurchase
from segmentation.default_model import SLUG
from segmentation.management.days import read_day
from segmentation.models import LifecycleModel
from segmentation.wording import STAGE_NAMES


class Command(BaseCommand):
    help = "Stage all members and learn the repurchase cycles, now or as at the end of a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="MODEL", nargs="?", default=SLUG, help="its key (default: %(default)s)")
        parser.add_argument("--at", metavar="DATE", help="the last day that counts, as 2026-01-31")

    def handle(self, *args: Any, **options: Any) -> None:
        model = LifecycleModel.objects.filter(slug=options["model"]).first()
        if model is None:
            raise CommandError(f"no lifecycle model is called {options['model']}")
        now, clock = timezone.now(), time.monotonic()
        version = lifecycle.recompute_with_readers(model, at=read_day(options["at"]), now=now)
        self.stdout.write(f"{version.size} members staged at {version.at} in {time.monotonic() - clock:.2f} s")
        for stage, count in version.summary["stages"].items():
            self.stdout.write(f"{count:>9}  {stage} ({STAGE_NAMES[stage]})")
        for cycle in map(repurchase.from_json, version.cycles):
            days = "no cycle" if cycle.days is None else f"{cycle.days} days"
            high = ", bought again" if cycle.high else ""
            self.stdout.write(f"{cycle.category}: {days} ({cycle.gaps} gaps){high}")
