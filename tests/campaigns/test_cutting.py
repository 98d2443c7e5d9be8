"""What friends cut off a price: whole cents, within bounds, and in the end exactly at the floor."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import cutting


@st.composite
def terms(draw):
    helps = draw(st.integers(1, 60))
    return draw(st.integers(helps, 200_000)), helps


def cuts_of(total, helps, chance):
    left, cuts = total, []
    for done in range(helps):
        cuts.append(cutting.cut(total, helps, done=done, left=left, chance=chance))
        left -= cuts[-1]
    return cuts


@given(terms(), st.data())
def test_the_last_cut_ends_exactly_at_the_floor_and_every_cut_is_within_the_bounds(terms, data):
    total, helps = terms
    cuts = cuts_of(total, helps, lambda n: data.draw(st.integers(0, n - 1)))
    least, most = cutting.bounds(total, helps)
    assert sum(cuts) == total
    assert 1 <= least <= min(cuts)
    assert max(cuts) <= most


@given(terms(), st.sampled_from(["least", "most"]))
def test_the_same_holds_for_the_most_one_sided_chance(terms, side):
    total, helps = terms
    cuts = cuts_of(total, helps, lambda n: 0 if side == "least" else n - 1)
    least, most = cutting.bounds(total, helps)
    assert sum(cuts) == total
    assert least <= min(cuts)
    assert max(cuts) <= most


@given(terms())
def test_a_cut_is_between_half_and_one_and_a_half_times_the_even_share(terms):
    least, most = cutting.bounds(*terms)
    even = Fraction(*terms)
    assert least == 1 or even / 2 - 1 < least <= even / 2
    assert even * 3 / 2 <= most < even * 3 / 2 + 1


@given(terms(), st.data())
def test_before_the_last_friend_something_is_left_for_each_who_is_to_come(terms, data):
    total, helps = terms
    left = total
    for done in range(helps):
        left -= cutting.cut(total, helps, done=done, left=left, chance=lambda n: data.draw(st.integers(0, n - 1)))
        assert left >= helps - done - 1


def test_a_cent_each_leaves_no_choice():
    assert cuts_of(5, 5, lambda _n: 0) == [1] * 5


@pytest.mark.parametrize(("total", "helps"), [(4, 5), (5, 0), (0, 1)])
def test_terms_that_leave_somebody_without_a_cent_are_refused(total, helps):
    with pytest.raises(ValueError, match="cannot cut"):
        cutting.bounds(total, helps)


@pytest.mark.parametrize(("done", "left"), [(3, 1), (1, 301), (2, 1)])
def test_what_does_not_follow_from_the_terms_is_refused(done, left):
    with pytest.raises(ValueError, match=r"helped already|out of reach"):
        cutting.cut(300, 3, done=done, left=left, chance=lambda _n: 0)
