"""Print who is in a segment."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmentation.exporting import uids_of
from segmentation.models import Segment


class Command(BaseCommand):
    help = "Print the uids of a segment's members, one a line, as the version that serves now has them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        segment = Segment.objects.filter(slug=options["slug"]).first()
        if segment is None:
            raise CommandError(f"no segment is called {options['slug']}")
        if segment.members_id is None:
            raise CommandError(f"{segment.slug} has not been computed yet: run recompute_segment {segment.slug}")
        for uid in uids_of(segment.members_id):
            self.stdout.write(uid)
