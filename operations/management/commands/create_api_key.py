from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from operations import audit
from operations.api_keys import create_api_key
from operations.models import ApiKey


class Command(BaseCommand):
    help = "Create an API key. The key, and the secret that signs sign-in tokens, are printed once and never again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the client it is for, at most 50 characters")
        parser.add_argument(
            "--scope", action="append", required=True, choices=ApiKey.Scope.values, help="may be given more than once"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not 0 < len(name) <= 50 or not name.isprintable():
            raise CommandError("a name is 1 to 50 printable characters")
        key, plain, signing_secret = create_api_key(name, options["scope"])
        audit.record("api_key.added", key, by=None, now=timezone.now(), changes={"scopes": [None, key.scopes]})
        self.stdout.write(f"key: {plain}")
        self.stdout.write(f"signing secret: {signing_secret}")
