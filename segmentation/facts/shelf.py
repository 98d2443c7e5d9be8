"""A directory of columns, one file each, mapped into memory: all processes of a machine share the pages they read.

A shelf is written once and never changed. It has the facts of some members in shards, each of a range of member ids;
the codes of all shards are into the same words. Pure but for the files.
"""

import fcntl
import json
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any

import numpy
from pyroaring import BitMap

from segmentation.columns import bitmap_of
from segmentation.facts.choosing import KINDS, AllWords, Facts
from segmentation.facts.tables import Column, Events, Items, Orders, People, Words

CONTENTS = "contents.json"
MEMBERS = "members.roaring"
IDS = "ids.roaring"
# The head of a file is read as a literal of Python, which 3.11 does not bear in two threads at once.
_PARSING = threading.Lock()


class ShelfDamaged(Exception):
    """A file of the shelf is missing or is not what was written."""


class Shelf:
    """The facts in `directory`. Raises ShelfDamaged where a file is not there in its size.

    `ids` are the members for whom the shelf speaks: those who have no row there have no facts. While the object lives
    it holds a shared lock, so that nobody clears the shelf away.
    """

    def __init__(self, directory: Path):
        self._directory, self.name = directory, directory.name
        self._words: dict[tuple[str, str], Words] = {}
        try:
            door = os.open(directory / CONTENTS, os.O_RDONLY | os.O_CLOEXEC)
            weakref.finalize(self, os.close, door)
            fcntl.flock(door, fcntl.LOCK_SH | fcntl.LOCK_NB)
            contents = json.loads((directory / CONTENTS).read_bytes())
            for name, size in contents["files"].items():
                if (directory / name).stat().st_size != size:
                    raise ShelfDamaged(f"{directory / name} is not of {size} bytes")
            self.members = BitMap.deserialize((directory / MEMBERS).read_bytes())
            self.ids = BitMap.deserialize((directory / IDS).read_bytes())
            self.lows: list[int] = contents["shards"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ShelfDamaged(f"{directory} cannot be read: {error}") from error
        self.shards = [Shard(directory, number, self) for number in range(len(self.lows))]

    @property
    def age(self) -> timedelta:
        """How long ago it was finished."""
        return timedelta(seconds=max(0.0, time.time() - (self._directory / CONTENTS).stat().st_mtime))

    def words(self, kind: str, name: str) -> Words:
        """Return the words `name` of one kind of table."""
        if (kind, name) not in self._words:
            texts = json.loads((self._directory / f"{kind}.{name}.json").read_bytes())
            self._words[kind, name] = Words(tuple(texts))
        return self._words[kind, name]


class Shard:
    """The facts of one range of members on a shelf."""

    def __init__(self, directory: Path, number: int, shelf: Shelf):
        self._directory, self._number, self._shelf = directory, number, shelf

    @cached_property
    def orders(self) -> Orders:
        return self._table("orders")

    @cached_property
    def items(self) -> Items:
        return self._table("items")

    @cached_property
    def events(self) -> Events:
        return self._table("events")

    @cached_property
    def people(self) -> People:
        return self._table("people")

    def _table(self, kind: str) -> Any:
        table = KINDS[kind]

        def read(name: str) -> Any:
            if name in table.texts.values():
                return self._shelf.words(kind, name)
            try:
                path = self._directory / _file(self._number, kind, name)
                with _PARSING:
                    return numpy.asarray(numpy.load(path, mmap_mode="r"))
            except (OSError, ValueError) as error:
                raise ShelfDamaged(f"{path} cannot be read: {error}") from error

        return table.lazily(read)


@dataclass
class Writing:
    """A shelf that is being written into an empty directory: shard by shard, and finished with the words."""

    directory: Path

    def __post_init__(self) -> None:
        self.directory.mkdir()
        self._sizes: dict[str, int] = {}
        self._lows: list[int] = []
        self._members = BitMap()

    def add(self, facts: Facts, low: int) -> None:
        """Write the next shard, whose members are `low` or above, and below those of the next."""
        for kind, table in KINDS.items():
            filled = getattr(facts, kind)
            for name in table.columns():
                column = getattr(filled, name)
                least = 1 if name in table.texts else 4
                self._write(_file(len(self._lows), kind, name), partial(_save, column, least))
        self._members |= bitmap_of(facts.people.member)
        self._lows.append(low)

    def finish(self, words: AllWords, ids: BitMap | None = None) -> None:
        """Write what is common to the shards; after it, everything is on the disk. `ids`: see Shelf; its members."""
        for kind, named in words.items():
            for name, each in named.items():
                self._write(f"{kind}.{name}.json", _bytes(json.dumps(each.texts, ensure_ascii=False).encode()))
        self._write(MEMBERS, _bytes(self._members.serialize()))
        self._write(IDS, _bytes((self._members if ids is None else ids).serialize()))
        contents = {"shards": self._lows, "files": dict(self._sizes)}
        self._write(CONTENTS, _bytes(json.dumps(contents).encode()))
        synchronise(self.directory)

    def _write(self, name: str, fill: Callable[[IO[bytes]], Any]) -> None:
        with (self.directory / name).open("xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
            self._sizes[name] = file.tell()


def synchronise(directory: Path) -> None:
    """Have the names in the directory survive a crash."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file(shard: int, kind: str, name: str) -> str:
    return f"{shard}.{kind}.{name}.npy"


def _bytes(content: bytes) -> Callable[[IO[bytes]], Any]:
    return lambda file: file.write(content)


def _save(column: Column, least: int, file: IO[bytes]) -> None:
    """Save a column in as few bytes as its values need, of `least` at least: small numbers are reckoned with."""
    low, high = (int(column.min()), int(column.max())) if column.size else (0, 0)
    for size in (1, 2, 4, 8):
        bounds = numpy.iinfo(f"i{size}")
        if size >= least and bounds.min <= low and high <= bounds.max:
            numpy.save(file, numpy.ascontiguousarray(column, dtype=f"i{size}"))
            return
