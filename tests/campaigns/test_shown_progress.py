"""Progress is counted in whole numbers and shown as people read it."""

import pytest

from campaigns import kinds


@pytest.mark.parametrize(
    ("config", "count", "shown"),
    [
        ({"amount": "60"}, 6000, "60"),
        ({"amount": "60"}, 1590, "15.90"),
        ({"amount": "60"}, 5, "0.05"),
        ({"orders": 3}, 2, "2"),
        ({"units": 300}, 150, "150"),
    ],
)
def test_an_amount_is_shown_in_money_and_a_number_as_it_is(config, count, shown):
    assert kinds.find("purchase").show(config, count) == shown


def test_a_check_in_shows_its_count():
    assert kinds.find("checkin").show({}, 1) == "1"
