"""Count the members for whom a rule holds."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from segmentation.counting import estimate
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError


class Command(BaseCommand):
    help = "Print how many members a rule holds for, and the seconds it took."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rule", type=Path, metavar="RULE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        clock = time.monotonic()
        try:
            count = estimate(json.loads(options["rule"].read_text(encoding="utf-8")), now=timezone.now())
        except OSError as error:
            raise CommandError(f"{options['rule']} cannot be read: {error.strerror}") from error
        except (RuleError, SourceError) as error:
            raise CommandError(str(error)) from error
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{options['rule']} is not JSON in UTF-8: {error}") from error
        self.stdout.write(f"{count} members in {time.monotonic() - clock:.3f} s")
