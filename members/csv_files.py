"""CSV files as people save them: streamed, checked before anything is written; rejects that a spreadsheet may open."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from members.faults import Fault, RowError, printable

# A quotation mark that is never closed would otherwise draw the rest of the file into one field.
csv.field_size_limit(131_072)
_PIECE = 1 << 20
# Spreadsheets run what begins with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class FileError(Exception):
    """The file as a whole cannot be used."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record: the number of its first line, its fields, and what they mean or why they mean nothing."""

    number: int
    fields: list[str]
    raw: dict[str, str] | RowError


class CsvFile:
    """A CSV file in UTF-8, with or without a byte order mark, with a header."""

    def __init__(self, path: Path) -> None:
        """Check the encoding of the whole file and read its header. Raises FileError."""
        self.path = path
        try:
            self.lines = _count_lines(path)
            with self._open() as file:
                self.header = [name.strip() for name in next(csv.reader(file, strict=True), [])]
        except OSError as error:
            raise FileError(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from error
        except csv.Error as error:
            raise FileError(_("The header cannot be read: %(why)s.") % {"why": error}) from error
        if not any(self.header):
            raise FileError(_("%(path)s is empty: the first line must name the columns.") % {"path": path})

    def check_header(self, required: Sequence[str], knows: Callable[[str], bool]) -> None:
        """Raise FileError unless the header has all `required` columns, each once, and only columns it `knows`."""
        faults = []
        if missing := [name for name in required if name not in self.header]:
            faults.append(_("missing: %(columns)s") % {"columns": _(", ").join(missing)})
        if unknown := [printable(name) for name in self.header if not knows(name)]:
            faults.append(_("unknown: %(columns)s") % {"columns": _(", ").join(unknown)})
        if twice := sorted({name for name in self.header if self.header.count(name) > 1}):
            faults.append(_("more than once: %(columns)s") % {"columns": _(", ").join(twice)})
        if faults:
            raise FileError(_("The header has the wrong columns (%(faults)s).") % {"faults": "; ".join(faults)})

    def __iter__(self) -> Iterator[Line]:
        """Yield the records after the header. Empty lines are passed over."""
        with self._open() as file:
            reader = csv.reader(file, strict=True)
            next(reader)
            while True:
                number = reader.line_num + 1
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    fault = RowError(Fault.BAD_QUOTING, first=number, last=reader.line_num)
                    yield Line(number, [], fault)
                    continue
                if fields:
                    yield Line(number, fields, self._meaning(fields))

    def _meaning(self, fields: list[str]) -> dict[str, str] | RowError:
        if len(fields) != len(self.header):
            return RowError(Fault.FIELD_COUNT, count=len(fields), expected=len(self.header))
        return dict(zip(self.header, fields, strict=True))

    def _open(self) -> TextIO:
        return self.path.open(encoding="utf-8-sig", newline="")


class RejectsFile:
    """Rejected rows with line, column, code and reason, followed by the row's own fields."""

    def __init__(self, file: TextIO, header: Sequence[str]) -> None:
        self._writer = csv.writer(file)
        self._write(["line", "column", "code", "reason", *header])

    def add(self, line: Line, error: RowError) -> None:
        self._write([str(line.number), error.column, str(error.code), error.message, *line.fields])

    def _write(self, fields: list[str]) -> None:
        self._writer.writerow([_disarmed(field) for field in fields])


def _disarmed(field: str) -> str:
    return f"'{field}" if field.startswith(_FORMULA_STARTS) else field


def _count_lines(path: Path) -> int:
    """Return the number of lines. Raises FileError with the number of the first line that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, unended = 0, False
    with path.open("rb") as file:
        # In pieces of a bounded size: a file without line ends must not fill the memory.
        while piece := file.read(_PIECE):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                raise _not_utf8(lines + 1 + error.object[: error.start].count(b"\n")) from None
            lines += piece.count(b"\n")
            unended = not piece.endswith(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_utf8(lines + 1) from None
    return lines + unended


def _not_utf8(line: int) -> FileError:
    message = _("The file is not in UTF-8 (line %(line)s). Save it as “CSV UTF-8” and try again.")
    return FileError(message % {"line": line})
