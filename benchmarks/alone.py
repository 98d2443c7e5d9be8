"""A benchmark that runs by itself: its database is made once, and used again while it holds as many members."""

import argparse
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.report import Figure

MEMBERS, ORDERS_EACH = 20_000, 2


def options_of(doc: str | None) -> argparse.Namespace:
    """Read the command line, and make Django ready for the imports that follow."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["LOCAL_HTTP"] = "1"
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    import django

    django.setup()
    return options


def prepare(members: int) -> None:
    """Have a database with so many members, 50 campaigns and people who take part in one of them."""
    from django.core.management import call_command
    from django.utils import timezone

    from benchmarks import database, shop

    if database.holds(members):
        return
    database.create_empty()
    call_command("migrate", verbosity=0)
    now = timezone.localtime()
    shop.generate_facts(members, members * ORDERS_EACH)
    shop.make_campaigns(now=now, chance=random.Random(1))
    shop.enrol_some(now=now)
    database.settle()


def report(figures: "list[Figure]", json: Path | None) -> None:
    from benchmarks import report

    sys.stdout.write(report.table(figures) + "\n")
    if json:
        report.write_json(figures, json)


def run(doc: str | None, measure: "Callable[[argparse.Namespace], list[Figure]]") -> None:
    options = options_of(doc)
    prepare(options.members)
    report(measure(options), options.json)
