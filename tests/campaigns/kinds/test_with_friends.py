"""Tasks among friends: invite, assist, bargain and team, as stories tell them."""

import pytest

from tests.campaigns.story import name_of, play, stories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "story", [story for kind in ("invite", "assist", "bargain", "team") for story in stories(kind)], ids=name_of
)
def test_a_task_among_friends_moves_as_the_story_tells(story):
    play(story)
