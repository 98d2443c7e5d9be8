"""A bargain: friends cut a price down, the last of them exactly to its floor."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import kinds, playing, share_links
from campaigns.eligibility import TaskState
from campaigns.models import Bargain, Help, Task
from campaigns.share_links import ShareLink
from rewards.ledger import balances
from tests.campaigns.friends import answer, enrol, link_of, refusal
from tests.campaigns.scenes import CLOSES, NOW, make_member, publish, publish_draft, task

pytestmark = pytest.mark.django_db
TERMS = {"title": "A box of milk", "sku": "MILK", "price": "99.00", "floor": "9.90", "helps": 4, "hours": 24}


def bargain(**config):
    return task("cut", "bargain", config=TERMS | config)


def test_the_last_friend_ends_exactly_at_the_floor():
    publish(tasks=[bargain(helper_reward={"points": 1})])
    ann = enrol("ann")
    token = link_of(ann, "cut")
    results = [answer(make_member(f"f{n}"), token, "cut", chance=lambda n: n // 3).result for n in range(4)]
    assert [each["now_at"] for each in results][-1] == "9.90"
    cuts = list(Help.objects.order_by("number").values_list("cut", flat=True))
    assert sum(cuts) == 9900 - 990
    assert min(cuts) >= 1
    assert playing.enter_task(ann, "autumn", "cut", now=NOW).state is TaskState.DONE
    assert balances(ann.pk)["points"] == 10


def test_what_the_member_and_the_shop_are_told():
    publish(tasks=[bargain()])
    ann = enrol("ann")
    begun = playing.submit(ann, "autumn", "cut", {}, now=NOW)
    assert begun.result["link"].startswith("/h5/s/")
    answer(make_member("bob"), begun.result["link"].split("/")[3], "cut", chance=lambda _n: 0)
    told = playing.submit(ann, "autumn", "cut", {}, now=NOW).result
    told.pop("link")
    assert told == {
        "title": "A box of milk", "sku": "MILK", "helped": 1, "helps": 4, "price": "99.00", "floor": "9.90",
        "now_at": "87.87", "until": (NOW + timedelta(hours=24)).isoformat(), "over": False, "done": False,
    }  # fmt: skip


def test_nobody_cuts_before_the_bargain_has_begun_or_after_its_end():
    publish(tasks=[bargain(hours=1), task("help", "assist", config={"helps": 3})])
    ann, bob = enrol("ann"), make_member("bob")
    early = share_links.seal(ShareLink(ann.enrolments.get().pk, "cut", CLOSES))
    assert refusal(bob, early, "cut") == "help_not_asked"
    token = link_of(ann, "cut")
    assert refusal(bob, token, "cut", now=NOW + timedelta(hours=1)) == "link_expired"
    assert refusal(bob, early, "cut", now=NOW + timedelta(hours=1)) == "help_over"
    answer(bob, token, "cut", now=NOW + timedelta(hours=1) - timedelta(seconds=1))
    assert "link" not in playing.submit(ann, "autumn", "cut", {}, now=NOW + timedelta(hours=1)).result


def test_a_friend_cuts_once_and_nobody_cuts_for_themselves():
    publish(tasks=[bargain()])
    ann, bob = enrol("ann"), make_member("bob")
    token = link_of(ann, "cut")
    answer(bob, token, "cut")
    assert refusal(bob, token, "cut") == "helped_before"
    assert refusal(ann, token, "cut") == "own_link"


def test_beginning_again_goes_on_with_the_same_bargain():
    publish(tasks=[bargain()])
    ann = enrol("ann")
    first, again = link_of(ann, "cut"), link_of(ann, "cut", now=NOW + timedelta(hours=2))
    assert first == again
    assert Bargain.objects.get().until == NOW + timedelta(hours=24)


def test_a_bargain_keeps_the_terms_on_which_it_was_begun():
    campaign = publish(tasks=[bargain(helps=3)])
    ann = enrol("ann")
    token = link_of(ann, "cut")
    answer(make_member("bob"), token, "cut")
    Task.objects.filter(key="cut").update(config=TERMS | {"helps": 2, "floor": "5.00"})
    publish_draft(campaign, now=NOW)
    assert answer(make_member("cas"), token, "cut").result["of"] == 3
    assert playing.enter_task(ann, "autumn", "cut", now=NOW).state is TaskState.OPEN
    assert answer(make_member("dee"), token, "cut").result["now_at"] == "9.90"
    assert playing.enter_task(ann, "autumn", "cut", now=NOW).state is TaskState.DONE


@pytest.mark.parametrize("wrong", [{"left": 0}, {"helped": 4}, {"helped": 5, "left": 0}, {"left": 9000}])
def test_the_database_refuses_any_end_but_the_floor(wrong):
    publish(tasks=[bargain()])
    link_of(enrol("ann"), "cut")
    with pytest.raises(IntegrityError), transaction.atomic():
        Bargain.objects.update(**wrong)


@pytest.mark.parametrize(
    ("number", "cut", "left"), [(4, 10, 1), (3, 10, 0), (3, 0, 5), (3, None, 5), (3, 10, None), (5, 10, 0)]
)
def test_the_database_refuses_a_cut_that_does_not_fit(number, cut, left):
    publish(tasks=[bargain()])
    ann, bob = enrol("ann").enrolments.get(), enrol("bob").enrolments.get()
    where = {"helped": ann, "helper": bob, "task_key": "cut", "period": "once", "helped_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Help.objects.create(**where, number=number, of=4, cut=cut, left=left)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"price": "9.93"}, "floor"),
        ({"price": "9.90"}, "floor"),
        ({"price": 99}, "price"),
        ({"price": "0"}, "price"),
        ({"floor": "-1"}, "floor"),
        ({"hours": 0}, "hours"),
        ({"title": " "}, "title"),
        ({"sku": 7}, "sku"),
        ({"odds": 1}, "odds"),
    ],
)
def test_what_is_wrong_with_the_terms_is_said_with_its_place(change, path):
    assert [fault.path for fault in kinds.find("bargain").faults(TERMS | change)] == [path]


@pytest.mark.parametrize("change", [{"price": "9.94"}, {"floor": "0"}, {"floor": "0.00"}])
def test_terms_at_the_border_are_good(change):
    assert kinds.find("bargain").faults(TERMS | change) == []
