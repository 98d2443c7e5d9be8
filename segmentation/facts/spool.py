"""Rows that come in any order, put aside on the disk by ranges of a key, so that each range can be sorted in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy

from segmentation.facts.tables import Column


class Spool:
    """Rows of the columns `types` (name and type of each), by the range of 2^bits that the column `key` falls in."""

    def __init__(self, directory: Path, types: Sequence[tuple[str, str]], key: str, bits: int):
        directory.mkdir()
        self._directory, self._key, self._bits = directory, key, bits
        self._type = numpy.dtype(list(types))

    def add(self, columns: Mapping[str, Column]) -> None:
        rows = numpy.empty(len(columns[self._key]), dtype=self._type)
        for name in self._type.names or ():
            rows[name] = columns[name]
        ranges = columns[self._key] >> self._bits
        for each in numpy.unique(ranges).tolist():
            with self._path(each).open("ab") as file:
                rows[ranges == each].tofile(file)

    def ranges(self) -> list[int]:
        """Return the numbers of the ranges that have rows."""
        return sorted(int(path.name) for path in self._directory.iterdir())

    def take(self, number: int) -> numpy.ndarray:
        """Return the rows of one range, as they are on the disk: only what is looked at is read."""
        if not self._path(number).exists():
            return numpy.empty(0, dtype=self._type)
        return numpy.memmap(self._path(number), dtype=self._type, mode="r")

    def drop(self, number: int) -> None:
        self._path(number).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._directory / str(number)
