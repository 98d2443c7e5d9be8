"""Print the scores of an RFM model."""

import csv
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.formulas import disarmed
from segmentation import rfm
from segmentation.models import RfmModel


class Command(BaseCommand):
    help = "Print the members scored by an RFM model as CSV, by the cut points of its current version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="MODEL")

    def handle(self, *args: Any, **options: Any) -> None:
        model = RfmModel.objects.select_related("current").filter(slug=options["model"]).first()
        if model is None:
            raise CommandError(f"no RFM model is called {options['model']}")
        if model.current is None:
            raise CommandError(f"{model.slug} has not been computed yet: run recompute_rfm {model.slug}")
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(rfm.CSV_HEADER)
        # People open the file in a spreadsheet, and a uid is whatever the shop has sent.
        writer.writerows([disarmed(uid), *scores] for uid, *scores in rfm.export(model))
