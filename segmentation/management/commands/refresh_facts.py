"""Bring this machine's store of facts up to date."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmentation.facts import refreshing
from segmentation.facts.versions import Busy


class Command(BaseCommand):
    help = "Bring the columns of facts under FACTS_DIR up to date: for machines without workers, and to rebuild them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from-scratch", action="store_true", help="read all facts, whatever the store has")

    def handle(self, *args: Any, **options: Any) -> None:
        clock = time.monotonic()
        told = self._tell if sys.stderr.isatty() or options["verbosity"] > 1 else _nothing
        try:
            outcome = refreshing.refresh(told=told, from_scratch=options["from_scratch"])
        except Busy:
            self.stdout.write("another process refreshes the store")
            return
        except OSError as error:
            raise CommandError(f"the store could not be written: {error}") from error
        self.stdout.write(f"{outcome.value}, {time.monotonic() - clock:.1f} s")

    def _tell(self, what: str) -> None:
        self.stderr.write(what)


def _nothing(_what: str) -> None:
    pass
