"""The files that lists are exported to: CSV, and XLSX by way of lines of JSON that a worker can go on with."""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from operations.list_columns import Cell

# A workbook is made in one go, within the minute that a worker has for a slice.
MOST_XLSX_ROWS = 200_000
MOST_CELL = 32_767
MOST_SHEET_NAME = 31
_MARK = "\ufeff"
# A text stays a text, whatever it looks like.
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTH = 18


def beginning(format: str) -> bytes:
    """Return what a file begins with. Spreadsheets read Chinese in UTF-8 only behind a byte order mark."""
    return _MARK.encode() if format == "csv" else b""


def line(format: str, cells: Sequence[Cell]) -> bytes:
    if format != "csv":
        return json.dumps(list(cells), ensure_ascii=False).encode() + b"\n"
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def whole(format: str, rows: Iterable[Sequence[Cell]], *, title: str) -> bytes:
    """Return a whole file."""
    if format == "csv":
        return beginning(format) + b"".join(line(format, cells) for cells in rows)
    book = io.BytesIO()
    _write_book(book, rows, title=title)
    return book.getvalue()


def write(path: Path, position: int, lines: bytes) -> int:
    """Write at `position`, in the place of whatever a slice that was undone had left; return where it ends."""
    with path.open("r+b") as file:
        file.truncate(position)
        file.seek(position)
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def finish(path: Path, format: str, *, title: str) -> None:
    """Make the workbook of the lines, in their place."""
    if format == "csv":
        return
    made = path.with_suffix(".book")
    with path.open(encoding="utf-8") as lines:
        _write_book(made, (json.loads(each) for each in lines), title=title)
    made.replace(path)


def _write_book(target: Path | io.BytesIO, rows: Iterable[Sequence[Cell]], *, title: str) -> None:
    options = _PLAIN | {"constant_memory": True}
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 99, _WIDTH)
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(number, place, _fitting(cell), bold if number == 0 else None)
                else:
                    sheet.write_number(number, place, cell)


def _fitting(text: str) -> str:
    """Excel holds no longer text in a cell; that it was cut is seen."""
    return text if len(text) <= MOST_CELL else text[: MOST_CELL - 1] + "…"


def _sheet_name(title: str) -> str:
    kept = "".join(" " if each in "[]:*?/\\" else each for each in title).strip(" '")
    return kept[:MOST_SHEET_NAME] or "1"
