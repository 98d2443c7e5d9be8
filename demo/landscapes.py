"""Banners of the demo that are places: each campaign has a face of its own. No words are in them."""

import numpy as np

from demo.painting import BANNER, Sheet, bottle, heart


def fields() -> bytes:
    """Ripe fields in the evening, with bales of straw."""
    sheet = Sheet(*BANNER, "#f7b25c", "#fbe3b0")
    sheet.glow((820, 210), 170, "#fff1c080", soft=60)
    sheet.disc((820, 210), 90, "#fff0b8")
    for height, colour, peak, rise in ((300, "#d98b3a", 0.2, 70), (350, "#c97a2b", 0.8, 80), (410, "#e0a33c", 0.4, 50)):
        sheet.hill(height, colour, peak=peak, rise=rise)
    for number in range(46):
        x = 24.0 * number
        sheet.line([(x, 500), (x + 8, 438 - (number * 37) % 24)], "#b9771f", width=4)
        sheet.oval((x + 2, 416 - (number * 37) % 24, x + 15, 448 - (number * 37) % 24), "#f3c65b")
    for left, top, size in ((560, 330, 74), (690, 350, 60), (900, 338, 82)):
        sheet.shadow((left, top + size - 12, left + size, top + size + 8), "#6b3d0a50", soft=6)
        sheet.disc((left + size / 2, top + size / 2), size / 2, "#d99a34")
        for inner in (0.36, 0.24, 0.12):
            box = (left + size * (0.5 - inner), top + size * (0.5 - inner))
            sheet.ring((*box, left + size * (0.5 + inner), top + size * (0.5 + inner)), "#a96b1c", width=3)
    return sheet.png()


def breakfast() -> bytes:
    """A laid table by a window, in blue: the members' day of each week."""
    sheet = Sheet(*BANNER, "#3b6fe0", "#1d3fa8")
    sheet.box((600, 40, 1010, 330), "#dcebff", round_by=18)
    sheet.disc((900, 120), 44, "#ffe08a")
    sheet.shape([(600, 330), (700, 230), (800, 300), (900, 210), (1010, 330)], "#8fd19e")
    sheet.box((795, 40, 811, 330), "#ffffff")
    sheet.box((600, 178, 1010, 192), "#ffffff")
    sheet.box((0, 390, 1080, 500), "#f5efe2")
    sheet.box((0, 390, 1080, 404), "#dfd2ba")
    bottle(sheet, (620, 196), 210)
    sheet.shadow((730, 396, 950, 430), "#00000030", soft=8)
    sheet.oval((730, 372, 950, 424), "#ffffff")
    sheet.oval((762, 382, 918, 414), "#e7edf6")
    sheet.shape([(790, 392), (840, 352), (892, 392), (840, 404)], "#e0a64a")
    sheet.box((968, 330, 1030, 408), "#ffffff", round_by=10)
    sheet.ring((1014, 344, 1052, 390), "#ffffff", width=8)
    heart(sheet, (998, 366), 16, "#d43a22")
    return sheet.png()


def way_home() -> bytes:
    """A path that leads back to a lit house at dusk."""
    sheet = Sheet(*BANNER, "#35306b", "#c86a86")
    for x, y in ((120, 70), (300, 40), (470, 96), (640, 50), (980, 80), (1040, 150), (210, 140)):
        sheet.disc((x, y), 3, "#fff4d8")
    sheet.disc((240, 110), 40, "#fdf0c9")
    sheet.hill(330, "#5d3f7d", peak=0.25, rise=80)
    sheet.hill(390, "#47306a", peak=0.75, rise=90)
    sheet.shape([(420, 500), (700, 500), (792, 330), (772, 330)], "#e8b48d")
    sheet.glow((790, 270), 120, "#ffd97890", soft=40)
    sheet.box((720, 220, 860, 334), "#f4e4d2")
    sheet.shape([(700, 226), (790, 150), (880, 226)], "#8f2a20")
    sheet.box((770, 262, 812, 334), "#7a4a2b", round_by=6)
    for left in (734, 824):
        sheet.box((left, 244, left + 26, 274), "#ffd24d", round_by=4)
    sheet.box((836, 160, 856, 200), "#8f2a20")
    heart(sheet, (850, 120), 22, "#ffb3a7")
    return sheet.png()


def blossom() -> bytes:
    """A branch in blossom, and a question in the air: a lamp that lights up."""
    sheet = Sheet(*BANNER, "#d9f5ef", "#8fd8c8")
    chance = np.random.default_rng(3)
    sheet.hill(440, "#0f766e", peak=0.7, rise=60)
    sheet.line([(1080, 60), (860, 150), (640, 120), (520, 190)], "#6b4a3a", width=14)
    sheet.line([(860, 150), (780, 250), (720, 270)], "#6b4a3a", width=8)
    for along in np.linspace(0, 1, 26).tolist():
        x = 1060 - 540 * along + float(chance.uniform(-20, 20))
        y = 80 + 100 * along + float(chance.uniform(-40, 60))
        for turn in np.linspace(0, 2 * np.pi, 6)[:-1].tolist():
            sheet.disc((x + 11 * float(np.cos(turn)), y + 11 * float(np.sin(turn))), 9, "#ffc7d6")
        sheet.disc((x, y), 6, "#f2a900")
    sheet.glow((640, 320), 90, "#fff3b0b0", soft=30)
    sheet.disc((640, 310), 56, "#ffe27a")
    sheet.box((614, 356, 666, 396), "#5b6670", round_by=8)
    for top in (366, 378):
        sheet.box((614, top, 666, top + 4), "#8a949e")
    sheet.line([(622, 340), (632, 306), (640, 326), (648, 306), (658, 340)], "#c98a00", width=5)
    return sheet.png()
