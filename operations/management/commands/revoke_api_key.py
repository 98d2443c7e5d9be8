from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from operations.api_keys import TRUSTED_SECONDS, revoke
from operations.models import ApiKey


class Command(BaseCommand):
    help = "Revoke an API key for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", metavar="PREFIX", help="what stands before the dot of the key")

    def handle(self, *args: Any, **options: Any) -> None:
        key = ApiKey.objects.filter(prefix=options["prefix"]).first() if options["prefix"].isprintable() else None
        if key is None:
            raise CommandError(f"there is no API key {options['prefix']!r}; list_api_keys shows them")
        if key.revoked:
            raise CommandError(f"the API key {key.prefix} of {key.name} is revoked already")
        revoke(key, by=None, now=timezone.now())
        self.stdout.write(f"{key.prefix} of {key.name} is refused within {TRUSTED_SECONDS:g} seconds")
