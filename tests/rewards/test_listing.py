"""White and black lists: who is put on one and taken off is on record with the reason; nobody wins because of one."""

import pytest

from members import erasing
from operations.models import AuditRecord
from rewards import listing
from rewards.drawing import draw
from rewards.models import CatalogueEdition, Draw, PoolListing
from tests.rewards.build import NOW, SCOPE, gift, members, pool, published, with_chances

pytestmark = pytest.mark.django_db


def put(draft, *uids, kind="black", prize="", reason="Staff"):
    return listing.list_members(draft, uids, kind=kind, prize=prize, reason=reason, by=None, now=NOW)


def test_known_members_are_listed_once_and_unknown_uids_are_named():
    members(3)
    draft = pool()
    assert put(draft, "m0", "m1", "m1", "ufo") == listing.Listed(added=2, already=0, unknown=("ufo",))
    assert put(draft, "m1", "m2") == listing.Listed(added=1, already=1, unknown=())
    assert PoolListing.objects.count() == 3


def test_each_addition_and_removal_is_on_record_with_its_reason_and_without_the_uid():
    (member,) = members(1)
    put(pool(), "m0", prize="gold", kind="white", reason="Members' day")
    listing.unlist(PoolListing.objects.all(), reason="The day is over", by=None, now=NOW)
    added, removed = AuditRecord.objects.order_by("id")
    assert (added.action, added.reason) == ("pool_listing.added", "Members' day")
    assert added.changes == {"member": [None, f"member #{member.pk}"], "list": [None, "wheel gold white"]}
    assert (removed.action, removed.reason) == ("pool_listing.removed", "The day is over")
    assert not PoolListing.objects.exists()


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nobody_is_listed_or_taken_off(reason):
    members(1)
    with pytest.raises(ValueError, match="reason"):
        put(pool(), "m0", reason=reason)
    with pytest.raises(ValueError, match="reason"):
        listing.unlist([], reason=reason, by=None, now=NOW)


@pytest.mark.parametrize(
    ("kind", "wins", "why"), [("black", ["thanks", "gold"], "black_list"), ("white", ["gold", "thanks"], "not_listed")]
)
def test_a_list_keeps_from_winning_and_never_makes_a_winner(kind, wins, why):
    people = with_chances(2, each=2)
    version = published((gift("gold"), 10, None), consolation=(gift("thanks"), 999_990))
    put(version.pool, "m0", kind=kind)
    for number, roll in enumerate([0, 999_999]):
        for member in people:
            draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=roll, now=NOW)
    assert list(Draw.objects.filter(roll=0).order_by("member").values_list("prize", flat=True)) == wins
    assert set(Draw.objects.filter(roll=999_999).values_list("prize", "fallback")) == {("thanks", "")}
    assert set(Draw.objects.exclude(fallback="").values_list("fallback", flat=True)) == {why}


def test_an_erasure_moves_the_catalogue_on_only_where_the_member_was_on_a_list():
    first, second = members(2)
    put(pool(), "m1")
    before = CatalogueEdition.objects.get().edition
    erasing.erase(first.pk, by=None, reason="asked for", now=NOW)
    assert CatalogueEdition.objects.get().edition == before
    erasing.erase(second.pk, by=None, reason="asked for", now=NOW)
    assert CatalogueEdition.objects.get().edition > before
