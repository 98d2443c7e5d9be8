"""Charts as data: what the partials in templates/admin/parts draw. Pure: numbers in, shares and shades out.

`heat_map.html` draws a HeatMap, `bars.html` a Bars, `columns.html` a Columns, `progress.html` a Meter, `stacks.html` a
Stacks. Every number is written out, so that nobody needs colours or a pointer to read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

SHADES = 9
FINE = 12
Row = TypeVar("Row")
Column = TypeVar("Column")


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, its shade from 0 (nothing) to SHADES, words under it, and whether it is the one looked for.

    `kind` becomes a class of the style sheet, `kind_name` says what it means; `link` opens what was counted.
    """

    count: int
    shade: int
    note: str = ""
    marked: bool = False
    link: str = ""
    kind: str = ""
    kind_name: str = ""


@dataclass(frozen=True, slots=True)
class HeatRow:
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`corner` names what the rows are. A `fine` map has many small cells: hours, say."""

    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]

    @property
    def fine(self) -> bool:
        return len(self.columns) > FINE


@dataclass(frozen=True, slots=True)
class Axis(Generic[Row]):
    """What rows or columns stand for, in their order: (key, label)."""

    title: str
    steps: Sequence[tuple[Row, str]]


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` is the length in per cent; `shown` and `note` are read beside it. `link` and `kind` as a Cell's."""

    label: str
    share: float
    shown: str
    note: str = ""
    link: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    caption: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Upright:
    """One column: `shown` stands on top of it, `note` in the row below, `label` at the foot."""

    label: str
    share: float
    shown: str
    note: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """`measure` names what the heights are, `noted` what the notes are."""

    caption: str
    measure: str
    noted: str
    columns: tuple[Upright, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a Stack: `kind` becomes a class of the style sheet, `top` and `height` are per cent of the chart."""

    kind: str
    count: int
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Stack:
    """`words` tell its counts; `place` is its column. `label` stands below it, where it has one."""

    place: int
    words: str
    parts: tuple[Part, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Many thin columns of several kinds. `kinds` are (kind, name, total); `most` is the highest stack."""

    caption: str
    most: int
    kinds: tuple[tuple[str, str, int], ...]
    stacks: tuple[Stack, ...]

    @property
    def telling(self) -> list[Stack]:
        """The stacks that have something to tell."""
        return [stack for stack in self.stacks if any(part.count for part in stack.parts)]


@dataclass(frozen=True, slots=True)
class Meter:
    """How far something has come, in per cent, and in words."""

    label: str
    share: float
    shown: str


def shade(count: int, most: int) -> int:
    """Return 0 for nothing, else 1 to SHADES.

    Shades follow the square root, so that a crowd in one cell does not make all others look alike.
    """
    return max(round(SHADES * (count / most) ** 0.5), 1) if count and most else 0


def share(part: float, whole: float) -> float:
    """Return `part` of `whole` in per cent, 0 to 100; 0 of nothing."""
    return min(max(100 * part / whole, 0.0), 100.0) if whole else 0.0


def height(number: float, most: float, *, least: float = 0.0) -> float:
    """Return how high a number stands on an axis that `most` tops, in per cent; what is above 0 is `least` high."""
    return max(share(number, most), least) if number > 0 and most > 0 else 0.0


def stack(place: int, counts: Mapping[str, int], most: int, *, words: str, label: str = "") -> Stack:
    """Pile counts by kind, the first at the foot, as high as their share of `most`. What is not 0 is seen."""
    parts, foot = [], 100.0
    for kind, count in counts.items():
        high = height(count, most, least=1.5)
        foot = max(foot - high, 0.0)
        parts.append(Part(kind, count, foot, high))
    return Stack(place, words, tuple(parts), label)


def heat_map(
    counts: Mapping[tuple[Row, Column], int],
    rows: Axis[Row],
    columns: Axis[Column],
    *,
    note: Callable[[int], str] = lambda _count: "",
    marked: tuple[Row, Column] | None = None,
) -> HeatMap:
    """Shade counts by (row, column). `columns.title` becomes the caption, `rows.title` the corner."""
    most = max(counts.values(), default=0)

    def cell(place: tuple[Row, Column]) -> Cell:
        count = counts.get(place, 0)
        return Cell(count, shade(count, most), note(count) if count else "", place == marked)

    return HeatMap(
        caption=columns.title,
        corner=rows.title,
        columns=tuple(label for _, label in columns.steps),
        rows=tuple(HeatRow(label, tuple(cell((row, key)) for key, _ in columns.steps)) for row, label in rows.steps),
    )
