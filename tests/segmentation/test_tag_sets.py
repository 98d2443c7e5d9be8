"""The set of a tag answers for everyone what its rows say, whatever has happened since it was stored."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Member, Touch
from segmentation import evaluation, member_sets, rules, tag_sets, tagging, world
from segmentation.models import MemberSet, MemberTag, Tag, TagGroup
from segmentation.tagging import Setter, Wanted, clear_expired, remove_each, set_each
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
HAND = Setter("hand")


@pytest.fixture
def ids() -> list[int]:
    return [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(5))]


@pytest.fixture
def tags() -> list[Tag]:
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=True)
    return [Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high")]


def leaf(operator: str, value: object = None) -> rules.Rule:
    clause = {"field": "tag.power", "operator": operator} | ({} if value is None else {"value": value})
    return rules.parse({"version": 1, "combinator": "and", "rules": [clause]})


LEAVES = [leaf("=", "low"), leaf("!=", "low"), leaf("in", ["low", "high"]), leaf("is_null"), leaf("is_not_null")]


def answers(now) -> list[list[int]]:
    return [list(evaluation.members_of(each, world.everyone(now=now))) for each in LEAVES]


def answers_of_rows(now, ids) -> list[list[int]]:
    """A world of the few reads the rows."""
    return [list(evaluation.members_of(each, world.only(ids, now=now))) for each in LEAVES]


steps = st.lists(
    st.tuples(
        st.sampled_from(["set", "set for a while", "remove", "clear", "refresh", "wait"]),
        st.integers(0, 4),
        st.integers(0, 1),
    ),
    max_size=14,
)


# Each step is a transaction of its own, as it is in life: the set is patched with those touched since.
@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_set_says_what_the_rows_say_after_any_changes(ids, tags, steps):
    MemberTag.objects.all().delete()
    Tag.objects.update(members=None, members_as_of="")
    now = NOW
    for what, member, number in steps:
        tag = tags[number]
        match what:
            case "set":
                set_each([Wanted(ids[member], tag)], by=HAND, now=now)
            case "set for a while":
                set_each([Wanted(ids[member], tag, now + timedelta(hours=2))], by=HAND, now=now)
            case "remove":
                remove_each([Wanted(ids[member], tag)], by=HAND, now=now)
            case "clear":
                clear_expired(now=now)
            case "refresh":
                tag_sets.refresh(now=now)
            case "wait":
                now += timedelta(hours=1)
        # Also of a moment to come: what expires until then is not carried then.
        for moment in (now, now + timedelta(hours=2)):
            assert answers(moment) == answers_of_rows(moment, ids)


def test_a_set_that_is_too_old_is_not_asked(ids, tags):
    set_each([Wanted(ids[0], tags[0])], by=HAND, now=NOW)
    tag_sets.refresh(now=NOW)
    Tag.objects.update(members_as_of="999999999:999999999:")
    set_each([Wanted(ids[1], tags[0])], by=HAND, now=NOW)
    assert answers(NOW) == answers_of_rows(NOW, ids)
    tag_sets.refresh(now=NOW)
    assert set(member_sets.load(Tag.objects.get(slug="low").members_id)) == {ids[0], ids[1]}


def test_the_set_is_asked_and_not_the_rows(ids, tags):
    """A test that cannot see the set would not see it go wrong."""
    set_each([Wanted(ids[0], tags[0])], by=HAND, now=NOW)
    tag_sets.refresh(now=NOW)
    Touch.objects.all().delete()
    MemberTag.objects.all().delete()  # past the one write path
    assert answers(NOW)[0] == [ids[0]]


@pytest.mark.django_db(transaction=True)
def test_of_committed_changes_only_those_since_the_set_are_looked_at(ids, tags, monkeypatch):
    low, high = tags
    set_each([Wanted(each, low, NOW + timedelta(hours=1)) for each in ids], by=HAND, now=NOW)
    tag_sets.refresh(now=NOW)
    set_each([Wanted(ids[0], high)], by=HAND, now=NOW)
    remove_each([Wanted(ids[1], low)], by=HAND, now=NOW)
    looked_at = []
    from_rows = tag_sets.from_rows
    monkeypatch.setattr(tag_sets, "from_rows", lambda tags, few: (looked_at.append(few.only), from_rows(tags, few))[1])
    assert answers(NOW)[0] == ids[2:]
    assert looked_at == [ids[:2]] * 8  # a tag twice, both thrice; never everyone
    assert answers(NOW + timedelta(hours=1)) == answers_of_rows(NOW + timedelta(hours=1), ids)
    clear_expired(now=NOW + timedelta(hours=1))
    tag_sets.refresh(now=NOW + timedelta(hours=1))
    assert [list(member_sets.load(each.members_id)) for each in Tag.objects.order_by("slug")] == [ids[:1], []]


def test_a_set_that_did_not_change_stays_and_one_that_did_replaces_it(ids, tags):
    set_each([Wanted(ids[0], tags[0])], by=HAND, now=NOW)
    assert tag_sets.refresh(now=NOW) == 2
    low, high = (tag.members_id for tag in Tag.objects.order_by("-slug"))
    set_each([Wanted(ids[1], tags[0])], by=HAND, now=NOW)
    assert tag_sets.refresh(now=NOW) == 1
    assert Tag.objects.get(slug="high").members_id == high
    assert Tag.objects.get(slug="low").members_id != low
    assert MemberSet.objects.count() == 2


def test_the_family_is_the_one_that_the_source_names(ids, tags):
    set_each([Wanted(ids[0], tags[0])], by=HAND, now=NOW)
    assert Touch.objects.get().family == tagging.FAMILY
