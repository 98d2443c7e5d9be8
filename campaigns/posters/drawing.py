"""Draws a poster: 750 pixels wide, in the campaign's colour, a ticket with the QR code at its foot. No queries.

The same words give the same bytes, so that what was drawn once is kept by them.
"""

import io
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

from campaigns.posters import ground
from campaigns.posters.blocks import Block, Pills, Price, Words
from campaigns.posters.fonts import Typeface
from campaigns.posters.ground import CARD_WIDTH, MARGIN, WIDTH, Ground
from campaigns.posters.typesetting import clipped, wrapped
from campaigns.theming import Rgb, palette, rgb
from rewards.qr_codes import picture_of

# Told to caches: a new drawing of the same words is a new picture.
EDITION = 1
MOST_BYTES = 150_000
# (quality, how the colours are thinned out): letters are crisp in full colours, noisy banners need less of them.
QUALITIES = ((84, 0), (74, 0), (62, 2), (45, 2), (30, 2))

INK: Rgb = (32, 27, 26)
SOFT: Rgb = (101, 92, 90)
GOLD_SOFT: Rgb = (255, 244, 214)
GOLD_DEEP: Rgb = (138, 83, 0)
WHITE: Rgb = (255, 255, 255)

INNER = CARD_WIDTH - 72
FACE = 128
CODE = 300
FOOT = CODE + 56
# As wide as chats ask for.
CARD = (1200, 630)
CARD_NAMES = (108, 92, 76, 64)


@dataclass(frozen=True, slots=True)
class Poster:
    """What a poster says, in one language. Texts may be empty; `link` is what the QR code opens.

    `price` is (what it is called, the price to come, the price now). `banner` names the picture that is handed to
    `draw`, where there is one.
    """

    link: str
    colour: str
    organiser: str
    campaign: str
    tagline: str
    asks: str
    initial: str = ""
    about: str = ""
    price: tuple[str, str, str] | None = None
    gets: str = ""
    gifts: tuple[str, ...] = ()
    terms: str = ""
    scan: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    banner: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What the picture of a campaign says that chats show beside a link."""

    colour: str
    organiser: str
    campaign: str
    tagline: str
    banner: str = ""


@dataclass(frozen=True, slots=True)
class Art:
    """What is drawn with: the typeface, None for a poster without words, and the campaign's banner in RGB."""

    typeface: Typeface | None
    banner: Image.Image | None = field(default=None, compare=False)


def draw(poster: Poster, art: Art) -> bytes:
    """Return the poster as a JPEG of fewer than MOST_BYTES."""
    blocks = _blocks(poster, art.typeface) if art.typeface else []
    head = FACE // 2 + 28
    body = sum(block.height for block in blocks) + (24 if blocks else 0)
    fold = head + body
    image, top = ground.drawn(
        Ground(
            colour=poster.colour,
            fold=fold,
            card=fold + FOOT,
            organiser=poster.organiser,
            name=poster.campaign,
            tagline=poster.tagline,
            typeface=art.typeface,
            banner=poster.banner,
            picture=art.banner,
        )
    )
    image = image.copy()
    pen = ImageDraw.Draw(image)
    _face(image, pen, poster, art.typeface, top)
    y = top + head
    for block in blocks:
        block.paint(image, pen, y)
        y += block.height
    _foot(image, pen, poster, art.typeface, top + fold)
    return _packed(image)


def _blocks(poster: Poster, typeface: Typeface) -> list[Block]:
    """What stands on the ticket above its fold, from top to bottom."""
    colours = palette(rgb(poster.colour))
    bold, plain = typeface.font(42, bold=True), typeface.font(28)
    found: list[Block] = [Words(wrapped(poster.asks, bold, INNER, 2), bold, INK, after=10)]
    if poster.about:
        font = typeface.font(30)
        found.append(Words(wrapped(poster.about, font, INNER, 2), font, SOFT, after=14))
    if poster.price:
        found.append(Price(poster.price, typeface, colours["brand-text"], SOFT))
    if poster.gifts:
        found.append(Words(wrapped(poster.gets, plain, INNER, 1), plain, SOFT, after=8))
        small = typeface.font(28, bold=True)
        gifts = tuple(clipped(each, small, INNER - 60) for each in poster.gifts[:4])
        found.append(Pills(gifts, small, INNER, GOLD_SOFT, GOLD_DEEP))
    if poster.terms:
        font = typeface.font(25)
        found.append(Words(wrapped(poster.terms, font, INNER, 3), font, SOFT, after=6))
    return [each for each in found if each.height]


def _face(image: Image.Image, pen: ImageDraw.ImageDraw, poster: Poster, typeface: Typeface | None, top: int) -> None:
    """The member's initial in a circle on the upper edge of the ticket; a figure where it cannot be written."""
    colours = palette(rgb(poster.colour))
    initial = poster.initial if typeface else ""
    corner = (WIDTH - FACE) // 2, top - FACE // 2
    image.paste(_disc(colours["brand-soft"], colours["brand-text"], bare=not initial), corner, _ring(FACE))
    if initial and typeface:
        font = typeface.font(58, bold=True)
        pen.text((WIDTH // 2, top), initial, colours["brand-text"], font, anchor="mm")


@lru_cache(maxsize=8)
def _disc(inside: Rgb, ink: Rgb, *, bare: bool) -> Image.Image:
    """A circle within a white ring, drawn large and made small for smooth edges."""
    size = FACE * 4
    disc = Image.new("RGB", (size, size), WHITE)
    pen = ImageDraw.Draw(disc)
    pen.ellipse((28, 28, size - 28, size - 28), fill=inside)
    if bare:
        pen.ellipse((size * 0.37, size * 0.24, size * 0.63, size * 0.5), fill=ink)
        pen.chord((size * 0.25, size * 0.56, size * 0.75, size * 1.06), 180, 360, fill=ink)
    return disc.reduce(4)


@lru_cache(maxsize=2)
def _ring(size: int) -> Image.Image:
    mask = Image.new("L", (size * 4, size * 4))
    ImageDraw.Draw(mask).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    return mask.reduce(4)


def _foot(image: Image.Image, pen: ImageDraw.ImageDraw, poster: Poster, typeface: Typeface | None, fold: int) -> None:
    """Below the fold: the QR code, and how and until when it is used; the code alone in the middle without words."""
    code = picture_of(poster.link, CODE)
    left = MARGIN + 28 + (CODE - code.width) // 2 if typeface else (WIDTH - code.width) // 2
    image.paste(code, (left, fold + (FOOT - code.height) // 2))
    if typeface is None:
        return
    x = MARGIN + 28 + CODE + 24
    width = WIDTH - MARGIN - 36 - x
    scan, small = typeface.font(34, bold=True), typeface.font(25)
    lines = [(line, scan, INK, 48) for text in poster.scan for line in wrapped(text, scan, width, 2)]
    lines += [(line, small, SOFT, 38) for text in poster.until for line in wrapped(text, small, width, 2)]
    y = fold + (FOOT - sum(height for *_, height in lines)) // 2
    for line, font, ink, height in lines:
        pen.text((x, y + height // 2), line, ink, font, anchor="lm")
        y += height


def draw_card(card: Card, art: Art) -> bytes:
    """Return the picture that chats show beside a link, as a JPEG: the campaign and nobody's name."""
    colours = palette(rgb(card.colour))
    near, far, ink = colours["brand"], colours["brand-far"], colours["on-brand"]
    image = ground.backdrop(CARD, near, far, ink)
    if art.banner:
        image.paste(ImageOps.fit(art.banner.convert("RGB"), CARD, Image.Resampling.LANCZOS))
        return _packed(image)
    words = Ground(card.colour, 0, 0, card.organiser, card.campaign, card.tagline, art.typeface)
    lines = ground.hero_words(words, CARD[0] - 2 * 90, ink, CARD_NAMES)
    pen, y = ImageDraw.Draw(image), (CARD[1] - sum(height for *_, height in lines)) // 2
    for line, font, fill, framed, height in lines:
        ground.write(pen, (90, y), line, font, fill, framed=framed)
        y += height
    return _packed(image)


def _packed(image: Image.Image) -> bytes:
    """As a JPEG in the best quality that is small enough."""
    for quality, thinned in QUALITIES:
        held = io.BytesIO()
        image.save(held, "JPEG", quality=quality, optimize=True, subsampling=thinned)
        if held.tell() < MOST_BYTES:
            break
    return held.getvalue()
