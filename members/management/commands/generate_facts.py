"""Make believable facts in bulk."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from members import generating

STEPS = 5


class Command(BaseCommand):
    help = (
        "Make believable members, orders, order items, their totals and behaviour events, for measuring. The same seed "
        "and numbers give the same facts, counted back from now. Works on a database without members only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=100_000)
        parser.add_argument("--orders", type=int, default=1_000_000)
        parser.add_argument("--events", type=int, default=0)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, members: int, orders: int, events: int, seed: int, **options: Any) -> None:
        if members < 1 or min(orders, events, seed) < 0:
            raise CommandError(_("--members must be 1 or more, --orders, --events and --seed 0 or more."))
        with tqdm(total=STEPS, file=sys.stderr, bar_format="{l_bar}{bar}| {elapsed} {desc}") as bar:

            def told(step: str) -> None:
                bar.set_description(step)
                bar.update(0 if step == "members" else 1)

            try:
                amounts = generating.Amounts(members, orders, events)
                generating.generate(amounts, seed=seed, now=timezone.now(), told=told)
            except generating.NotEmpty:
                raise CommandError(
                    _("There are members already. Generated facts are for measuring, in a database of their own.")
                ) from None
        self.stdout.write(f"members {members}, orders {orders}, events {events}, seed {seed}")
