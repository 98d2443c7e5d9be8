"""How long money lasts: the borders of each verdict, the hours of a day, and the range."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.burning import HOURS, Outlook, Verdict, after_days, days_between, outlook

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 21, 12, tzinfo=ZONE)
FAR = NOON + timedelta(days=365)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=ZONE)
EVEN = (1 / HOURS,) * HOURS


def evenly(days: int, cents_an_hour: int, *, now: datetime = NOON) -> dict[datetime, int]:
    """So much in each hour of the whole days before today and of today until now."""
    start = now.replace(hour=0) - timedelta(days=days)
    hours = days * HOURS + now.hour
    return {start + timedelta(hours=number): cents_an_hour for number in range(hours)}


def daily(*cents: int, hour: int = 20) -> dict[datetime, int]:
    """So much at one hour of each of the days before today, yesterday last."""
    start = NOON.replace(hour=hour) - timedelta(days=len(cents))
    return {start + timedelta(days=number): each for number, each in enumerate(cents)}


CASES = {
    "nothing left": (evenly(7, 100), 0, FAR, Verdict.SPENT, None),
    "more was promised than there was": (evenly(7, 100), -500, FAR, Verdict.SPENT, None),
    "nothing was ever spent": ({}, 10_000, FAR, Verdict.IDLE, None),
    "nothing was spent for more than two weeks": (
        {NOON - timedelta(days=20): 500}, 10_000, FAR, Verdict.IDLE, None,
    ),
    "2,400 a day and 2,400 left: tomorrow at noon": (
        evenly(7, 100), 2_400, FAR, Verdict.RUNS_OUT, NOON + timedelta(days=1),
    ),
    "2,400 a day and 24,000 left: in ten days": (
        evenly(7, 100), 24_000, FAR, Verdict.RUNS_OUT, NOON + timedelta(days=10),
    ),
    "the end comes first": (evenly(7, 100), 24_000, NOON + timedelta(days=9), Verdict.LASTS, None),
    "today's money, 100 an hour, 800 left at noon: at 20:00": (
        evenly(7, 100), 800, MIDNIGHT, Verdict.RUNS_OUT, NOON.replace(hour=20),
    ),
    "today's money, 1,200 left at noon, is enough": (evenly(7, 100), 1_201, MIDNIGHT, Verdict.LASTS, None),
    "begun an hour ago, half is gone: in an hour": (
        {NOON - timedelta(hours=1): 5_000}, 5_000, MIDNIGHT, Verdict.RUNS_OUT, NOON + timedelta(hours=1),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spent", "left", "until", "verdict", "at"), CASES.values(), ids=CASES.keys())
def test_what_becomes_of_money(spent, left, until, verdict, at):
    found = outlook(spent, left=left, now=NOON, until=until)
    assert found.verdict == verdict
    if at is None:
        assert found.at is None
    else:
        assert abs(found.at - at) < timedelta(minutes=2)


def test_a_minute_after_the_first_spending_it_is_too_early_to_tell():
    begun = {NOON: 5_000}
    found = outlook(begun, left=5_000, now=NOON + timedelta(minutes=14), until=MIDNIGHT)
    assert found.verdict == Verdict.EARLY
    assert outlook(begun, left=5_000, now=NOON + timedelta(minutes=15), until=MIDNIGHT).verdict == Verdict.RUNS_OUT


def test_money_that_goes_in_the_evening_is_not_used_up_in_the_afternoon():
    in_the_evening = daily(*[1_000] * 9)
    found = outlook(in_the_evening, left=700, now=NOON, until=MIDNIGHT)
    assert found.verdict == Verdict.RUNS_OUT
    assert found.at.hour == 20


def test_even_in_an_hour_without_any_a_little_is_expected():
    """One even day is added to what was seen, so that no hour is quite without."""
    found = outlook(daily(*[1_000] * 9), left=10, now=NOON, until=MIDNIGHT)
    assert NOON < found.at < NOON.replace(hour=16)


def test_yesterday_counts_for_more_than_last_week():
    rising = outlook(daily(*range(100, 1_500, 100)), left=10_000, now=NOON, until=FAR)
    falling = outlook(daily(*range(1_400, 0, -100)), left=10_000, now=NOON, until=FAR)
    assert rising.rate > 750 > falling.rate
    assert rising.at < falling.at


def test_days_alike_give_a_narrow_range_and_days_that_vary_a_wide_one():
    alike = outlook(daily(*[1_000] * 12), left=10_000, now=NOON, until=FAR)
    varied = outlook(daily(*[500, 1_500] * 6), left=10_000, now=NOON, until=FAR)
    assert alike.earliest <= alike.at <= alike.latest
    assert varied.earliest < varied.at < varied.latest
    assert alike.latest - alike.earliest < timedelta(days=2) < varied.latest - varied.earliest


def test_two_days_are_too_few_for_a_range():
    found = outlook(daily(1_000, 900), left=10_000, now=NOON, until=FAR)
    assert (found.verdict, found.earliest, found.latest) == (Verdict.RUNS_OUT, None, None)


def test_what_lasts_says_how_much_will_be_left_and_when_it_might_run_out_all_the_same():
    found = outlook(daily(*[100, 1_900] * 6), left=12_000, now=NOON, until=NOON + timedelta(days=10))
    assert found.verdict == Verdict.LASTS
    assert 0 < found.left_then < 4_000
    assert NOON < found.earliest < found.until
    assert found.latest is None


def test_the_days_before_the_first_spending_do_not_slow_the_rate():
    found = outlook(evenly(2, 100), left=2_400, now=NOON, until=FAR)
    assert found.rate == 2_400


spendings = st.dictionaries(
    st.integers(0, 20 * HOURS).map(lambda hours: NOON - timedelta(hours=hours)), st.integers(0, 10**9), max_size=60
)


@given(spent=spendings, left=st.integers(-(10**12), 10**12), hours=st.integers(1, 24 * 400))
@settings(max_examples=300, deadline=None)
def test_whatever_was_spent_the_answer_is_in_order(spent, left, hours):
    until = NOON + timedelta(hours=hours)
    found = outlook(spent, left=left, now=NOON, until=until)
    assert isinstance(found, Outlook)
    assert (found.verdict == Verdict.RUNS_OUT) == (found.at is not None)
    moments = [each for each in (found.earliest, found.at, found.latest) if each is not None]
    assert moments == sorted(moments)
    late = timedelta(seconds=1)
    assert all(NOON <= each <= until + late for each in moments)
    assert found.left_then >= 0


@given(days=st.floats(0, 400), hour=st.integers(0, 23), peak=st.integers(0, 23))
@settings(max_examples=200, deadline=None)
def test_days_and_moments_are_each_others_inverse(days, hour, peak):
    shape = tuple(0.5 + 0.5 / 24 if each == peak else 0.5 / 24 for each in range(HOURS))
    start = NOON.replace(hour=hour, minute=17)
    assert days_between(start, after_days(start, days, shape), shape) == pytest.approx(days, abs=1e-6)


def test_an_even_day_goes_by_the_clock():
    assert after_days(NOON, 0.25, EVEN) == NOON.replace(hour=18)
