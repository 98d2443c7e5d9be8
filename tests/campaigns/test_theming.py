"""Whatever colour an operator chooses, text on the pages stays legible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.theming import BLACK, CARD_DARK, WHITE, colour_key, contrast, palette, palette_dark, stylesheet

PARTS = st.integers(0, 255)
COLOURS = st.tuples(PARTS, PARTS, PARTS)


def test_contrast_is_that_of_wcag():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    assert contrast((119, 119, 119), WHITE) == pytest.approx(4.48, abs=0.01)


@given(COLOURS)
def test_text_is_legible_on_every_ground(colour):
    for colours, card in ((palette(colour), WHITE), (palette_dark(colour), CARD_DARK)):
        assert contrast(colours["on-brand"], colours["brand"]) >= 4.5
        assert contrast(colours["on-brand"], colours["brand-far"]) >= 4.5
        for ground in (card, colours["brand-soft"], colours["page"]):
            assert contrast(colours["brand-text"], ground) >= 4.5


def test_a_colour_that_white_can_stand_on_is_kept():
    assert palette((212, 56, 13))["brand"] == (212, 56, 13)
    assert palette((255, 212, 0))["on-brand"] == BLACK


@pytest.mark.parametrize(
    ("chosen", "key"),
    [("#D4380D", "d4380d"), ("0958d9", "0958d9"), ("red", "d4380d"), ("", "d4380d"), ("#fff;}", "d4380d")],
)
def test_only_six_hex_digits_are_a_colour(chosen, key):
    assert colour_key(chosen) == key


def test_the_style_sheet_has_light_and_dark():
    sheet = stylesheet("0958d9")
    assert sheet.startswith(":root{--brand:#0958d9;")
    assert "@media (prefers-color-scheme:dark){:root{--brand:#0958d9;" in sheet
