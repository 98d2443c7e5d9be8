"""Files of coupon codes: a code a line, or a CSV file with a column of codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from members import csv_checks
from members.csv_files import BYTE_ORDER_MARKS, CsvFile, FileError, Place
from rewards.code_text import Refusal, refusal

# How the column of codes may be called, in small letters.
TITLES = frozenset({
    "code", "codes", "coupon", "coupon code", "coupon_code", "couponcode", "voucher", "voucher code",
    "券码", "卡券码", "优惠券码", "优惠码", "兑换码", "券号", "卡密", "核销码",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeFile:
    """How a file is read: `column` has the codes, `begin` is where the first of them stands."""

    encoding: str
    separator: str
    column: int
    begin: Place
    size: int


@dataclass(frozen=True, slots=True)
class CodeSlice:
    """The codes of some lines, the lines refused with why, and where the next slice begins."""

    codes: list[str]
    refused: list[tuple[int, Refusal]]
    end: Place
    finished: bool


def look_at(path: Path) -> CodeFile:
    """Find out how the file is to be read. Raises FileError for what has no codes."""
    checked = csv_checks.detect(path)
    separator = csv_checks.detect_separator(path, checked.encoding)
    file = CsvFile(path, encoding=checked.encoding, separator=separator)
    titles = [title.lower() for title in file.header]
    named = [place for place, title in enumerate(titles) if title in TITLES]
    if not named and len(titles) > 1:
        raise FileError(_("The file has several columns and none of them is called “code” or “券码”."))
    begin = file.begin if named else Place(_start(path, checked.encoding), 1)
    if begin.offset >= file.size:
        raise FileError(_("There are no codes in the file."))
    return CodeFile(checked.encoding, separator, named[0] if named else 0, begin, file.size)


def read_slice(path: Path, how: CodeFile, place: Place, *, lines: int) -> CodeSlice:
    """Return at most `lines` lines from `place` on. Raises FileError if the file is gone or a line cannot end."""
    piece = CsvFile(path, encoding=how.encoding, separator=how.separator).slice(place, rows=lines)
    codes: list[str] = []
    refused: list[tuple[int, Refusal]] = []
    for index, (number, fields) in enumerate(zip(piece.numbers, piece.fields, strict=True)):
        if index in piece.faults or len(fields) <= how.column:
            refused.append((number, Refusal.UNREADABLE))
            continue
        code = fields[how.column].strip()
        if why := refusal(code):
            refused.append((number, why))
        elif code:
            codes.append(code)
    return CodeSlice(codes, refused, piece.end, piece.finished)


def as_lines(codes: Iterator[str]) -> Iterator[str]:
    """Yield a file that `look_at` reads again."""
    yield "code\r\n"
    for code in codes:
        yield f"{code}\r\n"


def _start(path: Path, encoding: str) -> int:
    """Return where the text begins, after the mark that some programs put in front."""
    mark = BYTE_ORDER_MARKS[encoding]
    with path.open("rb") as file:
        return len(mark) if file.read(len(mark)) == mark else 0
