"""Bring in a CSV file of facts."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from members import imports
from members.csv_files import CsvFile, FileError, Line, RejectsFile
from members.faults import RowError

CHUNK = 2_000
SHOWN_REJECTS = 10


class Command(BaseCommand):
    help = (
        "Bring in a CSV file of facts (UTF-8, with a header). Good rows are kept, each bad row is rejected with its "
        "reason; repeating a file changes nothing. Prints how many rows were read, created, updated, unchanged and "
        "rejected. The exit status is 1 if the file as a whole cannot be used, 0 otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help=f"one of: {', '.join(imports.kinds())}")
        parser.add_argument("file", type=Path)
        parser.add_argument("--rejects", type=Path, help="write the rejected rows, with reasons, to this CSV file")

    def handle(self, *, kind: str, file: Path, rejects: Path | None, **options: Any) -> None:
        try:
            importer = imports.importer_of(kind)
            source = CsvFile(file)
            source.check_header(importer.required, importer.knows)
            with ExitStack() as stack:
                log = RejectLog(self, source, rejects, stack)
                counts = self._run(importer, source, log, now=timezone.now())
        except imports.UnknownKind:
            known = ", ".join(imports.kinds())
            raise CommandError(
                _("There is no import of “%(kind)s”, only of: %(known)s.") % {"kind": kind, "known": known}
            ) from None
        except FileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))

    def _run(self, importer: imports.Importer, source: CsvFile, log: "RejectLog", *, now: datetime) -> dict[str, int]:
        counts = dict.fromkeys(("read", "created", "updated", "unchanged", "rejected"), 0)
        context = importer.load_context(now)
        with tqdm(total=source.lines - 1, unit=" rows", file=sys.stderr) as bar:
            for chunk in chunks(iter(source)):
                taken = imports.take(importer, enumerate(line.raw for line in chunk), context=context, now=now)
                for index, error in taken.rejected:
                    log.add(chunk[index], error)
                counts["read"] += len(chunk)
                counts["created"] += taken.created
                counts["updated"] += taken.updated
                counts["unchanged"] += taken.unchanged
                counts["rejected"] += len(taken.rejected)
                bar.update(len(chunk))
        return counts


class RejectLog:
    """Tells of rejected rows: all of them to the rejects file if there is one, else the first few to stderr."""

    def __init__(self, command: BaseCommand, source: CsvFile, path: Path | None, stack: ExitStack) -> None:
        self._command = command
        self._told = 0
        self._file = None
        if path is None:
            return
        if path.exists() and path.samefile(source.path):
            raise FileError(_("The rejects would be written over the file itself."))
        try:
            opened = stack.enter_context(path.open("w", encoding="utf-8", errors="backslashreplace", newline=""))
        except OSError as error:
            raise FileError(
                _("%(path)s cannot be written: %(why)s.") % {"path": path, "why": error.strerror}
            ) from error
        self._file = RejectsFile(opened, source.header)

    def add(self, line: Line, error: RowError) -> None:
        self._told += 1
        if self._file is not None:
            self._file.add(line, error)
        elif self._told <= SHOWN_REJECTS:
            tqdm.write(_("line %(line)s: %(reason)s") % {"line": line.number, "reason": error.message}, file=sys.stderr)
        elif self._told == SHOWN_REJECTS + 1:
            tqdm.write(_("More rows are rejected; --rejects FILE lists them all."), file=sys.stderr)


def chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk
