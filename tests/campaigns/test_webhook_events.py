"""Webhooks tell who takes part, what they have done, and that they were given what it brings."""

import pytest
from django.contrib.auth.models import User

from campaigns import held_rewards, playing
from campaigns.entering import Origin
from campaigns.refusals import Refused
from operations.models import WebhookEvent
from tests.campaigns.scenes import DAY, NOW, make_member, publish, task
from tests.listening import kinds_told, listen, told

pytestmark = pytest.mark.django_db
TASKS = ("task.completed", "task.rewarded")


@pytest.fixture
def ann():
    return make_member()


def submit(member, key="check-in", now=NOW, origin=None):
    return playing.submit(member, "autumn", key, {}, now=now, origin=origin)


def test_the_first_move_enters_the_campaign_once(ann):
    publish(tasks=[task("one"), task("two")])
    listen("campaign.entered")
    submit(ann, "one")
    submit(ann, "two")
    assert told() == [("campaign.entered", {"uid": "ann", "campaign": "autumn"})]
    assert WebhookEvent.objects.get().occurred_at == NOW


def test_a_task_with_a_reward_at_once_is_completed_and_rewarded_in_this_order(ann):
    publish(tasks=[task("check-in", period="daily")])
    listen()
    submit(ann)
    assert kinds_told() == ["campaign.entered", "task.completed", "task.rewarded", "points.changed"]
    done = {"uid": "ann", "campaign": "autumn", "task": "check-in", "period": "2026-11-11"}
    assert told(*TASKS) == [("task.completed", done | {"held": False}), ("task.rewarded", done)]


def test_a_reward_that_is_claimed_is_told_when_it_is(ann):
    publish(tasks=[task("check-in", claim_mode="by_hand")])
    listen(*TASKS)
    submit(ann)
    assert kinds_told() == ["task.completed"]
    playing.claim(ann, "autumn", "check-in", now=NOW + DAY)
    assert kinds_told() == ["task.completed", "task.rewarded"]
    assert list(WebhookEvent.objects.order_by("id").values_list("occurred_at", flat=True)) == [NOW, NOW + DAY]


def test_a_reward_held_back_is_told_so_and_told_again_once_it_is_released():
    publish(tasks=[task("check-in")])
    listen(*TASKS)
    for number in range(4):
        submit(make_member(f"m{number}"), origin=Origin("tablet", "shop"))
    assert [data["held"] for _kind, data in told("task.completed")] == [False, False, False, True]
    assert len(told("task.rewarded")) == 3
    reviewer = User.objects.create_superuser("reviewer")
    held_rewards.release(held_rewards.waiting().get().pk, reason="looked at", by=reviewer, now=NOW + DAY)
    assert [data["uid"] for _kind, data in told("task.rewarded")] == ["m0", "m1", "m2", "m3"]


def test_a_move_that_is_refused_tells_nothing(ann):
    publish(tasks=[task("check-in")])
    submit(ann)
    listen()
    with pytest.raises(Refused):
        submit(ann)
    assert kinds_told() == []


def test_a_draw_in_a_campaign_names_it(ann):
    publish(tasks=[task("check-in", reward={"chances": 1})])
    submit(ann)
    listen("draw.made", "award.granted")
    playing.draw("ann", "autumn", request_key="a", roll=0, now=NOW)
    assert [(kind, data["campaign"]) for kind, data in told()] == [("award.granted", "autumn"), ("draw.made", "autumn")]
