"""Who may see an item of the mall: the audiences of campaigns, outside of any campaign."""

from datetime import timedelta

import pytest
from django.utils import translation
from pyroaring import BitMap

from members import profiling
from members.models import Level, Member
from rewards import admission
from segmentation import member_sets
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from tests.campaigns.scenes import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    silver = Level.objects.create(slug="silver", name="Silver", rank=1, growth_needed=1)
    Level.objects.create(slug="gold", name="Gold", rank=2, growth_needed=9)
    Level.objects.create(slug="plus", name="Plus", rank=3, kind="paid")
    member = Member.objects.create(uid="ann", level=silver)
    group = TagGroup.objects.create(slug="taste", name="Taste")
    for slug in ("milk", "tea"):
        tag = Tag.objects.create(group=group, slug=slug, name=slug)
        if slug == "milk":
            MemberTag.objects.create(member=member, tag=tag, source="hand", set_at=NOW)
    for slug, held in (("in", [member.pk]), ("out", [])):
        Segment.objects.create(slug=slug, name=slug, rule={}, members=member_sets.store(BitMap(held)))
    return member


def code(member, **audience):
    (answer,) = admission.refusals(member.pk, [audience], now=NOW)
    return answer and answer.code


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ({}, None),
        ({"levels": ["silver", "gold"]}, None),
        ({"levels": ["gold"]}, "level"),
        ({"tag_groups": ["taste"]}, None),
        ({"tags_any": ["taste.tea"]}, "tags_any"),
        ({"tags_all": ["taste.milk", "taste.tea"]}, "tags_all"),
        ({"tags_none": ["taste.milk"]}, "tags_none"),
        ({"segments_in": ["in"]}, None),
        ({"segments_in": ["out"]}, "segment_in"),
        ({"segments_not_in": ["in"]}, "segment_not_in"),
        ({"segments_not_in": ["out"]}, None),
    ],
)
def test_each_part_of_an_audience_admits_or_names_its_reason(ann, audience, expected):
    assert code(ann, **audience) == expected


def test_the_levels_that_it_is_for_are_named_in_their_order(ann):
    with translation.override("en"):
        (answer,) = admission.refusals(ann.pk, [{"levels": ["plus", "gold"]}], now=NOW)
    assert answer == admission.Locked("level", "For level Gold or Plus")


def test_who_refuses_profiling_gets_what_is_for_everyone(ann):
    profiling.refuse(ann, by=None, now=NOW)
    assert code(ann, segments_in=["in"]) == "profiling_refused"
    assert code(ann, segments_not_in=["in"]) is None


def test_what_cannot_be_read_admits_nobody(ann):
    assert code(ann, nonsense=1) == "locked"


def test_a_tag_that_has_run_out_is_not_carried(ann):
    MemberTag.objects.update(expires_at=NOW - timedelta(seconds=1))
    assert code(ann, tags_any=["taste.milk"]) == "tags_any"


def test_any_number_of_audiences_takes_the_same_queries(ann, django_assert_num_queries):
    audiences = [{"segments_in": ["in"], "levels": ["gold"]}, {"segments_in": ["out"]}, {}] * 30
    with django_assert_num_queries(3):  # facts, chunks of segments, names of levels
        answers = admission.refusals(ann.pk, audiences, now=NOW)
    assert [each and each.code for each in answers[:3]] == ["level", "segment_in", None]
    with django_assert_num_queries(0):
        assert admission.refusals(ann.pk, [{}] * 9, now=NOW) == [None] * 9


def test_without_anybody_who_reads_them_only_what_is_for_everyone_admits(ann, monkeypatch):
    monkeypatch.setattr(admission, "_gatekeepers", [])
    assert code(ann) is None
    assert code(ann, levels=["silver"]) == "locked"
    assert admission.faults({}) == []
    assert admission.faults({"levels": ["silver"]})
