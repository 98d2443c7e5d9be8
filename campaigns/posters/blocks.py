"""The parts of a poster's ticket, each of a known height, drawn one below the other in the middle of the poster."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from PIL import Image, ImageDraw

from campaigns.posters.fonts import Typeface
from campaigns.posters.ground import WIDTH
from campaigns.posters.typesetting import Font
from campaigns.theming import Rgb


class Block(Protocol):
    @property
    def height(self) -> int: ...

    def paint(self, image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None: ...


class Words:
    """Lines of text, each in the middle; `after` pixels of room below them."""

    def __init__(self, lines: Sequence[str], font: Font, ink: Rgb, *, after: int) -> None:
        self.lines, self.font, self.ink = lines, font, ink
        self.leading = round(font.size * 1.36)
        self.height = len(lines) * self.leading + after if lines else 0

    def paint(self, image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        for number, line in enumerate(self.lines):
            middle = top + number * self.leading + self.leading // 2
            pen.text((WIDTH // 2, middle), line, self.ink, self.font, anchor="mm")


class Price:
    """The price to come, large, and the one now, struck out."""

    height = 132

    def __init__(self, price: tuple[str, str, str], typeface: Typeface, ink: Rgb, soft: Rgb) -> None:
        self.label, self.low, self.high = price
        self.small, self.large, self.plain = typeface.font(28), typeface.font(88, bold=True), typeface.font(36)
        self.ink, self.soft = ink, soft

    def paint(self, image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        parts = [(self.label, self.small), (self.low, self.large), (self.high, self.plain)]
        widths = [round(font.getlength(text)) for text, font in parts]
        x, base = (WIDTH - sum(widths) - 32) // 2, top + 92
        for (text, font), width, ink in zip(parts, widths, (self.soft, self.ink, self.soft), strict=True):
            pen.text((x, base), text, ink, font, anchor="ls")
            x += width + 16
        end = x - 16
        pen.line((end - widths[2] - 2, base - 13, end + 2, base - 13), self.soft, 3)


class Pills:
    """Short texts in rounded frames, in as many rows as it takes."""

    TALL, GAP, SIDE = 54, 14, 24

    def __init__(self, texts: Sequence[str], font: Font, width: int, ground: Rgb, ink: Rgb) -> None:
        self.font, self.ground, self.ink = font, ground, ink
        self.rows: list[list[tuple[str, int]]] = [[]]
        for text in texts:
            wide = round(font.getlength(text)) + 2 * self.SIDE
            if self.rows[-1] and self._wide(self.rows[-1]) + self.GAP + wide > width:
                self.rows.append([])
            self.rows[-1].append((text, wide))
        self.height = len(self.rows) * (self.TALL + self.GAP) + 8

    def _wide(self, row: list[tuple[str, int]]) -> int:
        return sum(wide for _, wide in row) + self.GAP * (len(row) - 1)

    def paint(self, image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        for row in self.rows:
            x = (WIDTH - self._wide(row)) // 2
            for text, wide in row:
                image.paste(self.ground, (x, top), _pill(wide, self.TALL))
                pen.text((x + wide // 2, top + self.TALL // 2), text, self.ink, self.font, anchor="mm")
                x += wide + self.GAP
            top += self.TALL + self.GAP


@lru_cache(maxsize=64)
def _pill(wide: int, tall: int) -> Image.Image:
    mask = Image.new("L", (wide * 4, tall * 4))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, wide * 4 - 1, tall * 4 - 1), tall * 2, fill=255)
    return mask.reduce(4)
