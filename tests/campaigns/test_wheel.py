import pytest

from campaigns.wheel import lines_of, sectors


def prizes(count):
    return [(f"p{number}", f"Prize {number}", "points") for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 6, 12])
def test_sectors_stand_at_equal_angles_from_the_top(count):
    assert [float(sector.angle) for sector in sectors(prizes(count))] == pytest.approx(
        [number * 360 / count for number in range(count)], abs=0.001
    )


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 7, 12])
def test_neighbours_differ_in_tone(count):
    tones = [sector.tone for sector in sectors(prizes(count))]
    assert all(tones[number] != tones[number - 1] for number in range(count))


def test_a_pool_without_prizes_has_no_wheel():
    assert sectors([]) == []


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("谢谢参与", ("谢谢参与",)),
        ("满100减20元优惠券", ("满100减20", "元优惠券")),
        ("20 off orders over 100", ("20 off", "orders", "over 100")),
        ("Supercalifragilistic", ("Supercalifr…",)),
        ("Phone 17 Pro Max with case and cable", ("Phone 17 Pro", "Max with", "case and…")),
        ("", ("",)),
    ],
)
def test_names_break_into_lines_that_fit(name, lines):
    assert lines_of(name) == lines


@pytest.mark.parametrize(("count", "widest"), [(8, 12), (12, 8), (16, 6), (40, 0)])
def test_the_narrower_the_sectors_the_shorter_the_lines_and_in_slivers_there_are_none(count, widest):
    drawn = sectors([("p", "Supercalifragilistic", "points")] * count)
    assert max((len(line) for sector in drawn for line in sector.lines), default=0) == widest


def test_a_thousand_emoji_are_clipped_like_any_name():
    assert all(len(line) <= 6 for line in lines_of("🎁" * 1_000))
