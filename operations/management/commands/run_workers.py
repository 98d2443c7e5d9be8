from typing import Any

from django.core.management.base import BaseCommand

from operations.supervising import supervise


class Command(BaseCommand):
    help = "Run the background workers, and restart them when they end or hang. SIGTERM or Ctrl-C stops them."

    def handle(self, *args: Any, **options: Any) -> None:
        supervise(self.stdout.write)
