"""Score all members by a value model."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from segmentation import value
from segmentation.default_model import SLUG
from segmentation.management.days import read_day
from segmentation.models import ValueModel
from segmentation.value_versions import NAMES


class Command(BaseCommand):
    help = "Score all members' value over the window up to a day, today unless --at is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="MODEL", nargs="?", default=SLUG, help="its key (default: %(default)s)")
        parser.add_argument("--at", metavar="DATE", help="the last day that counts, as 2026-01-31")

    def handle(self, *args: Any, **options: Any) -> None:
        model = ValueModel.objects.filter(slug=options["model"]).first()
        if model is None:
            raise CommandError(f"no value model is called {options['model']}")
        now, clock = timezone.now(), time.monotonic()
        version = value.recompute_with_readers(model, at=read_day(options["at"]), now=now)
        self.stdout.write(f"{version.size} members scored at {version.at} in {time.monotonic() - clock:.2f} s")
        for column in NAMES:
            for name, count in version.summary[column].items():
                self.stdout.write(f"{count:>9}  {column} {name}")
