"""Bring in a CSV file of facts."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from members import csv_checks, import_mapping, imports
from members.csv_files import CsvFile, FileError, RejectsFile
from members.faults import RowError

SHOWN_REJECTS = 10
# Two slices are in memory at once, one being read and one being written: about 100 MB beside the program itself.
ROWS_PER_SLICE = 20_000


class Command(BaseCommand):
    help = (
        "Bring in a CSV file of facts, with a header. Good rows are kept, each bad row is rejected with its reason; "
        "repeating a file changes nothing, so after a crash the same command finishes the work. Prints how many rows "
        "were read, created, updated, unchanged and rejected. The exit status is 1 if the file as a whole cannot be "
        "used, 0 otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help=f"one of: {', '.join(imports.kinds())}")
        parser.add_argument("file", type=Path)
        parser.add_argument("--rejects", type=Path, help="write the rejected rows, with reasons, to this CSV file")
        parser.add_argument(
            "--encoding", choices=list(csv_checks.ENCODINGS), default=csv_checks.UTF_8, help="of the file: %(default)s"
        )
        parser.add_argument(
            "--map",
            action="append",
            type=_mapped,
            default=[],
            metavar="COLUMN=HEADER",
            help="read this column from the header of another name; headers that are no column are then passed over",
        )

    def handle(
        self,
        *,
        kind: str,
        file: Path,
        rejects: Path | None = None,
        encoding: str = csv_checks.UTF_8,
        map: list[tuple[str, str]] | None = None,
        **options: Any,
    ) -> None:
        try:
            importer = imports.importer_of(kind).of_file(file.name)
            lines = csv_checks.check(file, encoding).lines
            source = CsvFile(file, encoding=encoding, separator=csv_checks.detect_separator(file, encoding))
            mapping = mapping_of(source, importer, dict(map or []))
            with ExitStack() as stack:
                log = RejectLog(source, rejects, stack)
                bar = stack.enter_context(tqdm(total=lines - 1, unit=" rows", file=sys.stderr))
                columns = import_mapping.columns_of(source.titles, mapping)
                counts = self._run(importer, source, columns, log, bar, now=timezone.now())
        except imports.UnknownKind:
            known = ", ".join(imports.kinds())
            raise CommandError(
                _("There is no import of “%(kind)s”, only of: %(known)s.") % {"kind": kind, "known": known}
            ) from None
        except FileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))

    def _run(  # noqa: PLR0913 - what one pass over a file needs
        self,
        importer: imports.Importer,
        source: CsvFile,
        columns: list[str | None],
        log: "RejectLog",
        bar: tqdm,
        *,
        now: datetime,
    ) -> dict[str, int]:
        counts = dict.fromkeys(("read", "created", "updated", "unchanged", "rejected"), 0)
        context = importer.load_context(now)
        read = (
            (piece, imports.read(importer, piece.raws(columns), context=context))
            for piece in source.slices(rows=ROWS_PER_SLICE)
        )
        for piece, given in imports.one_ahead(read):
            taken = imports.bring_in(importer, given, now=now)
            for index, error in taken.rejected:
                log.add(piece.numbers[index], piece.fields[index], error)
            counts["read"] += len(piece.numbers)
            counts["created"] += taken.created
            counts["updated"] += taken.updated
            counts["unchanged"] += taken.unchanged
            counts["rejected"] += len(taken.rejected)
            bar.update(len(piece.numbers))
        return counts


class RejectLog:
    """Tells of rejected rows: all of them to the rejects file if there is one, else the first few to stderr."""

    def __init__(self, source: CsvFile, path: Path | None, stack: ExitStack) -> None:
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

    def add(self, number: int, fields: list[str], error: RowError) -> None:
        self._told += 1
        if self._file is not None:
            self._file.add(number, fields, error)
        elif self._told <= SHOWN_REJECTS:
            tqdm.write(_("line %(line)s: %(reason)s") % {"line": number, "reason": error.message}, file=sys.stderr)
        elif self._told == SHOWN_REJECTS + 1:
            tqdm.write(_("More rows are rejected; --rejects FILE lists them all."), file=sys.stderr)


def mapping_of(source: CsvFile, importer: imports.Importer, told: dict[str, str]) -> dict[str, str]:
    """Return column → title: as told, or, where nothing is told, by a header that has no other names than ours."""
    if told:
        return import_mapping.as_told(source, importer, told)
    return import_mapping.by_own_names(source, importer)


def _mapped(text: str) -> tuple[str, str]:
    column, equals, header = text.partition("=")
    if not (column and equals and header):
        raise ArgumentTypeError(f"{text!r} is not COLUMN=HEADER")
    return column.strip(), header.strip()
