"""Write a campaign's draft as one file."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns import campaign_files
from campaigns.definition import DefinitionError
from campaigns.models import Campaign


class Command(BaseCommand):
    help = "Print a whole campaign (audiences, tasks, chains, pools) as JSON that load_campaign reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            raise CommandError(f"no campaign has the key {slug}")
        try:
            self.stdout.write(campaign_files.dump(campaign), ending="")
        except DefinitionError as error:
            raise CommandError(f"{slug}: {error}") from None
