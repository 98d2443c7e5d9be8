"""Small charts as data: columns without words and curves over hours. Pure: numbers in, places in an SVG out.

`spark.html` draws a Spark, `curve.html` a Curve. Both have their numbers written beside them or under them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.charts import height

# The least that a number above 0 is drawn, so that it is seen, in per cent.
LEAST = 4.0
STEP = 10


@dataclass(frozen=True, slots=True)
class Column:
    """`place` counts from 0, `top` and `height` are per cent of the chart, `words` tell the number."""

    place: int
    top: str
    height: str
    words: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Spark:
    caption: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` becomes a class of the style sheet, `points` are an SVG's; `area` closes them at the foot."""

    kind: str
    name: str
    points: str
    area: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`width` is that of the SVG, whose height is 100; `most` is read beside its top; `labels` are below.

    `rows` are the numbers in words: (label, one word for each line).
    """

    caption: str
    width: int
    most: str
    lines: tuple[Line, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def spark(caption: str, numbers: Sequence[tuple[str, int]]) -> Spark:
    """Draw (words, number) as columns, oldest first. A number below 0 is drawn as 0."""
    most = max((number for _words, number in numbers), default=0)
    last = len(numbers) - 1
    columns = []
    for place, (words, number) in enumerate(numbers):
        high = height(number, most, least=LEAST)
        columns.append(Column(place, f"{100 - high:.1f}", f"{high:.1f}", words, place == last))
    return Spark(caption, tuple(columns))


def line(kind: str, name: str, numbers: Sequence[int], *, most: int) -> Line:
    """Draw numbers as points in the middle of their steps; `most` touches the top."""
    places = [f"{STEP * place + STEP / 2:.1f},{100 - height(number, most):.1f}" for place, number in enumerate(numbers)]
    if not places:
        return Line(kind, name, "", "")
    ends = f"{STEP * (len(numbers) - 1) + STEP / 2:.1f},100 {STEP / 2:.1f},100"
    return Line(kind, name, " ".join(places), f"{' '.join(places)} {ends}")
