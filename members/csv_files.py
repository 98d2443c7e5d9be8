"""CSV files as people save them: read in slices from any place that ended one, and rejects a spreadsheet may open.

A place is a byte offset, so a file can be left and taken up again without reading what came before. That is right in
every encoding read here: the bytes of a line end, a quotation mark and a separator are never part of another
character, neither in UTF-8 nor in GB18030. A place is always the beginning of a record, never inside a quoted field.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from django.utils.translation import gettext as _

from members.faults import Fault, RowError
from operations.formulas import disarmed

# A quotation mark that is never closed would otherwise draw the rest of the file into one field.
csv.field_size_limit(131_072)
PIECE = 1 << 20
# No record and no line is longer than this, within the size of a piece.
LONGEST_ROW = PIECE
# Each title is compared with those before it, and is a choice of its own on the page that asks what it stands for.
MOST_COLUMNS = 500
# A slice ends here though it has not all its rows: rows of a megabyte each must not fill the memory.
SLICE_BYTES = 16 * PIECE
SEPARATORS = (",", ";", "\t")
BYTE_ORDER_MARKS = {"utf-8": b"\xef\xbb\xbf", "gb18030": b"\x84\x31\x95\x33"}


class FileError(Exception):
    """The file as a whole cannot be used."""


class Place(NamedTuple):
    """Where a record begins: `offset` in bytes, `line` counted from 1."""

    offset: int
    line: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Some records in the order of the file: the number of each one's first line, and its fields.

    `faults` says, by index, which could not be read; `end` is the place of the record that follows.
    """

    numbers: list[int]
    fields: list[list[str]]
    faults: dict[int, RowError]
    end: Place
    finished: bool

    def raws(self, columns: Sequence[str | None]) -> Iterator[tuple[int, dict[str, str] | RowError]]:
        """Yield (index, column → text), or the fault in its place. `columns` names each field; None is passed over."""
        read = _picker(columns)
        if not self.faults:
            return enumerate(map(read, self.fields))
        return (
            (index, self.faults[index] if index in self.faults else read(fields))
            for index, fields in enumerate(self.fields)
        )


class CsvFile:
    """A CSV file with a header, whose encoding `members.csv_checks` has seen to fit."""

    def __init__(self, path: Path, *, encoding: str = "utf-8", separator: str = ",") -> None:
        """Read the header. Raises FileError."""
        self.path = path
        self.encoding = encoding
        self.separator = separator
        try:
            self.size = path.stat().st_size
            with path.open("rb") as file:
                mark = BYTE_ORDER_MARKS[encoding]
                start = len(mark) if file.read(len(mark)) == mark else 0
                records = self._records(file, Place(start, 1))
                self.header = [name.strip() for name in next(records.reader, [])]
                self.begin = records.place()
        except OSError as error:
            raise unreadable(path, error) from error
        except csv.Error as error:
            raise FileError(_("The header cannot be read: %(why)s.") % {"why": error}) from error
        if not any(self.header):
            raise FileError(_("%(path)s is empty: the first line must name the columns.") % {"path": path.name})
        if len(self.header) > MOST_COLUMNS:
            too_many = _("The first line names %(count)s columns, at most %(most)s can be read.")
            raise FileError(too_many % {"count": len(self.header), "most": MOST_COLUMNS})

    @property
    def titles(self) -> list[str]:
        """The header with every name different: the nameless are called by their place, the repeated numbered.

        The same in every language, since workers find the columns again by these names.
        """
        taken: dict[str, None] = {}
        for place, name in enumerate(self.header, start=1):
            wanted = name or f"#{place}"
            title, number = wanted, 1
            while title in taken:
                number += 1
                title = f"{wanted} ({number})"
            taken[title] = None
        return list(taken)

    def slice(self, place: Place, *, rows: int) -> Slice:
        """Return at most `rows` records from `place` on. Raises FileError if a record cannot end.

        Empty lines, and those of nothing but separators, are no records.
        """
        with self.path.open("rb") as file:
            return self._records(file, place).slice(rows=rows, width=len(self.header), size=self.size)

    def slices(self, *, rows: int) -> Iterator[Slice]:
        """Yield the whole file in slices of at most `rows` records."""
        place, finished = self.begin, False
        while not finished:
            piece = self.slice(place, rows=rows)
            yield piece
            place, finished = piece.end, piece.finished

    def _records(self, file: BinaryIO, place: Place) -> "_Records":
        return _Records(file, place, encoding=self.encoding, separator=self.separator)


class _Records:
    """The records of an open file from a place on, and where the last one ended.

    Lines are decoded a block at a time; only where a slice ends is the offset within the block counted.
    """

    def __init__(self, file: BinaryIO, place: Place, *, encoding: str, separator: str) -> None:
        file.seek(place.offset)
        self._file = file
        self._encoding = encoding
        self._first = place.line
        # The block that lines are taken from, where it begins, and how many lines came before it.
        self._block, self._offset, self._before = b"", place.offset, 0
        # The line at which the record being read began, and how many bytes of whole blocks it has taken since.
        self._record, self._in_record = 0, 0
        self.reader = csv.reader(self._lines_of_text(), delimiter=separator, strict=True)

    def slice(self, *, rows: int, width: int, size: int) -> Slice:
        """Read on for at most `rows` records of `width` fields, or SLICE_BYTES. `size` is that of the file."""
        reader, first, furthest = self.reader, self._first, self._offset + SLICE_BYTES
        numbers: list[int] = []
        taken: list[list[str]] = []
        faults: dict[int, RowError] = {}
        while len(taken) < rows and self._offset < furthest:
            self._record = reader.line_num
            try:
                fields = next(reader)
            except StopIteration:
                break
            except csv.Error:
                begun, ended = first + self._record, first + reader.line_num - 1
                fields, faults[len(taken)] = [], RowError(Fault.BAD_QUOTING, first=begun, last=ended)
            else:
                if not any(fields):
                    continue
                if len(fields) != width:
                    faults[len(taken)] = RowError(Fault.FIELD_COUNT, count=len(fields), expected=width)
            numbers.append(first + self._record)
            taken.append(fields)
        end = self.place()
        return Slice(numbers, taken, faults, end, finished=end.offset >= size)

    def place(self) -> Place:
        """Return where the record after the last one begins."""
        within = self.reader.line_num - self._before
        taken = self._block.splitlines(keepends=True)[:within]
        return Place(self._offset + sum(map(len, taken)), self._first + self.reader.line_num)

    def _lines_of_text(self) -> Iterator[str]:
        rest = b""
        while piece := self._file.read(PIECE):
            block = rest + piece
            # A \r at the very end may be half of \r\n.
            cut = block.rfind(b"\n") + 1 or block.rfind(b"\r", 0, -1) + 1
            if not cut and len(block) > LONGEST_ROW:
                raise too_long(self._first + self.reader.line_num)
            rest = block[cut:]
            if cut:
                yield from self._enter(block[:cut])
        if rest:
            yield from self._enter(rest)

    def _enter(self, block: bytes) -> Iterator[str]:
        """Go on to the next block. All lines of the one before have been taken, or the reader would not ask."""
        self._in_record = self._in_record + len(self._block) if self._record < self._before else 0
        if self._in_record > LONGEST_ROW:
            raise too_long(self._first + self._record)
        self._offset += len(self._block)
        self._block, self._before = block, self.reader.line_num
        try:
            text = block.decode(self._encoding)
        except UnicodeDecodeError as error:
            lines = len((block[: error.start] + b".").splitlines())
            raise not_encoded(self._encoding, self._first + self._before + lines - 1) from None
        # Splits where the bytes do, at \n, \r\n and \r alone, and in C.
        return io.StringIO(text, newline="")


def _picker(columns: Sequence[str | None]) -> Callable[[list[str]], dict[str, str]]:
    """Return what turns the fields of a record into column → text."""
    wanted = [(index, name) for index, name in enumerate(columns) if name is not None]
    indices, names = [index for index, _name in wanted], [name for _index, name in wanted]
    if len(names) == len(columns):
        return lambda fields: dict(zip(names, fields))  # noqa: B905  as long as the header: counted before
    if len(names) < 2:
        return lambda fields: {name: fields[index] for index, name in wanted}
    pick = itemgetter(*indices)
    return lambda fields: dict(zip(names, pick(fields)))  # noqa: B905


class RejectsFile:
    """Rejected rows with line, column, code and reason, followed by the row's own fields."""

    def __init__(self, file: TextIO, header: Sequence[str]) -> None:
        self._writer = csv.writer(file)
        self._write(["line", "column", "code", "reason", *header])

    def add(self, number: int, fields: Sequence[str], error: RowError) -> None:
        self._write([str(number), error.column, str(error.code), error.message, *fields])

    def _write(self, fields: list[str]) -> None:
        self._writer.writerow([disarmed(field) for field in fields])


def unreadable(path: Path, error: OSError) -> FileError:
    return FileError(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror})


def too_long(line: int) -> FileError:
    message = _("The row that begins in line %(line)s is longer than 1 MB, so this is hardly a CSV file.")
    return FileError(message % {"line": line})


def not_encoded(encoding: str, line: int) -> FileError:
    if encoding == "utf-8":
        message = _("The file is not in UTF-8 (line %(line)s). Save it as “CSV UTF-8” and try again.")
    else:
        message = _("The file is not in GB18030 (line %(line)s). Save it as “CSV UTF-8” and try again.")
    return FileError(message % {"line": line})
