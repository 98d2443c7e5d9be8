"""Publishing: all faults at once, an immutable revision, and the states after it."""

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns import pausing, published, publishing
from campaigns.definition import as_json
from campaigns.models import Campaign, ChainStep, Revision
from campaigns.refusals import Refusal
from campaigns.wordings import WORDINGS
from operations.models import AuditRecord
from segmentation.models import MemberSet, Segment, Tag, TagGroup
from tests.campaigns.scenes import (
    CLOSES,
    DAY,
    NOW,
    OPENS,
    QUIZ,
    chain,
    draft,
    make_level,
    pool,
    publish,
    task,
)

pytestmark = pytest.mark.django_db


def codes(campaign, now=NOW):
    return [fault.code for fault in publishing.faults(campaign, now=now)]


def test_a_whole_draft_has_no_faults():
    make_level("paid")
    group = TagGroup.objects.create(slug="food", name="Food")
    Tag.objects.create(group=group, slug="milk", name="Milk")
    Segment.objects.create(slug="lapsed", name="Lapsed", rule={}, members=MemberSet.objects.create(size=0))
    audience = {"levels": ["paid"], "tag_groups": ["food"], "tags_any": ["food.milk"], "segments_in": ["lapsed"]}

    assert codes(draft(audience=audience)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closes_at": OPENS.isoformat()}, "window_reversed"),
        ({"closes_at": NOW.isoformat()}, "window_over"),
        ({"tasks": []}, "no_tasks"),
        ({"tasks": [task("quiz", "quiz", config={})]}, "config_invalid"),
        ({"chains": [chain("path")]}, "chain_empty"),
        ({"chains": [chain("a", "check-in"), chain("b", "check-in")]}, "task_in_two_steps"),
        ({"tasks": [task("one", reward={"chances": 1})], "pools": []}, "no_pool"),
        ({"pools": [pool("p", prizes=[])]}, "pool_no_prizes"),
        ({"audience": {"levels": ["gold"]}}, "level_unknown"),
        ({"audience": {"tag_groups": ["food"]}}, "tag_group_unknown"),
        ({"audience": {"tags_none": ["food.milk"]}}, "tag_unknown"),
        ({"audience": {"segments_in": ["lapsed"]}}, "segment_unknown"),
        ({"audience": {"score_from": 5, "score_below": 5}}, "audience_unreachable"),
        ({"pools": [pool("p", audience={"score_from": 5, "score_below": 5})]}, "pool_unreachable"),
        ({"audience": {"score_below": 5}, "pools": [pool("p", audience={"score_from": 5})]}, "pool_unreachable"),
        ({"pools": [pool("a"), pool("b", audience={"score_from": 80})]}, "pool_shadowed"),
    ],
)  # fmt: skip
def test_each_fault_is_found(changes, code):
    assert codes(draft(**changes)) == [code]


def test_a_segment_that_was_never_computed_is_a_fault_of_its_own():
    Segment.objects.create(slug="lapsed", name="Lapsed", rule={})

    assert codes(draft(audience={"segments_not_in": ["lapsed"]})) == ["segment_not_computed"]


def test_pools_from_narrow_to_wide_shadow_nothing():
    pools = [pool("top", audience={"score_from": 80}), pool("middle", audience={"score_from": 50}), pool("all")]

    assert codes(draft(pools=pools)) == []


def test_a_chain_with_a_missing_step_or_anothers_task_is_refused():
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one", "two")])
    other = draft(slug="other")
    ChainStep.objects.filter(number=2).update(number=3)
    ChainStep.objects.filter(number=1).update(task=other.tasks.get())

    assert codes(campaign) == ["chain_step_missing", "chain_step_foreign"]


def test_a_task_of_an_unknown_kind_and_an_unreadable_audience_are_faults():
    campaign = draft()
    campaign.tasks.update(kind="dance", audience={"colour": ["red"]})

    assert codes(campaign) == ["kind_unknown", "audience_invalid"]


@pytest.mark.parametrize(
    ("kind", "config", "place"),
    [
        ("checkin", {"days": 3}, "days"),
        ("quiz", {"questions": [], "pass": 1}, "questions"),
        ("quiz", {**QUIZ, "pass": 3}, "pass"),
        ("quiz", {**QUIZ, "pass": True}, "pass"),
        ("quiz", {**QUIZ, "time": 3}, "time"),
        ("quiz", {"questions": ["?"], "pass": 1}, "questions[0]"),
        ("quiz", {"questions": [{"text": "", "choices": ["a", "b"], "answer": 0}], "pass": 1}, "questions[0].text"),
        ("quiz", {"questions": [{"text": "?", "choices": ["a"], "answer": 0}], "pass": 1}, "questions[0].choices"),
        ("quiz", {"questions": [{"text": "?", "choices": ["a", "b"], "answer": 2}], "pass": 1}, "questions[0].answer"),
        ("purchase", {}, "orders"),
        ("purchase", {"orders": 1, "units": 1}, "orders"),
        ("purchase", {"orders": 0}, "orders"),
        ("purchase", {"orders": "1"}, "orders"),
        ("purchase", {"amount": "-1"}, "amount"),
        ("purchase", {"amount": "NaN"}, "amount"),
        ("purchase", {"amount": "0.001"}, "amount"),
        ("purchase", {"amount": 100}, "amount"),
        ("purchase", {"units": 1, "categories": []}, "categories"),
        ("purchase", {"units": 1, "skus": [3]}, "skus"),
        ("purchase", {"units": 1, "within_days": 0}, "within_days"),
        ("purchase", {"units": 1, "within_days": 2_000_000_000}, "within_days"),
    ],
)
def test_a_faulty_configuration_is_named_by_its_path(kind, config, place):
    (fault,) = publishing.faults(draft(tasks=[task("one", kind, config=config)]), now=NOW)

    assert fault.code == "config_invalid"
    assert place in fault.message


def test_publishing_is_refused_with_all_reasons_at_once():
    campaign = draft(closes_at=OPENS.isoformat(), tasks=[], audience={"levels": ["gold"]}, pools=[pool("p", prizes=[])])

    with pytest.raises(publishing.NotReady) as error:
        publishing.publish(campaign, by=None, now=NOW)

    assert [reason.code for reason in error.value.reasons] == [
        "window_reversed",
        "no_tasks",
        "pool_no_prizes",
        "level_unknown",
    ]
    assert not Revision.objects.exists()
    assert Campaign.objects.get().state == "draft"


def test_publishing_makes_a_revision_that_reads_back_as_the_draft(admin_user):
    campaign = draft(tasks=[task("one"), task("quiz", "quiz")], chains=[chain("path", "one", "quiz")])

    revision = publishing.publish(campaign, by=admin_user, now=NOW)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.current, revision.number) == ("live", revision, 1)
    definition = published.definition_of("autumn")
    assert as_json(definition) == revision.definition
    assert definition.by_key["quiz"].target == 2
    assert definition.chains[0].steps == ("one", "quiz")
    assert definition.pools[0].version_id == campaign.pools.get().pool.current_id
    record = AuditRecord.objects.get(action="campaign.published")
    assert (record.actor, record.changes) == (admin_user, {"revision": [None, 1]})


def test_an_unchanged_draft_returns_the_current_revision_and_a_changed_one_makes_the_next():
    campaign = publish()
    first = campaign.current

    assert publishing.publish(campaign, by=None, now=NOW) == first
    campaign.name = "Another name"
    campaign.save()
    second = publishing.publish(campaign, by=None, now=NOW)

    assert (second.number, published.definition_of("autumn").name) == (2, "Another name")


def test_participants_meet_the_revision_and_not_the_draft():
    campaign = publish()
    campaign.tasks.update(title="Changed")

    assert published.definition_of("autumn").tasks[0].title == "Task check-in"
    assert published.definition_of("nothing") is None


def test_a_published_definition_is_read_from_the_database_once(django_assert_num_queries):
    publish()
    published.definition_of("autumn")

    with django_assert_num_queries(1):
        published.definition_of("autumn")


@pytest.mark.parametrize("sql", ["UPDATE campaigns_revision SET number = 7", "DELETE FROM campaigns_revision"])
def test_the_database_refuses_to_change_a_revision(sql):
    publish()

    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_states_change_along_their_paths_only():
    campaign = draft()

    for change in (pausing.pause, pausing.resume, pausing.end):
        with pytest.raises(pausing.NotPossible):
            change(campaign, by=None, now=NOW)
    publishing.publish(campaign, by=None, now=NOW)
    with pytest.raises(pausing.NotPossible):
        pausing.resume(campaign, by=None, now=NOW)
    pausing.pause(campaign, by=None, now=NOW)
    campaign.refresh_from_db()
    campaign.name = "Another name"
    campaign.save()
    publishing.publish(campaign, by=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == "paused"
    pausing.end(campaign, by=None, now=NOW)
    campaign.refresh_from_db()
    assert codes(campaign) == ["ended"]
    audited = AuditRecord.objects.filter(target_type="campaigns.campaign").order_by("id")
    assert list(audited.values_list("action", flat=True)) == [
        "campaign.loaded",
        "campaign.published",
        "campaign.paused",
        "campaign.published",
        "campaign.ended",
    ]


def test_every_refusal_has_its_words():
    assert set(WORDINGS) == set(Refusal)
    assert all(str(words) for words in WORDINGS.values())


def test_the_window_borders_of_publishing():
    campaign = draft()

    assert codes(campaign, now=CLOSES - DAY) == []
    assert codes(campaign, now=CLOSES) == ["window_over"]


@pytest.mark.parametrize(
    ("kind", "config", "period"), [("profile", {"parts": ["name"]}, "daily"), ("login", {}, "times")]
)
def test_what_stays_true_is_not_done_again_by_itself(kind, config, period):
    times = {"times": 3} if period == "times" else {}
    campaign = draft(tasks=[task("again", kind, config=config, period=period, **times)])
    assert codes(campaign) == ["period_unfit"]
