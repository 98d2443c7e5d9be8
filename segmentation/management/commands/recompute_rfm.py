"""Score all members by an RFM model."""

import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from segmentation import rfm
from segmentation.default_model import SLUG
from segmentation.models import RfmModel
from segmentation.rule_errors import RuleError
from segmentation.wording import RFM_CLASS_NAMES, RFM_COLUMNS
from segmentation.world import site_zone

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)


class Command(BaseCommand):
    help = "Score all members over their orders up to the end of a day, today unless --at is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="MODEL", nargs="?", default=SLUG, help="its key (default: %(default)s)")
        parser.add_argument("--at", metavar="DATE", help="the last day that counts, as 2026-01-31")

    def handle(self, *args: Any, **options: Any) -> None:
        model = RfmModel.objects.filter(slug=options["model"]).first()
        if model is None:
            raise CommandError(f"no RFM model is called {options['model']}")
        now, clock = timezone.now(), time.monotonic()
        at = _day(options["at"]) if options["at"] else now.astimezone(site_zone()).date()
        try:
            version = rfm.recompute(model, at=at, now=now)
        except RuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{version.size} members scored at {version.at} in {time.monotonic() - clock:.2f} s")
        for key, count in version.summary["classes"].items():
            self.stdout.write(f"{count:>9}  {key} ({RFM_CLASS_NAMES[key]})")
        for key, (asked, left) in rfm.parts_lost(version).items():
            self.stdout.write(f"{RFM_COLUMNS[key]}: {left} parts instead of {asked}, because cut points coincide")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at: {text} is not a day such as 2026-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise CommandError(f"--at: {text} is not between {FIRST_DAY} and {LAST_DAY}")
    return day
