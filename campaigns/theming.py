"""The colours of a campaign's pages, worked out from the one colour that the operator chose. Pure.

The style sheet is addressed by the colour itself, so that it never goes stale and needs no look-up. Text always keeps
the contrast that WCAG 2.2 AA asks for (4.5 to 1), whatever colour was chosen.
"""

import re
from collections.abc import Sequence

Rgb = tuple[int, int, int]

DEFAULT_COLOUR = "d4380d"
CONTRAST = 4.5
# A colour on which white text nearly holds is deepened until it does; on a lighter one the text turns black.
NEARLY_HOLDS = 2.6

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
CARD_DARK: Rgb = (33, 31, 32)
PAGE_DARK: Rgb = (17, 16, 16)

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


def colour_key(colour: str) -> str:
    """Return six lower-case hex digits; the default colour where `colour` is not one."""
    found = _HEX.fullmatch(colour)
    return found[1].lower() if found else DEFAULT_COLOUR


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def stylesheet(key: str) -> str:
    """Return the custom properties that h5.css reads, for light and dark."""
    light, dark = palette(rgb(key)), palette_dark(rgb(key))
    return f":root{{{_declarations(light)}}}@media (prefers-color-scheme:dark){{:root{{{_declarations(dark)}}}}}\n"


def tones(keys: Sequence[str]) -> str:
    """Return the custom properties of several colours, for light and dark: each for the parts of class `tone-KEY`."""
    light = "".join(f".tone-{key}{{{_declarations(palette(rgb(key)))}}}" for key in keys)
    dark = "".join(f".tone-{key}{{{_declarations(palette_dark(rgb(key)))}}}" for key in keys)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}\n"


def palette(colour: Rgb) -> dict[str, Rgb]:
    on_brand, brand = _legible_pair(colour)
    soft = mix(colour, WHITE, 0.1)
    return {
        "brand": brand,
        "brand-far": mix(brand, BLACK if on_brand == WHITE else WHITE, 0.8),
        "on-brand": on_brand,
        "brand-soft": soft,
        "brand-line": mix(colour, WHITE, 0.24),
        "brand-text": _until_legible(colour, BLACK, soft, WHITE),
        "page": mix(colour, WHITE, 0.05),
    }


def palette_dark(colour: Rgb) -> dict[str, Rgb]:
    on_brand, brand = _legible_pair(colour)
    soft = mix(colour, CARD_DARK, 0.2)
    return {
        "brand": brand,
        "brand-far": mix(brand, BLACK if on_brand == WHITE else WHITE, 0.8),
        "on-brand": on_brand,
        "brand-soft": soft,
        "brand-line": mix(colour, CARD_DARK, 0.36),
        "brand-text": _until_legible(colour, WHITE, soft, CARD_DARK),
        "page": mix(colour, PAGE_DARK, 0.04),
    }


def rgb(key: str) -> Rgb:
    return int(key[0:2], 16), int(key[2:4], 16), int(key[4:6], 16)


def mix(colour: Rgb, other: Rgb, share: float) -> Rgb:
    """Return `share` of `colour` in `other`."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _legible_pair(colour: Rgb) -> tuple[Rgb, Rgb]:
    """Return the text colour, and the colour below it, deepened where white text needs that."""
    if contrast(colour, WHITE) >= NEARLY_HOLDS:
        return WHITE, _until_legible(colour, BLACK, WHITE)
    return BLACK, colour


def _until_legible(colour: Rgb, towards: Rgb, *grounds: Rgb) -> Rgb:
    """Move `colour` towards black or white, no farther than it takes to be read on every ground."""
    steps = (mix(colour, towards, share / 50) for share in range(50, -1, -1))
    return next(step for step in steps if all(contrast(step, ground) >= CONTRAST for ground in grounds))


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _declarations(colours: dict[str, Rgb]) -> str:
    return ";".join(f"--{name}:#{red:02x}{green:02x}{blue:02x}" for name, (red, green, blue) in colours.items())
