"""Provinces, cities and districts of mainland China with their codes (GB/T 2260). See data/README.md."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Where counties and towns stand that a province governs itself.
HEADING = "9000"
DATA = Path(__file__).parent / "data" / "regions.json.gz"


@dataclass(frozen=True, slots=True)
class Area:
    """A province, a city or a district. `parts` are those within it; a district has none, and some cities neither."""

    code: str
    name: str
    parts: "tuple[Area, ...]" = ()


@cache
def provinces() -> tuple[Area, ...]:
    """Return the provinces, read from the file when they are first asked for (about 10 ms)."""
    return tuple(_areas(json.loads(gzip.decompress(DATA.read_bytes()))))


@cache
def version() -> str:
    """Return what changes whenever the data do: addresses of the data carry it, so that they may be kept for ever."""
    return hashlib.sha256(DATA.read_bytes()).hexdigest()[:10]


def province(code: str) -> Area | None:
    return _named(provinces(), code)


def way_to(code: str) -> tuple[Area, ...]:
    """Return province, city and district of a code: as many of them as are still in the list."""
    way: tuple[Area, ...] = ()
    areas: Sequence[Area] = provinces()
    while (area := _holding(areas, code)) is not None:
        way = (*way, area)
        areas = area.parts
    return way


def is_complete(code: str) -> bool:
    """Tell whether an address may name this code: a district, or a city that has none."""
    way = way_to(code)
    return bool(way) and way[-1].code == code and not way[-1].parts


def words(code: str) -> str:
    """Return the names of a region as they stand in an address; a city that repeats its province is told once."""
    return "".join(dict.fromkeys(names(code)))


def names(code: str) -> list[str]:
    """Return the names of province, city and district for the columns of a file. A heading is nobody's address."""
    way = way_to(code)
    return [way[-1].name if area.code.endswith(HEADING) else area.name for area in way]


def _holding(areas: Sequence[Area], code: str) -> Area | None:
    """Return the area that has the code or holds it. The codes of a city's districts need not begin as its own does."""
    for area in areas:
        if area.code == code or any(part.code == code or _named(part.parts, code) for part in area.parts):
            return area
    return None


def _named(areas: Sequence[Area], code: str) -> Area | None:
    return next((area for area in areas if area.code == code), None)


def _areas(given: list[list[Any]]) -> list[Area]:
    return [Area(code, name, tuple(_areas(parts[0] if parts else []))) for code, name, *parts in given]
