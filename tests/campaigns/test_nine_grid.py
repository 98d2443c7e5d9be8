"""Where prizes stand around the button, whatever their number."""

from collections import Counter

import pytest

from campaigns.nine_grid import grid


def prizes(count):
    return [(f"p{number}", f"Prize {number}", "points") for number in range(count)]


def way(drawn):
    """Return the keys as the light meets them."""
    return [cell.key for cell in sorted(drawn.cells, key=lambda cell: cell.at)]


@pytest.mark.parametrize(
    ("count", "side", "each", "ornaments"),
    [(1, 3, 8, 0), (2, 3, 4, 0), (3, 3, 2, 2), (4, 3, 2, 0), (5, 3, 1, 3), (7, 3, 1, 1), (8, 3, 1, 0),
     (9, 4, 1, 3), (12, 4, 1, 0)],
)  # fmt: skip
def test_every_prize_has_as_many_cells_and_the_rest_is_ornament(count, side, each, ornaments):
    drawn = grid(prizes(count))

    counted = Counter(way(drawn))

    assert (drawn.side, counted.pop("", 0)) == (side, ornaments)
    assert counted == dict.fromkeys((key for key, _name, _kind in prizes(count)), each)


def test_beyond_a_dozen_the_last_cell_stands_for_the_rest():
    drawn = grid(prizes(15))

    assert way(drawn)[:11] == [f"p{number}" for number in range(11)]
    assert [cell.rest for cell in drawn.cells if cell.rest] == [4]


def test_the_light_goes_clockwise_from_the_first_corner():
    assert [cell.at for cell in grid(prizes(8)).cells] == [0, 1, 2, 7, 3, 6, 5, 4]
    assert [cell.at for cell in grid(prizes(12)).cells] == [0, 1, 2, 3, 11, 4, 10, 5, 9, 8, 7, 6]


def test_a_pool_without_prizes_has_ornaments_only():
    assert set(way(grid([]))) == {""}
