"""What all posters of a campaign have in common: its colour, its name, and the empty ticket. Kept once it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from campaigns.posters.fonts import Typeface
from campaigns.posters.typesetting import Font, clipped, fitting, wrapped
from campaigns.theming import Rgb, palette, rgb

WIDTH = 750
MARGIN = 40
CARD_WIDTH = WIDTH - 2 * MARGIN
BANNER = 360
LEAST_HERO = 430
LEAST_HEIGHT = 1200
# Between the words of the hero and the face on the edge of the ticket.
UNDER_HERO = 104
RADIUS = 36
NOTCH = 18
NAMES = (78, 68, 58, 50)


@dataclass(frozen=True, slots=True)
class Ground:
    """`fold` and `card` are pixels from the ticket's top to its perforation and to its end."""

    colour: str
    fold: int
    card: int
    organiser: str
    name: str
    tagline: str
    typeface: Typeface | None
    banner: str = ""
    picture: Image.Image | None = field(default=None, compare=False)


# 3 MB each.
@lru_cache(maxsize=6)
def drawn(wanted: Ground) -> tuple[Image.Image, int]:
    """The picture, not to be drawn upon, and where the ticket's top is in it."""
    colours = palette(rgb(wanted.colour))
    words = hero_words(wanted, CARD_WIDTH, colours["on-brand"]) if wanted.typeface else []
    picture = BANNER if wanted.picture else 0
    text = sum(height for *_, height in words)
    hero = max(LEAST_HERO, picture + 40 + text + UNDER_HERO, LEAST_HEIGHT - wanted.card - MARGIN)
    image = backdrop((WIDTH, hero + wanted.card + MARGIN), colours["brand"], colours["brand-far"], colours["on-brand"])
    if wanted.picture:
        _lay(image, wanted.picture)
    pen = ImageDraw.Draw(image)
    # In the middle of the room above the ticket.
    y = picture + (hero - picture - (UNDER_HERO - 40) - text) // 2
    for line, font, ink, framed, height in words:
        write(pen, (MARGIN + 4, y), line, font, ink, framed=framed)
        y += height
    _ticket(image, hero, wanted)
    return image, hero


Line = tuple[str, Font, Rgb, bool, int]


def hero_words(wanted: Ground, width: int, ink: Rgb, names: Sequence[int] = NAMES) -> list[Line]:
    """The organiser in a frame, the campaign's name in the largest of the sizes that has room, and its tagline."""
    if wanted.typeface is None:
        return []
    small, plain = wanted.typeface.font(26, bold=True), wanted.typeface.font(names[0] * 4 // 9)
    lines: list[Line] = []
    if wanted.organiser:
        lines.append((clipped(wanted.organiser, small, width - 60), small, ink, True, 78))
    font, name = fitting(wanted.name, (wanted.typeface.font(size, bold=True) for size in names), width, 2)
    lines += [(line, font, ink, False, round(font.size * 1.26) + 14 * (line is name[-1])) for line in name]
    lines += [(line, plain, ink, False, round(plain.size * 1.5)) for line in wrapped(wanted.tagline, plain, width, 2)]
    return lines


def write(  # noqa: PLR0913 a line is what it says, where and how
    pen: ImageDraw.ImageDraw, at: tuple[int, int], line: str, font: Font, ink: Rgb, *, framed: bool
) -> None:
    x, y = at
    if framed:
        pen.rounded_rectangle((x, y, x + round(font.getlength(line)) + 40, y + 48), 24, outline=ink, width=2)
        pen.text((x + 20, y + 24), line, ink, font, anchor="lm")
    else:
        pen.text((x, y + round(font.size * 0.63)), line, ink, font, anchor="lm")


def backdrop(size: tuple[int, int], near: Rgb, far: Rgb, ink: Rgb) -> Image.Image:
    """The campaign's colour, deeper towards the foot, with a star, rings and sparks in its upper right."""
    wide, tall = size
    # Worked out for every fourth pixel: it has no edges.
    across, down = np.meshgrid(np.linspace(0, 0.42, wide // 4), np.linspace(0, 1, tall // 4))
    share = np.clip((across + down) / 1.42, 0, 1)[..., None]
    blend = np.array(near) * (1 - share) + np.array(far) * share
    # The light comes from the upper right.
    glow = np.clip(1 - np.hypot((across / 0.42 - 0.9) * 0.9, (down * tall / wide - 0.06) * 0.9), 0, 1)[..., None]
    light = Image.fromarray((blend + (255 - blend) * glow * 0.2).round().astype(np.uint8))
    image = light.resize(size, Image.Resampling.BICUBIC)
    image.paste(ink, (0, 0), _ornaments(wide, tall))
    return image


def _ornaments(wide: int, tall: int) -> Image.Image:
    """How strongly each pixel shows the colour of the ink: drawn large and made small for smooth edges."""
    mask = Image.new("L", (wide * 2, tall * 2))
    pen = ImageDraw.Draw(mask)
    x, y = wide * 2 - 230, 260
    for radius, width, strength in ((430, 84, 18), (270, 60, 26)):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=strength, width=width)
    pen.polygon(_star(x, y, 150, 68, 5), fill=64)
    for dx, dy, radius, strength in (
        (-420, -150, 30, 90),
        (-300, -190, 20, 60),
        (190, 260, 26, 80),
        (-610, -180, 22, 60),
    ):
        pen.polygon(_star(x + dx, y + dy, radius, radius * 0.34, 4), fill=strength)
    for dx, dy, radius, strength in ((-330, -60, 10, 80), (-120, -200, 13, 70), (170, 170, 9, 90), (-520, -90, 8, 70)):
        pen.ellipse((x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius), fill=strength)
    return mask.reduce(2)


def _star(x: float, y: float, outer: float, inner: float, points: int) -> list[tuple[float, float]]:
    radii = [outer if turn % 2 == 0 else inner for turn in range(2 * points)]
    angles = [-pi / 2 + turn * pi / points for turn in range(2 * points)]
    return [(x + radius * cos(angle), y + radius * sin(angle)) for radius, angle in zip(radii, angles, strict=True)]


def _lay(image: Image.Image, picture: Image.Image) -> None:
    """The banner over the whole width, fading into the colour at its foot."""
    fitted = ImageOps.fit(picture.convert("RGB"), (WIDTH, BANNER), Image.Resampling.LANCZOS)
    rows = np.clip((BANNER - np.arange(BANNER)) / 90, 0, 1) * 255
    fade = np.repeat(rows.astype(np.uint8)[:, None], WIDTH, axis=1)
    image.paste(fitted, (0, 0), Image.fromarray(fade))


def _ticket(image: Image.Image, top: int, wanted: Ground) -> None:
    """The white ticket with its shadow, notched and perforated where it is folded."""
    size = CARD_WIDTH * 2, wanted.card * 2
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    pen.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), RADIUS * 2, fill=255)
    for x in (0, size[0]):
        middle, reach = wanted.fold * 2, NOTCH * 2
        pen.ellipse((x - reach, middle - reach, x + reach, middle + reach), fill=0)
    mask = mask.reduce(2)
    shade = ImageOps.expand(mask, 40).filter(ImageFilter.BoxBlur(14)).point([each // 6 for each in range(256)])
    image.paste((20, 8, 0), (MARGIN - 40, top - 40 + 16), shade)
    image.paste((255, 255, 255), (MARGIN, top), mask)
    line = palette(rgb(wanted.colour))["brand-line"]
    pen, y = ImageDraw.Draw(image), top + wanted.fold
    for x in range(MARGIN + 36, WIDTH - MARGIN - 36, 22):
        pen.line((x, y, x + 11, y), line, 3)
