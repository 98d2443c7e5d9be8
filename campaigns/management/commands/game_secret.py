"""Print the secret that the server of an outside game signs with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.games import signing
from campaigns.models import Task


class Command(BaseCommand):
    help = (
        "Print the secret of a task that an outside game moves. Its server signs a result with HMAC-SHA256 over"
        ' "round|score|moves" (of a level game "round|level|moves"; moves may be empty), in hexadecimal digits.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", metavar="CAMPAIGN")
        parser.add_argument("task", metavar="TASK")

    def handle(self, *args: Any, campaign: str, task: str, **options: Any) -> None:
        found = Task.objects.filter(campaign__slug=campaign, key=task).first()
        if found is None or found.config.get("game") != "outside":
            raise CommandError(f"{campaign} has no task {task} of an outside game")
        self.stdout.write(signing.secret_of(campaign, task, found.config.get("secret", 1)))
