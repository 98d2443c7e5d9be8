"""The stories of the kinds that bring members by, of profiles, pages to browse and paid levels."""

import pytest

from tests.campaigns.story import name_of, play, stories

pytestmark = pytest.mark.django_db

KINDS = ("checkin", "login", "gift_pack", "points_draw", "browse", "profile", "paid_level", "purchase")


@pytest.mark.parametrize("story", [each for kind in KINDS for each in stories(kind)], ids=name_of)
def test_the_story_comes_out_as_told(story):
    play(story)
