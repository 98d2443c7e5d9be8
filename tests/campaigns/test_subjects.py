"""Facts are loaded in one query, whatever the number of campaigns and members."""

import pytest
from pyroaring import BitMap

from campaigns import pausing, playing, published, subjects
from campaigns.eligibility import TaskFacts, decide
from campaigns.refusals import Refusal
from segmentation import member_sets
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from tests.campaigns.scenes import DAY, NOW, RIGHT, chain, make_level, make_member, publish, task

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    """A member with a level, tags, one of which has expired, and a segment."""
    member = make_member(level=make_level("paid"))
    group = TagGroup.objects.create(slug="food", name="Food")
    for slug, expires_at in (("milk", None), ("tea", NOW + DAY), ("beer", NOW)):
        tag = Tag.objects.create(group=group, slug=slug, name=slug)
        MemberTag.objects.create(member=member, tag=tag, set_at=NOW - DAY, expires_at=expires_at)
    for slug, people in (("buyers", [member.pk]), ("lapsed", [member.pk + 1])):
        Segment.objects.create(slug=slug, name=slug, rule={}, members=member_sets.store(BitMap(people)))
    return member


def publish_whole():
    return publish(
        tasks=[task("one", reward={"score": 7, "chances": 2}), task("quiz", "quiz"), task("daily", period="daily")],
        chains=[chain("path", "one", "quiz", audience={"segments_in": ["buyers"], "segments_not_in": ["lapsed"]})],
    )


def test_everything_that_is_known_of_a_member_comes_in_one_query(ann, django_assert_num_queries):
    publish_whole()
    playing.submit(ann, "autumn", "one", {}, now=NOW)
    playing.submit(ann, "autumn", "daily", {}, now=NOW - DAY)
    playing.submit(ann, "autumn", "daily", {}, now=NOW)
    definition = published.definition_of("autumn")
    subjects.load_subject(ann, definition, now=NOW)

    with django_assert_num_queries(1):
        subject = subjects.load_subject(ann, definition, now=NOW)

    assert (subject.level, subject.tags) == ("paid", {"food.milk", "food.tea"})
    assert subject.segments == {"buyers"}
    assert (subject.score, subject.chances, subject.enrolled) == (7, 2, True)
    assert subject.chains == {"path": 1}
    assert subject.tasks == {
        "one": TaskFacts(1, {"streak": 1}, completed=True, rewarded=True, period="once"),
        "daily": TaskFacts(1, {"streak": 2}, completed=True, rewarded=True, period="2026-11-11"),
    }


def test_a_daily_task_of_yesterday_is_no_fact_of_today(ann):
    publish_whole()
    playing.submit(ann, "autumn", "daily", {}, now=NOW)
    definition = published.definition_of("autumn")

    assert subjects.load_subject(ann, definition, now=NOW + DAY).tasks == {}


def test_fifty_campaigns_are_one_query(ann, django_assert_num_queries):
    for number in range(50):
        publish(slug=f"campaign-{number}", audience={"segments_in": ["buyers"]} if number % 2 else {})
    playing.submit(ann, "campaign-3", "check-in", {}, now=NOW)
    subjects.load_running("ann", now=NOW)

    with django_assert_num_queries(1):
        definitions, facts = subjects.load_running("ann", now=NOW)

    assert len(definitions) == 50
    refusals = {decide(each, facts.for_campaign(each)).refusal for each in definitions}
    assert refusals == {None}
    assert list(facts.enrolments) == ["campaign-3"]
    with django_assert_num_queries(1):
        assert len(subjects.load_subjects(ann, definitions, now=NOW)) == 50


def test_many_members_are_one_query(ann, django_assert_num_queries):
    publish_whole()
    uids = [make_member(f"m{number}").uid for number in range(20)]
    definition = published.definition_of("autumn")
    subjects.load_members([*uids, "ann"], definition, now=NOW)

    with django_assert_num_queries(1):
        found = subjects.load_members([*uids, "ann", "nobody"], definition, now=NOW)

    assert set(found) == {*uids, "ann"}


def test_a_pause_and_a_new_revision_are_seen_by_the_next_query(ann):
    campaign = publish_whole()
    subjects.load_running("ann", now=NOW)

    pausing.pause(campaign, by=None, now=NOW)
    definitions, facts = subjects.load_running("ann", now=NOW)
    assert decide(definitions[0], facts.for_campaign(definitions[0])).refusal is Refusal.PAUSED

    pausing.resume(campaign, by=None, now=NOW)
    publish(tasks=[task("another")])
    definitions, _ = subjects.load_running("ann", now=NOW)
    assert [each.key for each in definitions[0].tasks] == ["another"]

    pausing.end(campaign, by=None, now=NOW)
    assert subjects.load_running("ann", now=NOW)[0] == ()


def test_a_stale_definition_still_sees_the_pause(ann):
    campaign = publish_whole()
    definition = published.definition_of("autumn")

    pausing.pause(campaign, by=None, now=NOW)

    assert decide(definition, subjects.load_subject(ann, definition, now=NOW)).refusal is Refusal.PAUSED


def test_an_unknown_uid_has_no_facts():
    publish()

    assert subjects.load_running("nobody", now=NOW) is None


def test_a_last_step_with_its_rewards_takes_few_queries(ann, django_assert_max_num_queries):
    publish_whole()
    playing.submit(ann, "autumn", "one", {}, now=NOW)

    with django_assert_max_num_queries(30):
        playing.submit(ann, "autumn", "quiz", RIGHT, now=NOW)
