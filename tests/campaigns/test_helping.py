"""Help by friends: one tap each, once a period, as often as is allowed, never for oneself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import kinds, playing, share_links
from campaigns.eligibility import TaskState
from campaigns.entering import Origin
from campaigns.models import Completion, Enrolment, Help
from campaigns.refusals import BadSubmission, Refused
from campaigns.share_links import ShareLink
from rewards.ledger import balances
from segmentation import tagging
from segmentation.models import Tag, TagGroup
from tests.campaigns.friends import answer, enrol, link_of, refusal
from tests.campaigns.scenes import CLOSES, DAY, NOW, campaign_file, make_level, make_member, publish, task

pytestmark = pytest.mark.django_db


def assist(key="help", **config):
    return task(key, "assist", config={"helps": 2} | config)


def state_of(member, key="help", now=NOW):
    moved = playing.enter_task(member, "autumn", key, now=now)
    return moved.state, moved.count


def test_the_last_help_needed_completes_the_task_and_both_sides_are_rewarded():
    publish(tasks=[assist(helper_reward={"points": 1})])
    ann = enrol("ann")
    token = link_of(ann, "help")
    bob, cas, dee = (make_member(uid) for uid in ("bob", "cas", "dee"))
    first = answer(bob, token, "help")
    assert (first.result, first.reward.points) == ({"answered": True, "number": 1, "of": 2}, 1)
    assert state_of(ann) == (TaskState.OPEN, 1)
    answer(cas, token, "help")
    assert state_of(ann) == (TaskState.DONE, 2)
    assert refusal(dee, token, "help") == "helped_enough"
    assert [balances(each.pk)["points"] for each in (ann, bob, cas)] == [10, 1, 1]


def test_a_friend_helps_once_with_a_task_and_period():
    publish(tasks=[assist(helps=5) | {"period": "daily"}])
    ann, bob = enrol("ann"), make_member("bob")
    token = link_of(ann, "help")
    answer(bob, token, "help")
    assert refusal(bob, token, "help") == "helped_before"
    tomorrow = NOW + DAY
    assert refusal(bob, token, "help", now=tomorrow) == "link_expired"
    answer(bob, link_of(ann, "help", now=tomorrow), "help", now=tomorrow)
    assert Help.objects.count() == 2


def test_nobody_helps_themselves():
    publish(tasks=[assist()])
    ann = enrol("ann")
    assert refusal(ann, link_of(ann, "help"), "help") == "own_link"
    enrolment = ann.enrolments.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Help.objects.create(
            helped=enrolment, helper=enrolment, task_key="help", period="once", number=1, of=2, helped_at=NOW
        )


def test_two_who_help_each_other_may():
    publish(tasks=[assist(helps=1)])
    ann, bob = enrol("ann"), enrol("bob")
    to_ann, to_bob = link_of(ann, "help"), link_of(bob, "help")
    answer(bob, to_ann, "help")
    # Ann's own task is done; that does not keep her from helping.
    answer(ann, to_bob, "help")
    assert state_of(ann) == state_of(bob) == (TaskState.DONE, 1)


def test_a_member_helps_so_often_a_day_and_in_all():
    publish(tasks=[assist(per_helper=1, per_helper_in_all=2)])
    bob = make_member("bob")
    links = [link_of(enrol(f"m{number}"), "help") for number in range(4)]
    # The day ends at midnight in Shanghai, 16:00 in UTC.
    midnight = NOW.replace(hour=16)
    answer(bob, links[0], "help", now=midnight - timedelta(microseconds=1))
    assert refusal(bob, links[1], "help", now=midnight - timedelta(microseconds=1)) == "helps_per_day"
    answer(bob, links[1], "help", now=midnight)
    assert refusal(bob, links[2], "help", now=midnight + DAY) == "helps_in_all"


def test_a_helper_whom_the_campaign_does_not_admit_is_told_why():
    gold = make_level("gold")
    publish(tasks=[assist()], audience={"levels": ["gold"]})
    ann = enrol("ann", level=gold)
    assert refusal(make_member("bob"), link_of(ann, "help"), "help") == "level"
    assert not Enrolment.objects.filter(member__uid="bob").exists()


def test_who_is_not_in_the_audience_of_the_task_may_help_unless_it_says_otherwise():
    gold = make_level("gold")
    only = {"audience": {"levels": ["gold"]}}
    publish(tasks=[assist() | only, assist("closed", helpers="audience") | only])
    ann = enrol("ann", level=gold)
    bob, cas = make_member("bob"), make_member("cas", level=gold)
    answer(bob, link_of(ann, "help"), "help")
    assert refusal(bob, link_of(ann, "closed"), "closed") == "helper_not_admitted"
    answer(cas, link_of(ann, "closed"), "closed")


def test_a_sharer_who_is_shut_out_meanwhile_is_not_helped_and_the_helper_is_not_told_why():
    group = TagGroup.objects.create(slug="risk", name="Risk")
    cheat = Tag.objects.create(group=group, slug="cheat", name="Cheat")
    publish(tasks=[assist()], audience={"tags_none": ["risk.cheat"]})
    ann = enrol("ann")
    token = link_of(ann, "help")
    tagging.set_tag([ann.pk], cheat, source="import", now=NOW)
    assert refusal(make_member("bob"), token, "help") == "sharer_out"


def test_help_from_the_sharer_s_own_device_is_held_for_review():
    publish(tasks=[assist(helps=1)])
    ann, bob = enrol("ann"), make_member("bob")
    phone = Origin("phone")
    token = playing.submit(ann, "autumn", "help", {}, now=NOW, origin=phone).result["link"].split("/")[3]
    answer(bob, token, "help", origin=phone)
    held = Completion.objects.get()
    assert (held.enrolment.member, held.held_for, held.rewarded_at) == (ann, ["same_device"], None)
    assert balances(ann.pk)["points"] == 0


def test_the_link_of_another_task_campaign_or_time_is_refused():
    publish(tasks=[assist(), assist("other")])
    ann, bob = enrol("ann"), make_member("bob")
    token = link_of(ann, "help")
    assert refusal(bob, token, "other") == "link_unknown"
    assert refusal(bob, token, "help", now=CLOSES) == "link_expired"
    with pytest.raises(Refused) as refused:
        answer(bob, token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), "help")
    assert (refused.value.refusal.value, refused.value.refusal.status) == ("link_altered", 400)
    publish(slug="spring", tasks=[assist()], pools=campaign_file(slug="spring")["pools"][:0])
    with pytest.raises(Refused) as refused:
        playing.submit(bob, "spring", "help", {"link": token}, now=NOW)
    assert (refused.value.refusal.value, refused.value.refusal.status) == ("link_unknown", 404)


def test_a_forged_end_is_an_altered_link():
    publish(tasks=[assist()])
    ann = enrol("ann")
    later = share_links.seal(ShareLink(ann.enrolments.get().pk, "help", CLOSES + DAY))
    assert share_links.read(later, now=CLOSES).expires_at == CLOSES + DAY
    assert refusal(make_member("bob"), later, "help", now=CLOSES) == "closed"


def test_a_task_takes_nothing_beside_the_link():
    publish(tasks=[assist()])
    ann, bob = enrol("ann"), make_member("bob")
    with pytest.raises(BadSubmission) as bad:
        playing.submit(bob, "autumn", "help", {"link": link_of(ann, "help"), "number": 9}, now=NOW)
    assert set(bad.value.fields) == {"number"}
    with pytest.raises(BadSubmission) as bad:
        playing.submit(ann, "autumn", "help", {"helps": 2}, now=NOW)
    assert set(bad.value.fields) == {"helps"}


def test_a_task_that_was_not_accepted_takes_no_help_yet():
    publish(tasks=[assist() | {"claim_mode": "accept_first", "finish_within": 60}])
    ann, bob = enrol("ann"), make_member("bob")
    token = share_links.seal(ShareLink(ann.enrolments.get().pk, "help", CLOSES))
    assert refusal(bob, token, "help") == "help_not_asked"
    assert playing.accept(ann, "autumn", "help", now=NOW).result["link"] == share_links.address(token)
    answer(bob, token, "help")
    assert refusal(make_member("cas"), token, "help", now=NOW + timedelta(hours=1)) == "help_over"


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"helps": 0}, "helps"),
        ({"helps": True}, "helps"),
        ({"helps": 2, "per_helper": 0}, "per_helper"),
        ({"helps": 2, "helpers": "friends"}, "helpers"),
        ({"helps": 2, "helper_reward": {"points": -1}}, "helper_reward.points"),
        ({"helps": 2, "helper_reward": {"money": 1}}, "helper_reward.money"),
        ({"helps": 2, "friends": 1}, "friends"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_with_its_place(wrong, path):
    assert [fault.path for fault in kinds.find("assist").faults(wrong)] == [path]
