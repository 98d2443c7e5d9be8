"""Days in a row and the bonuses they reach: whatever is missed and made up, no day counts twice for one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.streaks import DAY, Bonuses, Mark, as_data, from_data, mark_after, mend

FIRST = date(2026, 11, 1)
ROUNDS = Bonuses((3, 7), repeat=True)
ONCE = Bonuses((3, 7))


def day(number):
    return FIRST + (number - 1) * DAY


def checked_in(marks, number, bonuses):
    """The member checks in on a day after all others."""
    last = max(marks, default=None)
    earlier = marks[last] if last else None
    if earlier and last + DAY != day(number):
        earlier = Mark(0, given=earlier.given)
    marks[day(number)] = mark_after(earlier, day(number), bonuses)
    return marks[day(number)]


def done(numbers, bonuses):
    marks = {}
    for number in numbers:
        checked_in(marks, number, bonuses)
    return marks


def bonuses_of(marks):
    return sorted((on, each) for on, mark in marks.items() for each in (mark.bonus, *mark.mended) if each)


def test_a_bonus_is_reached_on_its_day_and_a_round_begins_again_after_the_longest():
    assert bonuses_of(done(range(1, 11), ROUNDS)) == [(day(3), 3), (day(7), 7), (day(10), 3)]


def test_without_repeating_each_bonus_is_reached_once_in_the_campaign():
    assert bonuses_of(done([1, 2, 3, 5, 6, 7, 8, 9, 10, 11], ONCE)) == [(day(3), 3), (day(11), 7)]


def test_a_missed_day_breaks_the_row():
    marks = done([1, 2, 4, 5], ROUNDS)

    assert [marks[on].streak for on in sorted(marks)] == [1, 2, 1, 2]
    assert bonuses_of(marks) == []


def test_a_made_up_day_joins_two_rows_and_brings_what_they_reach_together():
    marks = done([1, 2, 4, 5, 6, 7], ROUNDS)
    assert bonuses_of(marks) == [(day(6), 3)]

    mended = mend(marks, day(3), ROUNDS)

    assert {on.day: mark.streak for on, mark in mended.marks.items()} == {3: 3, 4: 4, 5: 5, 6: 6, 7: 7}
    assert mended.marks[day(3)].bonus == 3
    assert mended.bonuses == ((7, day(7)),)


def test_a_made_up_day_gives_no_second_bonus_for_days_that_had_theirs():
    marks = done([1, 2, 3, 4, 5, 6, 8, 9, 10], ROUNDS)

    marks |= mend(marks, day(7), ROUNDS).marks
    checked_in(marks, 11, ROUNDS)

    assert bonuses_of(marks) == [(day(3), 3), (day(7), 7), (day(10), 3)]
    assert marks[day(11)].streak == 11


def test_a_made_up_day_after_which_nothing_was_done_is_the_last_of_its_row():
    marks = done([1, 2], ROUNDS)

    marks |= mend(marks, day(3), ROUNDS).marks

    assert marks[day(3)] == Mark(3, 3, given={3: day(3)})
    assert checked_in(marks, 4, ROUNDS).streak == 4


@pytest.mark.parametrize("mark", [Mark(1), Mark(7, 7, (3,), {3: day(4), 7: day(7)})])
def test_a_mark_is_kept_and_read_as_it_was(mark):
    assert from_data(as_data(mark)) == mark


@given(
    attended=st.sets(st.integers(1, 30), min_size=1),
    made_up=st.permutations(range(1, 31)),
    most=st.integers(0, 8),
    bonuses=st.sampled_from([ROUNDS, ONCE, Bonuses((1,), repeat=True), Bonuses((2, 5, 6), repeat=True)]),
)
def test_no_day_counts_twice_for_a_bonus_whatever_is_made_up(attended, made_up, most, bonuses):
    marks = done(sorted(attended), bonuses)
    before = set(bonuses_of(marks))
    for number in [each for each in made_up if each not in attended][:most]:
        mended = mend(marks, day(number), bonuses)
        assert all(marks[on].bonus == mark.bonus for on, mark in mended.marks.items() if on in marks)
        marks |= mended.marks
    checked_in(marks, 31, bonuses)

    reached = bonuses_of(marks)
    assert before <= set(reached)
    for bonus in bonuses.days:
        used = [on - back * DAY for on, each in reached if each == bonus for back in range(bonus)]
        assert len(used) == len(set(used))
        if not bonuses.repeat:
            assert sum(each == bonus for _on, each in reached) <= 1
    for on in sorted(marks):
        assert marks[on].streak == (marks[on - DAY].streak if on - DAY in marks else 0) + 1
