"""Which header of a file stands for which column of a kind of facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.csv_files import CsvFile, FileError
from members.faults import printable
from members.import_columns import Column, headers_of, simplified
from members.imports import Importer
from operations.sentences import listed

Mapped = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MappingFault:
    """Why a mapping cannot be used: columns that nothing stands for, columns that more than one header stands for."""

    missing: tuple[str, ...]
    twice: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.twice)


def guess(titles: Sequence[str], columns: Mapping[str, Column]) -> dict[str, str]:
    """Return column → title for the titles that can be told by their name; each is used once, keys come first."""
    found: dict[str, str] = {}
    free = dict.fromkeys(titles)
    for name in columns:
        if name in free:
            found[name] = name
            del free[name]
    for name, column in columns.items():
        if name in found:
            continue
        known = headers_of(name, column)
        title = next((title for title in free if simplified(title) in known), None)
        if title is not None:
            found[name] = title
            del free[title]
    return found


def fault_of(chosen: Sequence[str], required: Sequence[str]) -> MappingFault:
    """Check the columns that an operator chose for the titles, in their order; "" is not imported."""
    return MappingFault(
        missing=tuple(name for name in required if name not in chosen),
        twice=tuple(dict.fromkeys(name for name in chosen if name and chosen.count(name) > 1)),
    )


def columns_of(titles: Sequence[str], mapping: Mapped) -> list[str | None]:
    """Return the column for each title of the file, None where it is not imported."""
    by_title = {title: name for name, title in mapping.items()}
    return [by_title.get(title) for title in titles]


def by_own_names(file: CsvFile, importer: Importer) -> dict[str, str]:
    """Return the mapping of a file whose header has the names of the columns. Raises FileError for any other."""
    header = file.header
    faults = []
    if missing := [name for name in importer.required if name not in header]:
        faults.append(_("missing: %(columns)s") % {"columns": listed(missing)})
    if unknown := [printable(name) for name in header if not importer.knows(name)]:
        faults.append(_("unknown: %(columns)s") % {"columns": listed(unknown)})
    if twice := sorted({name for name in header if header.count(name) > 1}):
        faults.append(_("more than once: %(columns)s") % {"columns": listed(twice)})
    if faults:
        raise FileError(_("The header has the wrong columns (%(faults)s).") % {"faults": "; ".join(faults)})
    return {name: name for name in header}


def as_told(file: CsvFile, importer: Importer, told: Mapped) -> dict[str, str]:
    """Return the mapping that somebody wrote down, completed by the headers that have a column's own name.

    Headers that are neither are not read. Raises FileError for what the file or the kind does not have.
    """
    titles = file.titles
    if unknown := [printable(name) for name in told if not importer.knows(name)]:
        raise FileError(_("There is no column %(columns)s.") % {"columns": listed(unknown)})
    if absent := [printable(title) for title in told.values() if title not in titles]:
        raise FileError(_("The header does not have %(columns)s.") % {"columns": listed(absent)})
    own = {title: title for title in titles if importer.knows(title) and title not in told.values()}
    mapping = {**own, **told}
    if missing := [name for name in importer.required if name not in mapping]:
        faults = _("missing: %(columns)s") % {"columns": listed(missing)}
        raise FileError(_("The header has the wrong columns (%(faults)s).") % {"faults": faults})
    return mapping
