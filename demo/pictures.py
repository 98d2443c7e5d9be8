"""The demo's pictures, painted here: banners, and the gifts that are things. No words are in them."""

from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np

from demo import landscapes
from demo.painting import BANNER, Point, Sheet, bottle, heart
from operations import pictures
from rewards.models import Gift

THING = (720, 450)
MIDDLE = 360


def keep_banner(slug: str, *, now: datetime) -> str:
    """Keep the banner of one of the demo's campaigns; return its reference."""
    return str(pictures.keep(BANNERS[slug](), now=now))


def hang_gifts(*, now: datetime) -> None:
    """Give the gifts that are things their pictures."""
    for slug, paint in GIFTS.items():
        Gift.objects.filter(slug=slug).update(picture=str(pictures.keep(paint(), now=now)))


def _party() -> bytes:
    """Presents before a low sun, with streamers: the banner of Double Twelve."""
    sheet = Sheet(*BANNER, "#ff9a5a", "#d43a22")
    sheet.glow((660, 250), 230, "#ffe9a880", soft=60)
    sheet.disc((660, 250), 150, "#ffd978")
    sheet.disc((660, 250), 118, "#ffe7a6")
    sheet.hill(430, "#c8321f", peak=0.2, rise=70)
    sheet.hill(450, "#a92718", peak=0.85, rise=60)
    _confetti(sheet)
    for box, paper, ribbon in (
        ((480, 250, 640, 420), "#fff4e3", "#d43a22"),
        ((690, 215, 860, 420), "#f04a35", "#ffd978"),
        ((596, 310, 740, 440), "#ffc145", "#b5281a"),
    ):
        _present(sheet, box, paper, ribbon)
    bottle(sheet, (905, 205), 215)
    return sheet.png()


def _farm() -> bytes:
    """A barn on green hills in the morning, and a cow: the banner of the new year."""
    sheet = Sheet(*BANNER, "#bfe8f2", "#f6f4d0")
    sheet.glow((830, 150), 120, "#fff3b0c0", soft=50)
    sheet.disc((830, 150), 62, "#ffd84d")
    for left, top, size in ((180, 90, 1.0), (480, 60, 0.7), (980, 80, 0.8)):
        _cloud(sheet, (left, top), size)
    sheet.hill(330, "#8fd19e", peak=0.15, rise=90)
    sheet.hill(370, "#57b374", peak=0.8, rise=90)
    _barn(sheet, (560, 190))
    sheet.hill(440, "#2f9158", peak=0.5, rise=45)
    _fence(sheet, 405)
    _cow(sheet, (760, 318))
    return sheet.png()


def _mug() -> bytes:
    sheet = Sheet(*THING, "#dff0fb", "#b6dbf2")
    sheet.shadow((225, 350, 500, 400))
    sheet.ring((440, 165, 560, 325), "#f7fbff", width=26)
    sheet.ring((440, 165, 560, 325), "#2f6fb5", width=5)
    sheet.box((230, 110, 480, 375), "#f7fbff", round_by=34)
    sheet.box((452, 150, 464, 350), "#2f6fb514", round_by=6)
    sheet.oval((230, 88, 480, 140), "#2f6fb5")
    sheet.oval((240, 94, 470, 134), "#e4f0fa")
    sheet.oval((252, 102, 458, 134), "#fffdf6")
    for left, top, width, height in ((270, 185, 70, 52), (360, 240, 62, 70), (285, 280, 46, 38), (385, 175, 40, 30)):
        sheet.oval((left, top, left + width, top + height), "#2f6fb5")
    return sheet.png()


def _blanket() -> bytes:
    sheet = Sheet(*THING, "#f6e3dc", "#e7c3b6")
    sheet.shadow((150, 350, 580, 410))
    for number, (left, right) in enumerate(((165, 560), (180, 545), (172, 552))):
        top = 285 - number * 82
        sheet.box((left, top, right, top + 92), "#e9dfd5" if number % 2 else "#fffaf3", round_by=42)
        sheet.box((left + 12, top + 72, right - 12, top + 80), "#d9cabb", round_by=4)
    for left, top, width, height in (
        (205, 130, 84, 46), (330, 138, 62, 36), (450, 126, 70, 48), (222, 222, 58, 34), (372, 214, 92, 42),
        (250, 300, 92, 44), (430, 306, 74, 40),
    ):  # fmt: skip
        sheet.oval((left, top, left + width, top + height), "#3b2f2b")
    return sheet.png()


def _phone() -> bytes:
    sheet = Sheet(*THING, "#4b3f8f", "#1f1a4a")
    sheet.glow((MIDDLE, 220), 170, "#8d7bf080", soft=50)
    sheet.shadow((270, 385, 460, 420), "#00000070")
    sheet.box((268, 50, 452, 400), "#0e0c1f", round_by=34)
    sheet.box((278, 60, 442, 390), "#ff8a5c", round_by=26)
    sheet.shape([(278, 230), (442, 150), (442, 364), (278, 364)], "#f0559b")
    sheet.shape([(278, 310), (442, 250), (442, 364), (278, 364)], "#7a4fe0")
    sheet.box((278, 340, 442, 390), "#7a4fe0", round_by=26)
    sheet.disc((400, 120), 24, "#ffe08a")
    sheet.box((330, 70, 390, 84), "#0e0c1f", round_by=7)
    return sheet.png()


def _latte() -> bytes:
    """Seen from above, with a heart in the foam."""
    sheet = Sheet(*THING, "#f3e6d6", "#e2c8a8")
    centre = (MIDDLE - 10.0, 225.0)
    sheet.shadow((190, 70, 540, 420), "#5a361440", soft=16)
    sheet.disc(centre, 168, "#fffdf8")
    sheet.disc(centre, 150, "#efe6da")
    sheet.box((470, 198, 566, 252), "#fffdf8", round_by=27)
    sheet.box((490, 213, 548, 237), "#eadac3", round_by=12)
    sheet.disc(centre, 122, "#fffdf8")
    sheet.disc(centre, 108, "#b9783f")
    sheet.disc(centre, 96, "#c88a4e")
    heart(sheet, centre, 66, "#fff1dc")
    heart(sheet, (centre[0], centre[1] + 3), 36, "#d9a268")
    heart(sheet, (centre[0], centre[1] + 4), 22, "#fff1dc")
    return sheet.png()


def _tasting() -> bytes:
    sheet = Sheet(*THING, "#e6efd2", "#c3d79c")
    sheet.shadow((120, 335, 620, 405))
    sheet.box((130, 320, 600, 362), "#b5793e", round_by=20)
    sheet.box((130, 320, 600, 340), "#cf9455", round_by=10)
    sheet.shape([(190, 320), (430, 320), (430, 226)], "#ffd257")
    sheet.shape([(190, 320), (430, 226), (408, 212)], "#ffe48e")
    for x, y, radius in ((370, 292, 15), (312, 302, 9), (404, 260, 11), (398, 306, 8)):
        sheet.disc((x, y), radius, "#eab02e")
    bottle(sheet, (500, 92), 230)
    for x, y in ((222, 300), (248, 288), (200, 282)):
        sheet.disc((x, y), 18, "#6b3f8f")
        sheet.disc((x - 5, y - 6), 5, "#9a70bd")
    return sheet.png()


def _cookbook() -> bytes:
    sheet = Sheet(*THING, "#d6f0ec", "#a3d8cf")
    sheet.shadow((215, 350, 520, 405))
    sheet.shape([(236, 96), (470, 72), (492, 360), (258, 384)], "#f5efe2")
    sheet.shape([(228, 88), (462, 64), (484, 350), (250, 374)], "#17777b")
    sheet.shape([(228, 88), (262, 84), (284, 370), (250, 374)], "#0f5a5e")
    bottle(sheet, (352, 128), 178)
    return sheet.png()


def _red_packet() -> bytes:
    sheet = Sheet(*THING, "#ffe3c2", "#ffbe8a")
    for x, y in ((190, 330), (540, 320), (565, 140), (165, 150)):
        sheet.disc((x, y), 30, "#f2a900")
        sheet.disc((x, y), 23, "#ffd24d")
        sheet.shape([(x, y - 11), (x + 11, y), (x, y + 11), (x - 11, y)], "#f2a900")
    sheet.shadow((240, 375, 490, 425))
    sheet.box((250, 50, 470, 400), "#e0352b", round_by=22)
    sheet.shape([(250, 72), (470, 72), (470, 150), (360, 215), (250, 150)], "#c3241d")
    sheet.box((250, 50, 470, 92), "#c3241d", round_by=22)
    sheet.disc((MIDDLE, 205), 46, "#ffd24d")
    sheet.disc((MIDDLE, 205), 36, "#f8b914")
    heart(sheet, (MIDDLE, 203), 19, "#fff3c4")
    return sheet.png()


def _present(sheet: Sheet, box: tuple[float, float, float, float], paper: str, ribbon: str) -> None:
    left, top, right, bottom = box
    middle, width = (left + right) / 2, (right - left) / 7
    sheet.shadow((left - 10, bottom - 14, right + 10, bottom + 16), "#5a0f0850", soft=8)
    sheet.box(box, paper, round_by=8)
    sheet.box((middle - width / 2, top, middle + width / 2, bottom), ribbon)
    sheet.box((left - 8, top - 8, right + 8, top + 30), paper, round_by=8)
    sheet.box((left - 8, top + 24, right + 8, top + 30), "#00000018", round_by=3)
    sheet.box((middle - width / 2, top - 8, middle + width / 2, top + 30), ribbon)
    for side in (-1, 1):
        wing = sorted((middle, middle + side * width * 2.2))
        sheet.ring((wing[0], top - 44, wing[1], top + 2), ribbon, width=width / 2)


def _confetti(sheet: Sheet) -> None:
    chance = np.random.default_rng(12)
    for number in range(46):
        x, y = float(chance.uniform(20, 1060)), float(chance.uniform(10, 250))
        size, lean = float(chance.uniform(5, 11)), float(chance.uniform(-7, 7))
        colour = ("#ffe7a6", "#fff6ea", "#ffc145", "#ff6a4d")[number % 4]
        sheet.shape([(x, y), (x + size, y + lean), (x + size, y + lean + 6), (x, y + 6)], colour)


def _cloud(sheet: Sheet, at: Point, size: float) -> None:
    for across, down, radius in ((0, 20, 26), (36, 4, 36), (78, 14, 30), (110, 24, 20)):
        sheet.disc((at[0] + across * size, at[1] + down * size), radius * size, "#ffffffd8")


def _barn(sheet: Sheet, at: Point) -> None:
    left, top = at
    sheet.box((left, top + 60, left + 170, top + 210), "#d8432f")
    sheet.shape([(left - 14, top + 66), (left + 24, top + 14), (left + 85, top - 16), (left + 146, top + 14),
                 (left + 184, top + 66)], "#8f2a20")  # fmt: skip
    sheet.box((left + 55, top + 110, left + 115, top + 210), "#fff4e3")
    sheet.line([(left + 55, top + 110), (left + 115, top + 210)], "#d8432f", width=6)
    sheet.line([(left + 115, top + 110), (left + 55, top + 210)], "#d8432f", width=6)
    sheet.box((left + 66, top + 34, left + 104, top + 72), "#fff4e3", round_by=19)


def _fence(sheet: Sheet, top: float) -> None:
    for x in range(-20, 1100, 74):
        sheet.box((x, top - 34, x + 12, top + 40), "#fffaf0", round_by=4)
    for down in (-16, 10):
        sheet.box((0, top + down, 1080, top + down + 9), "#fffaf0")


def _cow(sheet: Sheet, at: Point) -> None:
    """A cow that stands sideways, `at` the left and the top of its back."""
    left, top = at
    for across in (16, 46, 128, 156):
        sheet.box((left + across, top + 84, left + across + 18, top + 142), "#f4ece2", round_by=5)
        sheet.box((left + across, top + 128, left + across + 18, top + 142), "#3b2f2b", round_by=4)
    sheet.box((left, top, left + 190, top + 104), "#fffaf3", round_by=44)
    for box in ((34, 12, 90, 56), (104, 44, 158, 92), (132, 6, 172, 34)):
        sheet.oval((left + box[0], top + box[1], left + box[2], top + box[3]), "#3b2f2b")
    sheet.oval((left + 88, top + 88, left + 122, top + 116), "#f3a9a4")
    sheet.box((left + 168, top - 40, left + 232, top + 40), "#fffaf3", round_by=28)
    sheet.oval((left + 166, top - 40, left + 202, top - 4), "#3b2f2b")
    sheet.oval((left + 176, top + 8, left + 240, top + 52), "#f3b8ae")
    for x in (194, 220):
        sheet.disc((left + x, top + 28), 4, "#8a4a44")
        sheet.disc((left + x - 2, top - 8), 5, "#1f1715")
    sheet.line([(left + 4, top + 30), (left - 16, top + 70)], "#fffaf3", width=7)
    sheet.disc((left - 17, top + 76), 9, "#3b2f2b")


BANNERS: Mapping[str, Callable[[], bytes]] = {
    "double-twelve": _party,
    "new-year-farm": _farm,
    "harvest": landscapes.fields,
    "wednesday": landscapes.breakfast,
    "win-back": landscapes.way_home,
    "spring-quiz": landscapes.blossom,
}
GIFTS: Mapping[str, Callable[[], bytes]] = {
    "mug": _mug,
    "blanket": _blanket,
    "phone": _phone,
    "latte": _latte,
    "tasting": _tasting,
    "cookbook": _cookbook,
    "red-packet": _red_packet,
}
