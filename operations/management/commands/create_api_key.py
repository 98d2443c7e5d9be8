from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from operations import audit
from operations.addresses import BadRange
from operations.api_keys import create_api_key
from operations.models import ApiKey


class Command(BaseCommand):
    help = "Create an API key. The key, and the secret that signs sign-in tokens, are printed once and never again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the client it is for, at most 50 characters")
        parser.add_argument(
            "--scope", action="append", required=True, choices=ApiKey.Scope.values, help="may be given more than once"
        )
        parser.add_argument(
            "--expires",
            metavar="DATE",
            help="works until then: 2027-01-31 (that day included) or 2027-01-31T18:00, in the site's time zone",
        )
        parser.add_argument(
            "--address",
            action="append",
            default=[],
            metavar="CIDR",
            help="works from this address or range only, such as 203.0.113.0/24; may be given more than once",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        name, now = options["name"].strip(), timezone.now()
        if not 0 < len(name) <= 50 or not name.isprintable():
            raise CommandError("a name is 1 to 50 printable characters")
        expires = None if options["expires"] is None else ends_at(options["expires"])
        if expires is not None and expires <= now:
            raise CommandError(f"--expires {options['expires']} is over already")
        try:
            key, plain, signing_secret = create_api_key(
                name, options["scope"], expires=expires, address_ranges=options["address"]
            )
        except BadRange as error:
            raise CommandError(str(error)) from None
        audit.record("api_key.added", key, by=None, now=now, changes={"scopes": [None, key.scopes]})
        self.stdout.write(f"key: {plain}")
        self.stdout.write(f"signing secret: {signing_secret}")


def ends_at(text: str) -> datetime:
    """Return the moment at which a day, or a time, has come to its end. Raises CommandError."""
    try:
        day = parse_date(text)
        moment = parse_datetime(text) if day is None else datetime.combine(day, time.max)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"--expires {text} is no date such as 2027-01-31 or 2027-01-31T18:00")
    try:
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    except OverflowError:
        raise CommandError(f"--expires {text} is too far away") from None
