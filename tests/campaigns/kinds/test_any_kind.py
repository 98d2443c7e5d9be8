"""Periods, quotas, claim modes, deadlines, chains and places: the same for every kind of task."""

import pytest

from tests.campaigns.story import name_of, play, stories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("story", stories("any_kind"), ids=name_of)
def test_a_task_moves_as_the_story_tells(story):
    play(story)
