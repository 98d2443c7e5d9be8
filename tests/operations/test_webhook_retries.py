"""When webhooks are tried again. What an endpoint asks for is heeded, but not without end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.webhook_retries import (
    LONGEST_WAIT,
    TRIED_FOR,
    asked_wait,
    delay_after,
    next_try,
    rest_after,
)
from tests.operations.conftest import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_delays_grow_and_stay_at_twelve_hours():
    delays = [delay_after(number, chance=0) for number in range(1, 12)]
    assert delays[:3] == [timedelta(seconds=5), timedelta(seconds=30), 2 * MINUTE]
    assert delays[8:] == [12 * HOUR] * 3
    assert delays == sorted(delays)


def test_chance_adds_up_to_a_fifth():
    assert delay_after(4, chance=1) == 12 * MINUTE
    assert delay_after(4, chance=0.5) == 11 * MINUTE


def test_a_delivery_is_tried_for_three_days_and_the_last_time_at_their_end():
    now, times = NOON, [NOON]
    while (due := next_try(len(times), first=NOON, now=now, chance=0)) is not None:
        times.append(due)
        now = due
    assert times[-1] == NOON + TRIED_FOR
    assert len(times) == 15
    assert next_try(2, first=NOON, now=NOON + TRIED_FOR - timedelta(seconds=1), chance=1) == NOON + TRIED_FOR


def test_what_the_receiver_asks_for_makes_it_later_and_never_earlier():
    assert next_try(1, first=NOON, now=NOON, chance=0, wait=HOUR) == NOON + HOUR
    assert next_try(9, first=NOON, now=NOON, chance=0, wait=HOUR) == NOON + 12 * HOUR


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (429, "120", 2 * MINUTE),
        (503, "0", timedelta(0)),
        (503, "999999999999999999", LONGEST_WAIT),
        (429, "Sat, 21 Nov 2026 12:05:00 GMT", 5 * MINUTE),
        (429, "Sat, 21 Nov 2026 12:05:00 -0000", 5 * MINUTE),
        (429, "Sat, 21 Nov 2026 11:05:00 GMT", timedelta(0)),
        (429, "Fri, 01 Jan 2100 00:00:00 GMT", LONGEST_WAIT),
        (429, "soon", timedelta(0)),
        (429, "-5", timedelta(0)),
        (429, "Wed, 21 Oct 99999999999999999999 07:28:00 GMT", timedelta(0)),
        (429, "Wed, 21 Oct 2026 99999999999999999999:28:00 GMT", timedelta(0)),
        (429, "Wed, 21 Oct 2026 07:28:00 +99999999999999999999", timedelta(0)),
        (429, "１２０", timedelta(0)),
        (429, "", timedelta(0)),
        (500, "120", timedelta(0)),
        (None, "120", timedelta(0)),
    ],
)
def test_retry_after_is_heeded_where_it_means_something(status, header, wait):
    assert asked_wait(status, header, now=NOON) == wait


PIECES = ["Wed,", "21", "Oct", "2026", "07:28:00", "GMT", "9" * 20, "+" + "9" * 20, "-9999", "0001", ":", "."]


@given(st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map(" ".join))
def test_whatever_a_receiver_answers_is_some_wait(header):
    assert timedelta(0) <= asked_wait(503, header, now=NOON) <= LONGEST_WAIT


def test_an_endpoint_rests_half_as_long_as_it_has_failed_from_a_second_to_ten_minutes():
    assert rest_after(timedelta(0)) == timedelta(seconds=1)
    assert rest_after(MINUTE) == MINUTE / 2
    assert rest_after(TRIED_FOR) == 10 * MINUTE


def test_a_dead_endpoint_is_tried_some_hundreds_of_times_before_it_goes_off():
    failing, tries = timedelta(0), 0
    while failing < TRIED_FOR:
        failing += rest_after(failing)
        tries += 1
    assert 400 < tries < 500
