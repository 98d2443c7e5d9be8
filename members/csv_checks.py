"""What a file is, before anything is read from it: text or not, in which encoding, with which separator."""

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.csv_files import PIECE, SEPARATORS, CsvFile, FileError, not_encoded, too_long, unreadable

UTF_8, GB18030 = "utf-8", "gb18030"
ENCODINGS = {
    UTF_8: gettext_lazy("UTF-8"),
    GB18030: gettext_lazy("GB18030 (Chinese Windows, Excel’s plain CSV)"),
}
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
_WORKBOOK = gettext_lazy("This is an Excel workbook. In Excel, choose “Save as” and the type “CSV UTF-8”.")
_PICTURE = gettext_lazy("This is a picture. Only CSV files can be imported.")
_OTHER = gettext_lazy("This is not a text file. Only CSV files can be imported.")
_UTF_16 = gettext_lazy("The file is saved as “Unicode text” (UTF-16). Save it as “CSV UTF-8” and try again.")
# How files begin that are picked by mistake.
_KNOWN_BY_START = {
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"RIFF": _PICTURE,
    b"%PDF": _OTHER,
    b"\x1f\x8b": _OTHER,
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """The encoding that the whole file fits, and its number of lines."""

    encoding: str
    lines: int


class _Misfit(Exception):
    """The bytes of this line are no text in the encoding. `ideographs`: text before it had Chinese characters."""

    def __init__(self, line: int, *, ideographs: bool) -> None:
        super().__init__(line)
        self.line = line
        self.ideographs = ideographs


def check(path: Path, encoding: str) -> Checked:
    """Read the whole file, in bounded memory. Raises FileError if it is no text in this encoding."""
    _refuse_known_kinds(path)
    try:
        return Checked(encoding, _count_lines(path, encoding))
    except _Misfit as misfit:
        raise not_encoded(encoding, misfit.line) from None


def detect(path: Path) -> Checked:
    """Find the encoding: UTF-8 if the whole file fits it, else GB18030, as Excel saves in China. Raises FileError."""
    _refuse_known_kinds(path)
    try:
        return Checked(UTF_8, _count_lines(path, UTF_8))
    except _Misfit as misfit:
        # Chinese that reads well as UTF-8 is no accident: one broken line must not turn all names into rubbish.
        if misfit.ideographs:
            raise not_encoded(UTF_8, misfit.line) from None
    try:
        return Checked(GB18030, _count_lines(path, GB18030))
    except _Misfit:
        raise FileError(_("The file is text neither in UTF-8 nor in GB18030. Save it as “CSV UTF-8”.")) from None


def detect_separator(path: Path, encoding: str) -> str:
    """Return the separator that parts the header into most columns; a comma where none does. Raises FileError."""
    return max(SEPARATORS, key=lambda separator: _width(path, encoding, separator))


def _width(path: Path, encoding: str, separator: str) -> int:
    try:
        return len(CsvFile(path, encoding=encoding, separator=separator).header)
    except FileError as error:
        # A quotation mark that is astray with one separator may be at its place with another.
        if isinstance(error.__cause__, csv.Error):
            return 0
        raise


def _refuse_known_kinds(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise unreadable(path, error) from error
    for beginning, said in _KNOWN_BY_START.items():
        if start.startswith(beginning):
            raise FileError(str(said))


def _count_lines(path: Path, encoding: str) -> int:
    """Return the number of lines. Raises _Misfit, or FileError where a line has no end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, unended, ideographs = 0, False, False
    with path.open("rb") as file:
        # In pieces of a bounded size: a file without line ends must not fill the memory.
        while piece := file.read(PIECE):
            ended = piece.count(b"\n") or piece.count(b"\r")
            if not ended and len(piece) == PIECE:
                raise too_long(lines + 1)
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                ideographs = ideographs or _has_ideographs(before, encoding)
                raise _Misfit(lines + 1 + before.count(b"\n"), ideographs=ideographs) from None
            ideographs = ideographs or _IDEOGRAPH.search(text) is not None
            lines += ended
            unended = not piece.endswith((b"\n", b"\r"))
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _Misfit(lines + 1, ideographs=ideographs) from None
    return lines + unended


def _has_ideographs(before: bytes, encoding: str) -> bool:
    return _IDEOGRAPH.search(before.decode(encoding, "ignore")) is not None


def refuse_without_rows(file: CsvFile) -> None:
    """Raise FileError for a file that ends with its header."""
    if file.begin.offset >= file.size:
        raise FileError(
            _("The file has only one line. The first line must name the columns, and a row must follow it.")
        )
