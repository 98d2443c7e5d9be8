"""What a member does in a campaign, and what it brings."""

from datetime import timedelta

import pytest

from campaigns import pausing, playing
from campaigns.eligibility import TaskState
from campaigns.models import ChainProgress, Completion, Enrolment
from campaigns.refusals import BadSubmission, Refusal, Refused
from members.uses import uses_of
from rewards.chances import chances_left
from rewards.ledger import balances
from segmentation import tagging
from segmentation.models import Tag, TagChange, TagGroup
from tests.campaigns.scenes import (
    CLOSES,
    DAY,
    NOW,
    OPENS,
    RIGHT,
    WRONG,
    chain,
    make_coupon,
    make_level,
    make_member,
    publish,
    task,
)

pytestmark = pytest.mark.django_db


def points(member):
    return balances(member.pk).get("points", 0)


def refusal_of(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.refusal


def test_a_check_in_completes_the_task_and_gives_its_reward():
    publish(tasks=[task("check-in", reward={"points": 10, "growth": 2, "chances": 1, "score": 5})])
    ann = make_member()

    moved = playing.submit(ann, "autumn", "check-in", {}, now=NOW)

    assert (moved.state, moved.completed, moved.reward.points, moved.result) == (
        TaskState.DONE,
        True,
        10,
        {"streak": 1},
    )
    assert balances(ann.pk) == {"points": 10, "growth": 2}
    assert chances_left(ann.pk, "campaign:autumn") == 1
    assert Enrolment.objects.get().score == 5


def test_who_takes_part_gets_the_tags_of_the_task_and_of_the_chain():
    group = TagGroup.objects.create(slug="fans", name="Fans")
    for slug in ("joined", "finished"):
        Tag.objects.create(group=group, slug=slug, name=slug, valid_days=30)
    tasks = [task("check-in", reward={"points": 10, "tag": "fans.joined"})]
    publish(tasks=tasks, chains=[chain("way", "check-in", reward={"chances": 1, "tag": "fans.finished"})])
    ann = make_member()

    playing.submit(ann, "autumn", "check-in", {}, now=NOW)

    told = TagChange.objects.order_by("pk").values_list("tag__slug", "action", "source", "set_by", "expires_at")
    until = NOW + timedelta(days=30)
    assert list(told) == [
        ("joined", "set", "participation", "autumn", until),
        ("finished", "set", "participation", "autumn", until),
    ]
    assert uses_of(("tag", "fans.joined"))
    Tag.objects.filter(slug="joined").update(rule={})
    ben = make_member("ben")
    playing.submit(ben, "autumn", "check-in", {}, now=NOW)
    assert points(ben) == 10
    assert [each.tag.slug for each in tagging.tags_of(ben.pk, now=NOW)] == ["finished"]


def test_a_task_is_done_once():
    publish()
    ann = make_member()
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)

    assert refusal_of(playing.submit, ann, "autumn", "check-in", {}, now=NOW) is Refusal.DONE
    assert points(ann) == 10


def test_a_daily_check_in_counts_days_in_a_row_by_the_sites_midnight():
    publish(tasks=[task("check-in", period="daily")])
    ann = make_member()
    midnight = NOW.replace(hour=16)  # 00:00 of the 12th in Shanghai

    streaks = [
        playing.submit(ann, "autumn", "check-in", {}, now=moment).result["streak"]
        for moment in (midnight - DAY / 24, midnight, midnight + DAY, midnight + 3 * DAY)
    ]

    assert streaks == [1, 2, 3, 1]
    assert list(Completion.objects.values_list("period", flat=True).order_by("id")) == [
        "2026-11-11",
        "2026-11-12",
        "2026-11-13",
        "2026-11-15",
    ]
    assert points(ann) == 40


def test_a_failed_quiz_may_be_repeated_and_keeps_its_best_score():
    publish(tasks=[task("quiz", "quiz")])
    ann = make_member()

    failed = playing.submit(ann, "autumn", "quiz", WRONG, now=NOW)
    passed = playing.submit(ann, "autumn", "quiz", {"q0": "1", "q1": "2"}, now=NOW)

    assert (failed.state, failed.count, failed.result["right"], failed.result["passed"]) == (
        TaskState.OPEN,
        1,
        1,
        False,
    )
    assert (passed.state, passed.count, passed.target) == (TaskState.DONE, 2, 2)


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({}, {"q0": "missing", "q1": "missing"}),
        ({"answers": [1]}, {"q1": "missing"}),
        ({"answers": [1, 3]}, {"q1": "not_a_choice"}),
        ({"answers": [-1, True]}, {"q0": "not_a_choice", "q1": "not_a_choice"}),
        ({"q0": "x", "q1": "2"}, {"q0": "not_a_choice"}),
        ({"answers": [1, 2, 0]}, {"answers": "not_a_choice"}),
    ],
)
def test_answers_that_are_none_are_refused_by_field(payload, fields):
    publish(tasks=[task("quiz", "quiz")])

    with pytest.raises(BadSubmission) as error:
        playing.submit(make_member(), "autumn", "quiz", payload, now=NOW)

    assert error.value.fields == fields


def test_a_reward_claimed_by_hand_is_given_at_the_claim_and_once():
    publish(tasks=[task("check-in", claim_mode="by_hand")])
    ann = make_member()

    assert refusal_of(playing.claim, ann, "autumn", "check-in", now=NOW) is Refusal.NOT_DONE
    assert playing.submit(ann, "autumn", "check-in", {}, now=NOW).state is TaskState.CLAIMABLE
    assert points(ann) == 0
    assert playing.claim(ann, "autumn", "check-in", now=NOW).reward.points == 10
    assert refusal_of(playing.claim, ann, "autumn", "check-in", now=NOW) is Refusal.DONE
    assert points(ann) == 10


def test_a_gift_without_codes_leaves_the_task_done_and_the_claim_open():
    make_coupon()
    publish(tasks=[task("check-in", reward={"points": 10, "gift": "coupon"})])
    ann = make_member()

    assert playing.submit(ann, "autumn", "check-in", {}, now=NOW).state is TaskState.CLAIMABLE
    assert refusal_of(playing.claim, ann, "autumn", "check-in", now=NOW) is Refusal.OUT_OF_GIFTS
    assert points(ann) == 0

    make_coupon("CODE")
    playing.claim(ann, "autumn", "check-in", now=NOW)

    assert points(ann) == 10
    assert ann.awards.get().coupon_code.code == "CODE"


def a_chain(**changes):
    tasks = [task("one"), task("two", "quiz"), task("three")]
    return {"tasks": tasks, "chains": [chain("path", "one", "two", "three", **changes)]}


def test_a_chain_opens_step_by_step_and_gives_its_reward_at_the_end():
    publish(**a_chain())
    ann = make_member()

    assert refusal_of(playing.submit, ann, "autumn", "two", RIGHT, now=NOW) is Refusal.STEP_LOCKED
    assert playing.submit(ann, "autumn", "one", {}, now=NOW).unlocked == "two"
    assert playing.submit(ann, "autumn", "two", RIGHT, now=NOW).unlocked == "three"
    last = playing.submit(ann, "autumn", "three", {}, now=NOW)

    assert last.chain_reward.chances == 1
    assert chances_left(ann.pk, "campaign:autumn") == 1
    assert list(ChainProgress.objects.order_by("step").values_list("step", "previous_step")) == [
        (1, None),
        (2, 1),
        (3, 2),
    ]


def test_a_chain_that_was_begun_stays_with_who_leaves_its_audience():
    new, grown = make_level("new", 1), make_level("grown", 2)
    publish(**a_chain(audience={"levels": ["new"]}))
    ann = make_member(level=new)
    playing.submit(ann, "autumn", "one", {}, now=NOW)
    ann.level = grown
    ann.save()

    playing.submit(ann, "autumn", "two", RIGHT, now=NOW)

    assert refusal_of(playing.submit, make_member("bob", level=grown), "autumn", "one", {}, now=NOW) is Refusal.LEVEL


def test_an_accepted_task_stays_with_who_leaves_its_audience():
    new, grown = make_level("new", 1), make_level("grown", 2)
    publish(tasks=[task("quiz", "quiz", audience={"levels": ["new"]})])
    ann, bob = make_member(level=new), make_member("bob", level=new)
    playing.accept(ann, "autumn", "quiz", now=NOW)
    for each in (ann, bob):
        each.level = grown
        each.save()

    assert playing.submit(ann, "autumn", "quiz", RIGHT, now=NOW).completed
    assert refusal_of(playing.submit, bob, "autumn", "quiz", RIGHT, now=NOW) is Refusal.LEVEL


def test_a_task_done_before_it_became_a_step_counts_as_that_step():
    campaign = publish(tasks=[task("one"), task("two", "quiz")])
    ann = make_member()
    playing.submit(ann, "autumn", "one", {}, now=NOW)
    publish(slug=campaign.slug, tasks=[task("one"), task("two", "quiz")], chains=[chain("path", "one", "two")])

    assert playing.submit(ann, "autumn", "two", RIGHT, now=NOW).chain_reward is not None


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [(OPENS - DAY / 24, Refusal.NOT_OPEN), (OPENS, None), (CLOSES - DAY / 24, None), (CLOSES, Refusal.CLOSED)],
)
def test_nobody_enters_outside_the_window(moment, refusal):
    publish()
    ann = make_member()

    if refusal is None:
        assert playing.enrol(ann, "autumn", now=moment).joined_at == moment
    else:
        assert refusal_of(playing.enrol, ann, "autumn", now=moment) is refusal
        assert not Enrolment.objects.exists()


def test_a_pause_takes_effect_at_once_and_ends_with_resuming():
    campaign = publish()
    ann = make_member()

    pausing.pause(campaign, by=None, now=NOW)
    assert refusal_of(playing.submit, ann, "autumn", "check-in", {}, now=NOW) is Refusal.PAUSED
    assert refusal_of(playing.enrol, ann, "autumn", now=NOW) is Refusal.PAUSED
    pausing.resume(campaign, by=None, now=NOW)
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    pausing.end(campaign, by=None, now=NOW)

    assert refusal_of(playing.submit, make_member("bob"), "autumn", "check-in", {}, now=NOW) is Refusal.CLOSED


def test_what_does_not_exist_is_refused_by_name():
    publish()
    ann = make_member()

    assert refusal_of(playing.submit, ann, "nothing", "check-in", {}, now=NOW) is Refusal.NOT_PUBLISHED
    assert refusal_of(playing.submit, ann, "autumn", "nothing", {}, now=NOW) is Refusal.NO_TASK
