from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.cluster import run_cluster


class Command(BaseCommand):
    help = "Run one django-q2 cluster that dies with its supervisor. Started by run_workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--supervisor", type=int, required=True, metavar="PID", help="process id of run_workers")

    def handle(self, *args: Any, **options: Any) -> None:
        run_cluster(supervisor=options["supervisor"])
