from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from operations.models import ApiKey

COLUMNS = "{:<9} {:<9} {:<12} {:<17} {:<17} {:<40} {:<40} {}"


class Command(BaseCommand):
    help = "List the API keys: prefix, client, state, end, last use, scopes, address ranges and name. No key is shown."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(
            COLUMNS.format("prefix", "client", "state", "ends", "last used", "scopes", "from", "name").rstrip()
        )
        for key in ApiKey.objects.order_by("client", "created"):
            ends, used = (
                f"{timezone.localtime(each):%Y-%m-%d %H:%M}" if each else "-"
                for each in (key.expiry_date, key.last_used_at)
            )
            scopes, ranges = ",".join(key.scopes), ",".join(key.address_ranges) or "anywhere"
            line = COLUMNS.format(key.prefix, key.client, key.state_at(now), ends, used, scopes, ranges, key.name)
            self.stdout.write(line.rstrip())
