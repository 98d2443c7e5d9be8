"""A split is random as dice are, and yet always the same."""

from itertools import pairwise

import numpy as np
import pytest

from segmentation.splitting import SCALE, BadShares, even_shares, places, split

PEOPLE = range(1, 200_001)
# The 99.99th percentile of chi-square by degrees of freedom: a fair split fails once in 10,000 salts; salts are fixed.
CHI_SQUARE = {1: 15.137, 2: 18.421, 4: 23.513, 9: 33.720, 81: 136.0, 99: 159.2}


def chi_square(counts, expected) -> float:
    counts, expected = np.asarray(counts, float), np.asarray(expected, float)
    return float((((counts - expected) ** 2) / expected).sum())


@pytest.mark.parametrize("salt", ["", "a", "b", "spring", "春季", "spring "])
@pytest.mark.parametrize("shares", [[5000, 5000], [1000, 9000], [3334, 3333, 3333], even_shares(10)])
def test_groups_have_the_shares_that_were_asked_for(salt, shares):
    sizes = [len(group) for group in split(PEOPLE, salt, shares)]
    assert sum(sizes) == len(PEOPLE)
    assert chi_square(sizes, [len(PEOPLE) * share / SCALE for share in shares]) < CHI_SQUARE[len(shares) - 1]


@pytest.mark.parametrize("stride", [1, 2, 10, 64, 1024])
def test_ids_in_a_pattern_are_split_as_well(stride):
    sizes = [len(group) for group in split(range(7, 7 + 100_000 * stride, stride), "x", even_shares(5))]
    assert chi_square(sizes, [20_000] * 5) < CHI_SQUARE[4]


def test_every_place_is_as_likely():
    counts = np.bincount(places(PEOPLE, "x") // 100, minlength=100)
    assert chi_square(counts, [2000] * 100) < CHI_SQUARE[99]


@pytest.mark.parametrize(("one", "other"), [*pairwise(["s1", "s2", "s3", "s4"]), ("a", "aa"), ("", "0")])
def test_splits_by_different_salts_are_independent(one, other):
    """Of the members of any group of one split, each group of the other has its tenth."""
    table = np.zeros((10, 10))
    np.add.at(table, (places(PEOPLE, one) // 1000, places(PEOPLE, other) // 1000), 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    assert chi_square(table, expected) < CHI_SQUARE[81]


def test_the_same_salt_splits_the_same_way_for_ever():
    """Written down once: were this to change, groups of running campaigns would be shuffled."""
    assert places([1, 2, 3, 1_000_000, (1 << 32) - 1], "spring").tolist() == [6770, 823, 8256, 1352, 7750]


def test_whoever_comes_or_goes_moves_nobody_else():
    before = split(range(1, 1001), "x", [2000, 3000, 5000])
    after = split(range(501, 5001), "x", [2000, 3000, 5000])
    for old, new in zip(before, after, strict=True):
        assert set(old[old > 500]) == set(new[new <= 1000])


def test_a_larger_share_only_takes_in():
    """The first group of 20 per cent holds the whole of the first group of 10."""
    small, large = (set(split(PEOPLE, "x", [share, SCALE - share])[0]) for share in (1000, 2000))
    assert small < large


@pytest.mark.parametrize("shares", [[], [10_000], [5000, 4999], [5000, 5001], [0, 10_000], [-1, 10_001], [909] * 11])
def test_shares_that_make_no_split_are_refused(shares):
    with pytest.raises(BadShares):
        split([1], "x", shares)


@pytest.mark.parametrize(("groups", "shares"), [(2, [5000] * 2), (3, [3334, 3333, 3333]), (10, [1000] * 10)])
def test_even_shares_total_the_whole(groups, shares):
    assert even_shares(groups) == shares
