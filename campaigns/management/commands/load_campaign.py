"""Load a campaign's file as a draft."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns import campaign_files
from campaigns.definition import DefinitionError
from operations import storable_json


class Command(BaseCommand):
    help = "Load a whole campaign (audiences, tasks, chains, pools) from a JSON file, as a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            data = storable_json.read(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file}: not UTF-8") from None
        except storable_json.NotStorable as error:
            raise CommandError(f"{file}: {error}") from None
        try:
            campaign = campaign_files.load(data, by=None, now=timezone.now())
        except DefinitionError as error:
            raise CommandError(f"{file}: {error}") from None
        self.stdout.write(f"{campaign.slug}: loaded as a draft; publish it in the admin")
