"""Members' tags have one write path, and the database keeps an exclusive group to one tag."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from members import touches
from members.models import Member, Touch
from segmentation.models import MemberTag, Tag, TagChange, TagGroup
from segmentation.tagging import (
    FAMILY,
    Setter,
    Tagged,
    TagRefused,
    Wanted,
    clear_expired,
    remove_tag,
    set_each,
    set_tag,
    tags_of,
)
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


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
    assert remove_tag(ids[:2], low, source="hand", now=NOW) == 2
    assert remove_tag(ids[:2], low, source="hand", now=NOW) == 0
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
    remove_tag(ids, high, source="hand", now=NOW)
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


def history(member_id: int) -> list[tuple[str, str, str, str]]:
    lines = TagChange.objects.filter(member=member_id).order_by("pk")
    return [(each.tag.slug, each.action, each.source, each.set_by) for each in lines.select_related("tag")]


def test_each_change_leaves_a_line_that_says_who_and_until_when(ids):
    low, high = tags(exclusive=True)
    later = NOW + timedelta(days=9)
    set_tag(ids[:1], low, source="import", now=NOW, set_by="a.csv")
    set_tag(ids[:1], low, source="import", now=NOW, set_by="a.csv")
    set_tag(ids[:1], low, source="api", now=NOW, set_by="crm", expires_at=later)
    set_tag(ids[:1], high, source="hand", now=NOW, set_by="olga")
    remove_tag(ids[:1], high, source="hand", now=NOW, set_by="otto")
    assert history(ids[0]) == [
        ("low", "set", "import", "a.csv"),
        ("low", "changed", "api", "crm"),
        ("low", "replaced", "hand", "olga"),
        ("high", "set", "hand", "olga"),
        ("high", "removed", "hand", "otto"),
    ]
    assert list(TagChange.objects.order_by("pk").values_list("expires_at", flat=True)) == [
        None,
        later,
        later,
        None,
        None,
    ]
    assert not MemberTag.objects.exists()


def test_a_tag_is_valid_for_its_own_days_where_no_time_is_named(ids):
    low, high = tags(exclusive=False)
    low.valid_days = 30
    set_tag(ids[:1], low, source="hand", now=NOW)
    set_tag(ids[1:2], low, source="hand", now=NOW, expires_at=NOW + timedelta(days=1))
    set_tag(ids[:1], high, source="hand", now=NOW)
    until = MemberTag.objects.order_by("tag__slug", "member").values_list("expires_at", flat=True)
    assert list(until) == [None, NOW + timedelta(days=30), NOW + timedelta(days=1)]


@pytest.mark.django_db(transaction=True)  # what was touched is told of other transactions than the one that asks
def test_an_expired_tag_is_cleared_with_a_line_of_the_moment_it_expired(ids):
    low, high = tags(exclusive=False)
    over = NOW + timedelta(hours=1)
    set_tag(ids[:2], low, source="api", now=NOW, set_by="crm", expires_at=over)
    set_tag(ids[:2], high, source="api", now=NOW, set_by="crm", expires_at=over + timedelta(microseconds=1))
    before = touches.state()
    assert clear_expired(now=over) == 2
    assert clear_expired(now=over) == 0
    assert carried() == [(ids[0], "high"), (ids[1], "high")]
    line = TagChange.objects.get(member=ids[0], action="expired")
    assert (line.at, line.source, line.set_by) == (over, "api", "crm")
    assert sorted(touches.touched_since(before, {FAMILY}) or []) == ids[:2]


def test_a_tag_set_again_after_its_time_counts_as_new_and_was_not_replaced(ids):
    low, high = tags(exclusive=True)
    set_tag(ids[:1], low, source="hand", now=NOW, expires_at=NOW + timedelta(hours=1))
    assert set_tag(ids[:1], high, source="hand", now=NOW + timedelta(hours=2)) == Tagged(1, 0, 0)
    assert [(slug, action) for slug, action, _source, _by in history(ids[0])] == [
        ("low", "set"),
        ("low", "expired"),
        ("high", "set"),
    ]


def test_only_members_whose_tags_change_are_touched(ids):
    low, _high = tags(exclusive=False)
    set_tag(ids[:1], low, source="hand", now=NOW)
    for _ in range(2):
        set_tag(ids, low, source="hand", now=NOW)
    assert list(Touch.objects.order_by("pk").values_list("family", "member_ids")) == [
        (FAMILY, ids[:1]),
        (FAMILY, ids[1:]),
    ]


def test_of_two_wanted_tags_that_exclude_each_other_the_later_holds(ids):
    low, high = tags(exclusive=True)
    wanted = [Wanted(ids[0], high), Wanted(ids[0], low), Wanted(ids[1], high)]
    assert set_each(wanted, by=Setter("api", "crm"), now=NOW) == Tagged(2, 0, 0)
    assert carried() == [(ids[0], "low"), (ids[1], "high")]


def test_a_tag_by_rule_is_set_by_nobody_else(ids):
    low, _high = tags(exclusive=False)
    low.rule = {}
    for change in (set_tag, remove_tag):
        with pytest.raises(TagRefused, match="follows its rule"):
            change(ids, low, source="hand", now=NOW)
    assert set_tag(ids, low, source="rule", now=NOW) == Tagged(4, 0, 0)


def test_an_erased_member_gets_no_tag(ids):
    low, _high = tags(exclusive=False)
    Member.objects.filter(pk=ids[0]).update(erased_at=NOW)
    assert set_tag(ids[:2], low, source="hand", now=NOW) == Tagged(1, 0, 0)


@pytest.mark.parametrize("exclusive", [True, False])
def test_thousands_of_members_take_as_many_statements_as_one(django_assert_num_queries, exclusive):
    many = [each.pk for each in Member.objects.bulk_create(Member(uid=f"m{n}") for n in range(3000))]
    low, high = tags(exclusive=exclusive)
    for few in (many[:1], many):
        with django_assert_num_queries(8):  # two of them are the savepoint's
            set_each([Wanted(each, low if each % 2 else high) for each in few], by=Setter("api"), now=NOW)
    assert len(carried()) == 3000
