"""The count of an audience is the number of members whom the engine admits, whoever they are and whatever it asks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from campaigns import subjects
from campaigns.audience_counts import Reach, admitted, reach_of
from campaigns.definition import AUDIENCE_SETS, parse_audience
from campaigns.eligibility import Subject, refusal_by
from campaigns.kept_crowds import KeptCrowds
from campaigns.models import Campaign, Enrolment
from members.models import Member
from segmentation import member_sets, tag_sets, tagging, world
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from tests.campaigns.scenes import NOW, draft, make_level, make_member

pytestmark = pytest.mark.django_db
LEVELS = ["basic", "plus", "gold", "no-such"]
GROUPS = ["taste", "power", "no-such"]
TAGS = ["taste.milk", "taste.tea", "power.high", "power.low", "taste.no-such", "no-such.milk", "nodot"]
SEGMENTS = ["lapsed", "buyers", "empty", "not-computed", "no-such"]
OFFERED = {
    "levels": LEVELS,
    "tag_groups": GROUPS,
    "tags_any": TAGS,
    "tags_all": TAGS,
    "tags_none": TAGS,
    "segments_in": SEGMENTS,
    "segments_not_in": SEGMENTS,
}
AUDIENCES = st.fixed_dictionaries(
    {},
    optional={part: st.lists(st.sampled_from(keys), max_size=2, unique=True) for part, keys in OFFERED.items()}
    | {bound: st.sampled_from([0, 1, 50, 80, 2**31 - 1]) for bound in ("score_from", "score_below")},
)


@pytest.fixture
def campaign() -> Campaign:
    return draft()


@pytest.fixture
def living(campaign) -> list[Subject]:
    """Members of every mixture, refusers of profiling among them, as the engine knows them; one more is erased."""
    levels = [make_level(slug, rank) for rank, slug in enumerate(LEVELS[:3], 1)]
    people = [make_member(f"m-{number}", level=[*levels, None][number % 4]) for number in range(24)]
    ids = [person.pk for person in people]
    for group in GROUPS[:2]:
        TagGroup.objects.create(slug=group, name=group)
    for place, key in enumerate(TAGS[:4]):
        group, _, slug = key.partition(".")
        tag = Tag.objects.create(group=TagGroup.objects.get(slug=group), slug=slug, name=slug)
        until = NOW + timedelta(hours=1) if place % 2 else None
        tagging.set_tag(ids[place :: place + 2], tag, source=MemberTag.Source.HAND, now=NOW, expires_at=until)
    # One half of what was given is over at the moment that is asked about.
    MemberTag.objects.filter(member_id__in=ids[:8], expires_at__isnull=False).update(expires_at=NOW)
    for place, slug in enumerate(SEGMENTS[:3]):
        held = BitMap(ids[place :: place + 3] if slug != "empty" else ())
        Segment.objects.create(slug=slug, name=slug, rule={}, members=member_sets.store(held))
    Segment.objects.create(slug="not-computed", name="Not computed", rule={})
    Member.objects.filter(pk__in=ids[::5]).update(profiling_refused_at=NOW)
    Member.objects.filter(pk=ids[-1]).update(erased_at=NOW)
    scored = dict(zip(ids[:16], [0, 1, 50, 79, 80, 81, 2_000, 49] * 2, strict=True))
    for pk, score in scored.items():
        Enrolment.objects.create(campaign=campaign, member_id=pk, joined_at=NOW, score=score)
    people = [(pk, subjects.load_person(pk, SEGMENTS, now=NOW)) for pk in ids[:-1]]
    return [replace(subject, score=scored.get(pk, 0)) for pk, subject in people]


def by_the_engine(audience: Mapping[str, Any], living: Sequence[Subject]) -> set[int]:
    parsed = parse_audience(audience)
    return {subject.member_id for subject in living if refusal_by(parsed, subject) is None}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(audience=AUDIENCES)
def test_whom_the_sets_admit_the_engine_admits(campaign, living, audience):
    counted = admitted(parse_audience(audience), world.everyone(now=NOW), campaign_id=campaign.pk)

    assert set(counted) == by_the_engine(audience, living)


@pytest.mark.parametrize("part", AUDIENCE_SETS)
def test_each_part_counts_by_the_tags_stored_sets_too(campaign, living, part):
    tag_sets.refresh(now=NOW)

    for key in OFFERED[part]:
        counted = admitted(parse_audience({part: [key]}), world.everyone(now=NOW), campaign_id=campaign.pk)
        assert set(counted) == by_the_engine({part: [key]}, living), key


def test_an_audience_is_counted_within_the_campaign_s(living):
    reach = reach_of(parse_audience({"levels": ["plus"]}), around=parse_audience({}), now=NOW, clock=0)

    assert reach == Reach(6, 23, around=23, within=6)
    narrow = reach_of(parse_audience({}), around=parse_audience({"levels": ["plus", "gold"]}), now=NOW, clock=0)
    assert narrow == Reach(23, 23, around=12, within=12)


def test_a_kept_crowd_is_built_once_and_again_when_it_is_old():
    built = []
    kept = KeptCrowds(lasts=10)

    def build() -> BitMap:
        built.append(1)
        return BitMap([1])

    assert [set(kept.get("a", build, clock=clock)) for clock in (0, 9, 10, 11)] == [{1}] * 4
    assert len(built) == 2


def test_no_more_crowds_are_kept_than_there_is_room_for():
    kept = KeptCrowds(most=3)
    for number in range(9):
        kept.get(number, BitMap, clock=0)

    assert len(kept) == 3


def test_who_asks_for_another_crowd_does_not_wait_for_one_that_is_being_built():
    kept, begun, go_on = KeptCrowds(), Event(), Event()

    def slow() -> BitMap:
        begun.set()
        assert go_on.wait(5)
        return BitMap()

    builder = Thread(target=lambda: kept.get("slow", slow, clock=0))
    builder.start()
    assert begun.wait(5)
    assert set(kept.get("other", lambda: BitMap([2]), clock=0)) == {2}
    go_on.set()
    builder.join(5)
    assert not builder.is_alive()
