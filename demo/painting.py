"""A sheet to paint on with flat shapes: twice as fine as asked for, so that edges come out smooth."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FINER = 2
# Width and height of a campaign's banner.
BANNER = (1080, 500)

Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Sheet:
    """Distances are in pixels of the finished picture; colours are "#rrggbb", or "#rrggbbaa" that lets through."""

    def __init__(self, width: int, height: int, top: str, bottom: str) -> None:
        self.width, self.height = width, height
        self.image = _faded(width * FINER, height * FINER, top, bottom)
        # In this mode a colour that lets through is mixed with what is there.
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def box(self, box: Box, colour: str, *, round_by: float = 0) -> None:
        self.draw.rounded_rectangle(_fine(box), round_by * FINER, fill=colour)

    def oval(self, box: Box, colour: str) -> None:
        self.draw.ellipse(_fine(box), fill=colour)

    def disc(self, centre: Point, radius: float, colour: str) -> None:
        self.oval(_around(centre, radius), colour)

    def ring(self, box: Box, colour: str, *, width: float) -> None:
        self.draw.ellipse(_fine(box), outline=colour, width=round(width * FINER))

    def shape(self, points: Sequence[Point], colour: str) -> None:
        self.draw.polygon([(x * FINER, y * FINER) for x, y in points], fill=colour)

    def line(self, points: Sequence[Point], colour: str, *, width: float) -> None:
        fine = [(x * FINER, y * FINER) for x, y in points]
        self.draw.line(fine, fill=colour, width=round(width * FINER), joint="curve")

    def glow(self, centre: Point, radius: float, colour: str, *, soft: float) -> None:
        self.shadow(_around(centre, radius), colour, soft=soft)

    def shadow(self, box: Box, colour: str = "#00000040", *, soft: float = 12) -> None:
        """A soft oval, such as lies below a thing that stands."""
        left, top, right, bottom = _fine(box)
        edge = 2 * soft * FINER
        where = (round(left - edge), round(top - edge))
        mask = Image.new("L", (round(right - left + 2 * edge), round(bottom - top + 2 * edge)))
        oval = (edge, edge, edge + right - left, edge + bottom - top)
        ImageDraw.Draw(mask).ellipse(oval, fill=int(colour[7:] or "ff", 16))
        self.image.paste(colour[:7], where, mask.filter(ImageFilter.BoxBlur(soft * FINER)))

    def hill(self, height: float, colour: str, *, peak: float, rise: float) -> None:
        """A slope over the whole width: `height` at its ends, `rise` higher at `peak`, a share of the width."""
        across = np.linspace(0, 1, 60)
        ups = height - rise * np.exp(-(((across - peak) / 0.32) ** 2))
        points = [(x * self.width, y) for x, y in zip(across.tolist(), ups.tolist(), strict=True)]
        self.shape([(0, self.height), *points, (self.width, self.height)], colour)

    def png(self) -> bytes:
        """The picture in the size asked for."""
        written = io.BytesIO()
        self.image.reduce(FINER).save(written, "PNG", compress_level=1)
        return written.getvalue()


def _fine(box: Box) -> Box:
    left, top, right, bottom = (each * FINER for each in box)
    return left, top, right, bottom


def _around(centre: Point, radius: float) -> Box:
    return centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius


def _faded(width: int, height: int, top: str, bottom: str) -> Image.Image:
    """From one colour above to another below."""
    ends = np.array([_rgb(top), _rgb(bottom)], dtype=float)
    share = np.linspace(0, 1, height)[:, None]
    column = (ends[0] * (1 - share) + ends[1] * share).round().astype(np.uint8)
    return Image.fromarray(column[:, None, :]).resize((width, height), Image.Resampling.NEAREST)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def bottle(sheet: Sheet, at: Point, height: float) -> None:
    """A bottle of milk, `at` the left and the top of it."""
    left, top = at
    width = height * 0.4
    neck = width * 0.28
    sheet.box((left, top + height * 0.34, left + width, top + height), "#ffffff", round_by=width * 0.18)
    sheet.shape(
        [
            (left + neck, top + height * 0.1), (left + width - neck, top + height * 0.1),
            (left + width, top + height * 0.46), (left, top + height * 0.46),
        ],
        "#ffffff",
    )  # fmt: skip
    sheet.box(
        (left + neck * 0.8, top, left + width - neck * 0.8, top + height * 0.12), "#4aa3df", round_by=width * 0.06
    )
    sheet.box((left, top + height * 0.58, left + width, top + height * 0.84), "#4aa3df")
    heart(sheet, (left + width / 2, top + height * 0.71), width * 0.2, "#ffffff")
    sheet.box(
        (left + width * 0.8, top + height * 0.46, left + width * 0.88, top + height * 0.94), "#0000000d", round_by=4
    )


def heart(sheet: Sheet, centre: Point, size: float, colour: str) -> None:
    turn = np.linspace(0, 2 * np.pi, 60)
    across = 16 * np.sin(turn) ** 3
    down = -(13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn))
    scale = size / 16
    points = zip((centre[0] + across * scale).tolist(), (centre[1] + down * scale).tolist(), strict=True)
    sheet.shape(list(points), colour)
