"""Recompute segments here and now, without a worker."""

from graphlib import CycleError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from segmentation.definitions import in_order
from segmentation.models import Segment, SegmentRun
from segmentation.recomputing import recompute


class Command(BaseCommand):
    help = "Recompute the members of segments; each after the segments that its rule reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG")
        parser.add_argument("--all", action="store_true", help="recompute every segment")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        segments = self._chosen(options["slugs"], all_of_them=options["all"])
        for segment in segments:
            run = self._recompute(segment)
            if run.state == SegmentRun.State.FAILED:
                failed += 1
                self.stderr.write(f"{segment.slug}: failed: {run.error}")
                continue
            self.stdout.write(
                f"{segment.slug}: {run.size} members, {run.entered} entered, {run.left} left, {run.seconds:.2f} s"
            )
        if failed:
            raise CommandError(f"{failed} of {len(segments)} failed; their last good version goes on serving")

    def _recompute(self, segment: Segment) -> SegmentRun:
        with tqdm(desc=segment.slug, unit="clause", disable=None, leave=False, file=self.stderr._out) as bar:

            def watch(answered: int, clauses: int) -> None:
                bar.total = clauses
                bar.update(answered - bar.n)

            return recompute(segment, now=timezone.now(), watch=watch)

    def _chosen(self, slugs: list[str], *, all_of_them: bool) -> list[Segment]:
        if bool(slugs) == all_of_them:
            raise CommandError("name the segments, or give --all")
        chosen = Segment.objects.all() if all_of_them else Segment.objects.filter(slug__in=slugs)
        unknown = set(slugs) - {segment.slug for segment in chosen}
        if unknown:
            raise CommandError(f"no segment is called {', '.join(sorted(unknown))}")
        try:
            ordered = in_order(chosen)
        except CycleError as error:
            raise CommandError(f"segments read each other in a circle: {' → '.join(error.args[1])}") from error
        for package in ordered:
            if package.kind == Segment.Kind.PACKAGE:
                self.stdout.write(f"{package.slug}: a package, which changes by hand only: passed over")
        return [segment for segment in ordered if segment.kind == Segment.Kind.RULE]
