"""The typeface of posters: one that writes Chinese, named by the setting POSTER_FONT or found on this machine.

Characters that it has not are left out: a box in their place says nothing to anybody.
"""

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import ImageFont

# What POSTER_FONT says where posters are to have no words.
NONE = "none"
CHINESE = "中文活动邀请"
FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
)
# Regular, bold, and the place of Simplified Chinese within a collection; the best first.
KNOWN = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf", 0),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", 0),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf", 0),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf", 0),
    ("NotoSansCJK-VF.ttc", "NotoSansCJK-VF.ttc", 2),
    ("NotoSansSC[wght].ttf", "NotoSansSC[wght].ttf", 0),
    ("Hiragino Sans GB.ttc", "Hiragino Sans GB.ttc", 0),
    ("STHeiti Medium.ttc", "STHeiti Medium.ttc", 0),
    ("wqy-microhei.ttc", "wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc", 0),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf", 0),
)
# Fontconfig's answer, of which the higher bits name a style within a variable font.
_FACE_BITS = 0xFFFF
_PROBED_AT = 24
_WIDE = re.compile("[\u2e80-\uffef]")
_NARROW = str.maketrans("‘’“”", "''\"\"")


class FontError(ValueError):
    """The file is no font, or one without Chinese."""


@dataclass(frozen=True, slots=True)
class FontFile:
    """A file, and which face of it: 0 but for collections."""

    path: str
    face: int = 0


@dataclass(frozen=True, slots=True)
class Typeface:
    regular: FontFile
    bold: FontFile

    def font(self, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """The font at `size` pixels an em."""
        return _opened(self.bold if bold else self.regular, size, "Bold" if bold else "Regular")

    def cleaned(self, text: str, longest: int = 200) -> str:
        """The text in one line, without what the typeface cannot draw and what is not seen; at most `longest` long."""
        seen = "".join(_seen(text[: longest * 8]))
        if not _WIDE.search(seen):
            # In a Chinese font these are as wide as a character.
            seen = seen.translate(_NARROW)
        drawn = "".join(each for each in seen if each == " " or has_glyph(self.regular, each))
        return " ".join(drawn.split())[:longest].strip()


def typeface() -> Typeface | None:
    """The typeface of this machine; None where posters have no words. Raises FontError for what POSTER_FONT names."""
    return _typeface(tuple(settings.POSTER_FONT))


def is_unwanted() -> bool:
    """Whether posters are meant to have no words."""
    return tuple(settings.POSTER_FONT) == (NONE,)


@lru_cache(maxsize=8)
def _typeface(named: tuple[str, ...]) -> Typeface | None:
    if named == (NONE,):
        return None
    if named:
        return _checked(Typeface(_file(named[0]), _file(named[-1])))
    for each in (*_known(), *_by_fontconfig()):
        try:
            return _checked(each)
        except FontError:
            continue
    return None


def _file(named: str) -> FontFile:
    """`/path/fonts.ttc#2` is the third face of a collection."""
    path, mark, face = named.rpartition("#")
    return FontFile(path, int(face)) if mark and face.isdigit() else FontFile(named)


def _known() -> Iterator[Typeface]:
    files = {each.name: str(each) for folder in FOLDERS if folder.is_dir() for each in folder.rglob("*.[to]t[cf]")}
    for regular, bold, face in KNOWN:
        if regular in files:
            yield Typeface(FontFile(files[regular], face), FontFile(files.get(bold, files[regular]), face))


def _by_fontconfig() -> Iterator[Typeface]:
    """What fontconfig takes for Chinese, which may be a font without."""
    command = shutil.which("fc-match")
    if command is None:
        return
    found = []
    for weight in ("regular", "bold"):
        asked = [command, "--format=%{file}#%{index}", f"sans-serif:lang=zh-cn:weight={weight}"]
        try:
            said = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 fixed words
        except (OSError, subprocess.SubprocessError):
            return
        file = _file(said.stdout.strip())
        found.append(FontFile(file.path, file.face & _FACE_BITS))
    yield Typeface(*found)


def _checked(found: Typeface) -> Typeface:
    for file in (found.regular, found.bold):
        try:
            lacks = [each for each in CHINESE if not has_glyph(file, each)]
        except OSError as error:
            raise FontError(f"{file.path}: {error}") from error
        if lacks:
            raise FontError(f"{file.path}: no Chinese in it")
    return found


@lru_cache(maxsize=64)
def _opened(file: FontFile, size: int, style: str) -> ImageFont.FreeTypeFont:
    # A font of its own: its style is set below, and a file of all styles may be opened at this size for another.
    font = _basic.__wrapped__(file, size)
    try:
        names = font.get_variation_names()
    except OSError:
        return font
    if style.encode() in names:
        font.set_variation_by_name(style)
    return font


@lru_cache(maxsize=10_000)
def has_glyph(file: FontFile, char: str) -> bool:
    """Whether the font draws the character as itself. Raises OSError where the file is no font."""
    return _drawn(file, char) != _drawn(file, "\uffff")


@lru_cache(maxsize=10_000)
def _drawn(file: FontFile, char: str) -> tuple[tuple[int, int], bytes]:
    """How the font draws a character: what no font has is drawn alike as its sign for a missing one."""
    mask = _basic(file, _PROBED_AT).getmask(char)
    return mask.size, bytes(mask)


@lru_cache(maxsize=64)
def _basic(file: FontFile, size: int) -> ImageFont.FreeTypeFont:
    """The simple layout: alike on every machine, and it knows no text that it refuses."""
    return ImageFont.truetype(file.path, size, index=file.face, layout_engine=ImageFont.Layout.BASIC)


def _seen(text: str) -> Iterable[str]:
    """The characters that stand for themselves: none that steer the direction of text, join others or have no shape.

    Nor those of scripts from right to left, whose letters the simple layout would set apart and in the wrong order.
    """
    for each in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(each)
        if each.isspace() or kind[0] == "Z":
            yield " "
        elif kind[0] != "C" and kind not in {"Mn", "Me"} and unicodedata.bidirectional(each) not in {"R", "AL"}:
            yield each
