"""The first rows of a file as a table, with what would be wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from members.csv_files import CsvFile
from members.faults import RowError, worded
from members.import_mapping import columns_of
from members.imports import Importer

ROWS = 20
SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Cell:
    """`fault` is why the row would be refused, at the cell that is to blame; `taken` is whether it is imported."""

    text: str
    fault: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`fault` is what is wrong with the row as a whole, and with no cell of it."""

    number: int
    cells: tuple[Cell, ...]
    fault: str
    is_good: bool


def first_rows(file: CsvFile, importer: Importer, mapping: Mapping[str, str], *, now: datetime) -> list[Row]:
    """Read the first rows as they would be imported. Raises FileError.

    What only the database can tell, such as an order that is not known, comes out in the import itself. As long as a
    required column is missing every row would be refused for that, so nothing is said of the rows then.
    """
    piece = file.slice(file.begin, rows=ROWS)
    columns = columns_of(file.titles, mapping)
    context = importer.load_context(now)
    whole = all(name in mapping for name in importer.required)
    rows = []
    for index, raw in piece.raws(columns):
        error = _error_of(raw, importer, context) if whole or isinstance(raw, RowError) else None
        rows.append(_row(piece.numbers[index], piece.fields[index], columns, mapping, error))
    return rows


def _error_of(raw: object, importer: Importer, context: object) -> RowError | None:
    if isinstance(raw, RowError):
        return raw
    try:
        importer.parse(raw, context)  # type: ignore[arg-type]  # column → text, if it is no fault
    except RowError as error:
        return error
    return None


def _row(
    number: int,
    fields: Sequence[str],
    columns: Sequence[str | None],
    mapping: Mapping[str, str],
    error: RowError | None,
) -> Row:
    said = in_words_of_the_file(error.code, error.column, error.details, mapping) if error else ""
    blamed = columns.index(error.column) if error and error.column in columns else None
    cells = tuple(
        Cell(text[:SHOWN_LENGTH], said if index == blamed else "", bool(column))
        for index, (text, column) in enumerate(zip(fields, columns, strict=False))
    )
    # A row of too few fields has no cell at the place that is to blame.
    in_cell = blamed is not None and blamed < len(cells)
    return Row(number, cells, "" if in_cell else said, is_good=error is None)


def in_words_of_the_file(code: str, column: str, details: Mapping[str, object], mapping: Mapping[str, str]) -> str:
    """Return the reason, with the column called as the file calls it."""
    return worded(code, mapping.get(column, column), details)
