"""Fixtures that the tests of rewards share."""

import pytest

from tests.rewards.two_people import desk_of, olga, rei


@pytest.fixture
def asker():
    return olga()


@pytest.fixture
def reviewer():
    return rei()


@pytest.fixture
def desk(asker):
    return desk_of(asker)
