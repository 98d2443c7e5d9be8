"""Members' tags have one write path, and the database keeps an exclusive group to one tag."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from members.models import Member
from segmentation.models import MemberTag, Tag, TagGroup
from segmentation.tagging import Tagged, remove_tag, set_tag, tags_of
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids() -> list[int]:
    return [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(4))]


def tags(*, exclusive: bool) -> tuple[Tag, Tag]:
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=exclusive)
    low, high = (Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high"))
    return low, high


def carried() -> list[tuple[int, str]]:
    return list(MemberTag.objects.order_by("member", "tag__slug").values_list("member", "tag__slug"))


def test_a_tag_is_set_once(ids):
    low, _ = tags(exclusive=False)
    assert set_tag(ids[:2], low, source="hand", now=NOW) == Tagged(2, 0, 0)
    assert set_tag(ids[:3], low, source="api", now=NOW + timedelta(1)) == Tagged(1, 0, 2)
    assert MemberTag.objects.get(member=ids[0]).set_at == NOW


def test_another_expiry_is_an_update(ids):
    low, _ = tags(exclusive=False)
    set_tag(ids, low, source="hand", now=NOW)
    later = NOW + timedelta(days=3)
    assert set_tag(ids, low, source="hand", now=NOW, expires_at=later) == Tagged(0, 4, 0)
    assert set_tag(ids, low, source="hand", now=NOW, expires_at=later) == Tagged(0, 0, 4)


def test_tags_of_an_open_group_add_up(ids):
    low, high = tags(exclusive=False)
    set_tag(ids[:1], low, source="hand", now=NOW)
    set_tag(ids[:1], high, source="hand", now=NOW)
    assert carried() == [(ids[0], "high"), (ids[0], "low")]


def test_a_tag_of_an_exclusive_group_takes_the_place_of_the_other(ids):
    low, high = tags(exclusive=True)
    set_tag(ids[:2], low, source="hand", now=NOW)
    assert set_tag(ids[1:3], high, source="hand", now=NOW) == Tagged(1, 1, 0)
    assert carried() == [(ids[0], "low"), (ids[1], "high"), (ids[2], "high")]


def test_an_id_of_no_member_is_passed_over(ids):
    low, _ = tags(exclusive=True)
    assert set_tag([max(ids) + 99], low, source="hand", now=NOW) == Tagged(0, 0, 0)


def test_a_tag_is_removed(ids):
    low, high = tags(exclusive=False)
    set_tag(ids, low, source="hand", now=NOW)
    set_tag(ids, high, source="hand", now=NOW)
    assert remove_tag(ids[:2], low) == 2
    assert remove_tag(ids[:2], low) == 0
    assert len(carried()) == 6


def test_an_expired_tag_is_not_carried_any_more(ids):
    low, high = tags(exclusive=False)
    set_tag(ids, low, source="hand", now=NOW, expires_at=NOW + timedelta(hours=1))
    set_tag(ids, high, source="hand", now=NOW)
    assert [each.tag for each in tags_of(ids[0], now=NOW)] == [high, low]
    assert [each.tag for each in tags_of(ids[0], now=NOW + timedelta(hours=1))] == [high]


def test_the_database_refuses_a_second_tag_of_an_exclusive_group(ids):
    low, high = tags(exclusive=True)
    set_tag(ids, low, source="hand", now=NOW)
    with pytest.raises(IntegrityError, match="member_tag_exclusive"), transaction.atomic():
        MemberTag.objects.create(member_id=ids[0], tag=high, set_at=NOW)


def test_a_group_in_which_members_carry_two_tags_cannot_become_exclusive(ids):
    low, high = tags(exclusive=False)
    set_tag(ids, low, source="hand", now=NOW)
    set_tag(ids[:1], high, source="hand", now=NOW)
    with pytest.raises(IntegrityError, match="member_tag_exclusive"), transaction.atomic():
        TagGroup.objects.update(exclusive=True)
    remove_tag(ids, high)
    TagGroup.objects.update(exclusive=True)
    with pytest.raises(IntegrityError, match="member_tag_exclusive"), transaction.atomic():
        MemberTag.objects.create(member_id=ids[0], tag=high, set_at=NOW)
    TagGroup.objects.update(exclusive=False)
    MemberTag.objects.create(member_id=ids[0], tag=high, set_at=NOW)


def test_a_tag_stays_in_its_group():
    low, _ = tags(exclusive=True)
    other = TagGroup.objects.create(slug="other", name="Other")
    with pytest.raises(IntegrityError, match="stays in its group"), transaction.atomic():
        Tag.objects.filter(pk=low.pk).update(group=other)
