"""What campaigns tell their members in the inbox, in the transaction of what they tell."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import translation

from campaigns import held_rewards, playing, submission_reviews, waiting_claims
from campaigns.models import Completion, Submission
from members.inbox_kinds import Words, words_of
from members.models import InboxMessage
from tests.campaigns import scenes
from tests.campaigns.friends import answer, link_of
from tests.campaigns.reviewers import user

pytestmark = pytest.mark.django_db

NOW = scenes.NOW


@pytest.fixture
def ann():
    return scenes.make_member("ann", name="Ann")


def messages():
    return [(each.kind, each.link) for each in InboxMessage.objects.order_by("pk")]


def words():
    message = InboxMessage.objects.get()
    with translation.override("en"):
        said = words_of(message.kind, message.params)
        return Words(str(said.title), str(said.text))


def handed_in(ann):
    scenes.publish(tasks=[scenes.task("photo", kind="proof", config={"text": "required"})])
    playing.enrol(ann, "autumn", now=NOW)
    enrolment = ann.enrolments.get()
    return enrolment.submissions.create(
        task_key="photo", period="once", way=Submission.Way.REVIEW, text="there", handed_in_at=NOW
    )


def test_a_refused_proof_tells_why_and_leads_to_the_task(ann):
    submission_reviews.refuse(handed_in(ann).pk, reason="Too dark", by=None, now=NOW)
    assert messages() == [("proof.refused", "/h5/c/autumn/t/photo/")]
    assert "Too dark." in words().text


def test_an_approved_proof_is_told(ann):
    submission_reviews.approve(handed_in(ann).pk, by=None, now=NOW)
    assert messages() == [("proof.approved", "/h5/c/autumn/t/photo/")]


def test_a_reward_that_is_held_and_then_released_or_refused_is_told(ann):
    scenes.publish(tasks=[scenes.task("one"), scenes.task("two")])
    for key in ("one", "two"):
        playing.submit(ann, "autumn", key, {}, now=NOW)
    reviewer = user("rita")
    reviewer.user_permissions.add(Permission.objects.get(codename="review_completions"))
    Completion.objects.update(rewarded_at=None, held_at=NOW, held_for=["device"])
    one, two = Completion.objects.order_by("task_key")
    held_rewards.release(one.pk, reason="fine", by=reviewer, now=NOW)
    held_rewards.refuse(two.pk, reason="not fine", by=reviewer, now=NOW)
    assert [kind for kind, _link in messages()] == ["reward.released", "reward.denied"]
    assert "not fine" not in words_of("reward.denied", InboxMessage.objects.last().params).text


def test_a_claim_that_soon_lapses_is_told_once(ann):
    scenes.publish(tasks=[scenes.task("gift", claim_mode="by_hand", claim_within=48)])
    playing.submit(ann, "autumn", "gift", {}, now=NOW)
    assert waiting_claims.tell(now=NOW) == 0
    later = NOW + timedelta(hours=30)
    assert [waiting_claims.tell(now=later), waiting_claims.tell(now=later)] == [1, 0]
    assert messages() == [("reward.waiting", "/h5/c/autumn/t/gift/")]
    assert words().text.startswith("Claim it before")


def test_what_was_claimed_is_not_told(ann):
    scenes.publish(tasks=[scenes.task("gift", claim_mode="by_hand", claim_within=48)])
    playing.submit(ann, "autumn", "gift", {}, now=NOW)
    playing.claim(ann, "autumn", "gift", now=NOW)
    assert waiting_claims.tell(now=NOW + timedelta(hours=30)) == 0


def test_friends_who_come_help_and_join_are_told_without_their_names(ann):
    share = {
        "invite": {"count": 1, "qualify": "enter"},
        "assist": {"helps": 1},
        "team": {"size": 2, "hours": 24},
    }
    scenes.publish(tasks=[scenes.task(kind, kind, config=config) for kind, config in share.items()])
    links = {key: link_of(ann, key) for key in share}
    bob = scenes.make_member("bob", name="Bob Ross")
    for key, link in links.items():
        answer(bob, link, key)
    told = InboxMessage.objects.filter(member=ann)
    assert [each.kind for each in told.order_by("pk")] == ["friend.joined", "help.complete", "team.complete"]
    assert all("Bob" not in str(each.params) for each in told)
    assert not InboxMessage.objects.filter(member=bob).exists()


def test_an_ordinary_completion_tells_nothing(ann):
    scenes.publish()
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    assert not InboxMessage.objects.exists()
