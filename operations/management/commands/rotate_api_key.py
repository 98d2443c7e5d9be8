from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from operations.models import ApiKey
from operations.rotation import OVERLAP, NotRotated, rotate


class Command(BaseCommand):
    help = "Replace an API key by a new one for the same client. Both work for a while; the new one is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", metavar="PREFIX", help="what stands before the dot of the key")
        parser.add_argument(
            "--overlap-hours",
            type=int,
            default=int(OVERLAP.total_seconds()) // 3600,
            metavar="N",
            help="how long the old key works too, 0 to 720 (default: %(default)s); 0 when it has leaked",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = ApiKey.objects.filter(prefix=options["prefix"]).first() if options["prefix"].isprintable() else None
        if key is None:
            raise CommandError(f"there is no API key {options['prefix']!r}; list_api_keys shows them")
        try:
            overlap = timedelta(hours=options["overlap_hours"])
            new, plain, signing_secret = rotate(key, overlap=overlap, by=None, now=timezone.now())
        except (NotRotated, OverflowError) as error:
            raise CommandError(str(error)) from None
        key.refresh_from_db()
        until = timezone.localtime(key.expiry_date)
        self.stdout.write(f"key: {plain}")
        self.stdout.write(f"signing secret: {signing_secret}")
        self.stdout.write(f"{key.prefix} works until {until:%Y-%m-%d %H:%M:%S %z}; {new.prefix} takes its place")
