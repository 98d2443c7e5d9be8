"""The books of levels notice what no path should let happen."""

import pytest
from django.db import connection

from members import standing
from members.level_books import INVARIANTS
from operations.books import count_violations
from tests.members.levels import new_member, short_ladder
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db

BREACHES = {
    "members: the level by growth is the one that growth reaches": (
        "UPDATE members_memberlevel SET growth_base = 90 WHERE growth = 120"
    ),
    "members: the level is the highest of those held": ("UPDATE members_member SET level_id = NULL WHERE uid = 'bob'"),
    "members: the history of levels ends at the level held": (
        "INSERT INTO members_levelchange (member_id, before_id, after_id, cause, reference, changed_at)"
        " SELECT id, level_id, NULL, 'growth', '', now() FROM members_member WHERE uid = 'ann'"
    ),
    "members: paid periods of a level follow each other without a gap": (
        "UPDATE members_paidperiod SET starts_at = starts_at + interval '1 hour' WHERE key = 'two'"
    ),
}


@pytest.fixture
def _standing():
    levels = short_ladder()
    ann, bob, _cid = new_member("ann"), new_member("bob"), new_member("cid")
    standing.follow_growth(ann.pk, growth=120, now=NOW, cause="growth")
    for key in ("one", "two"):
        standing.buy_level(bob, levels["plus"], key=key, order_id=key, now=NOW)


def violations():
    return {count.name: count.violations for count in count_violations() if count.name in INVARIANTS}


@pytest.mark.usefixtures("_standing")
def test_all_invariants_of_levels_are_registered_and_hold():
    assert violations() == dict.fromkeys(INVARIANTS, 0)
    assert set(BREACHES) == set(INVARIANTS)


@pytest.mark.usefixtures("_standing")
@pytest.mark.parametrize("name", BREACHES)
def test_each_invariant_of_levels_notices_its_breach(name):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(BREACHES[name])
    assert violations()[name] == 1
