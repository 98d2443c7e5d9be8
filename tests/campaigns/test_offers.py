"""Flash sale, group buy and first-order coupon, as stories and one by one."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns import jobs as campaign_jobs
from campaigns.models import OfferCoupon, OfferGroup, Reservation
from campaigns.offers import coupons, following, reserving
from members.models import Activity
from operations.models import Job
from rewards.ledger import balances
from rewards.models import Award
from tests.campaigns.offer_stories import (
    SLUG,
    books_are_right,
    buy,
    follow,
    member,
    play,
    publish_offer,
    refund,
    standing,
)
from tests.campaigns.scenes import NOW

pytestmark = pytest.mark.django_db

STORIES = json.loads((Path(__file__).parents[1] / "cases" / "offers.json").read_text(encoding="utf-8"))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["name"])
def test_stories(story):
    play(story)


def test_who_had_bought_before_loses_the_coupon_once_the_order_comes_in():
    publish_offer("first_order", stock=5)
    reserving.get_coupon(member("ann"), SLUG, "milk", now=NOW)
    buy("ann", "A", at=NOW + HOUR, paid_at=NOW - HOUR)
    (job,) = Job.objects.filter(function="campaigns.jobs.withdraw_coupon")

    for _ in range(2):
        coupons.withdraw(job.arguments["coupon_id"], now=NOW + HOUR)

    assert OfferCoupon.objects.get().withdrawn_at == NOW + HOUR
    assert Award.objects.get().state == "reversed"
    assert standing("ann", NOW + HOUR).state == "refused"
    assert books_are_right()


def test_a_coupon_that_was_used_is_not_withdrawn():
    publish_offer("first_order")
    coupon = reserving.get_coupon(member("ann"), SLUG, "milk", now=NOW)
    Award.objects.filter(pk=coupon.award_id).update(state="redeemed")
    buy("ann", "A", at=NOW + HOUR, paid_at=NOW - HOUR)

    coupons.withdraw(coupon.pk, now=NOW + HOUR)

    assert OfferCoupon.objects.get().withdrawn_at is None
    assert OfferCoupon.objects.get().order.order_id == "A"


def test_a_full_group_gives_to_each_and_to_the_leader_once():
    publish_offer("group", gift="hundred-points", leader_gift="hundred-points")
    reserving.open_group(member("ann"), SLUG, "milk", now=NOW)
    reserving.join(member("bob"), SLUG, "milk", OfferGroup.objects.get().code, now=NOW)
    buy("ann", "A", at=NOW + HOUR / 60)
    buy("bob", "B", at=NOW + HOUR / 60)

    for _ in range(2):
        for job in Job.objects.filter(function="campaigns.jobs.give_for_group"):
            campaign_jobs.give_for_group(**job.arguments)

    assert balances(member("ann").pk)["points"] == 200
    assert balances(member("bob").pk)["points"] == 100


def test_members_are_told_once_of_what_became_of_theirs():
    publish_offer("group")
    reserving.open_group(member("ann"), SLUG, "milk", now=NOW)
    buy("ann", "A", at=NOW)
    for hours in (25, 26):
        following.end_due(now=NOW + hours * HOUR)
        follow(NOW + hours * HOUR)

    told = Activity.objects.filter(kind__startswith="offer.").order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["offer.bought", "offer.group_failed"]


def test_an_order_that_came_while_its_job_waits_is_found_by_the_clock():
    publish_offer("flash", grace=0)
    reserving.reserve(member("ann"), SLUG, "milk", now=NOW)
    following_nothing = following.follow_orders
    following.follow_orders = lambda *_args, **_named: None
    try:
        buy("ann", "A", at=NOW + HOUR, paid_at=NOW)
    finally:
        following.follow_orders = following_nothing

    following.end_due(now=NOW + HOUR)

    assert Reservation.objects.get().state == "bought"


def test_the_clock_takes_a_slice_at_a_time_and_groups_wait_for_their_seats():
    publish_offer("group")
    for uid in ("ann", "bob", "cid"):
        reserving.open_group(member(uid), SLUG, "milk", now=NOW)

    assert following.end_due(now=NOW + 30 * HOUR, limit=2) == 2
    assert following.end_due(now=NOW + 30 * HOUR, limit=2) == 1
    assert set(OfferGroup.objects.values_list("state", flat=True)) == {"failed"}
    assert books_are_right()


def test_who_sends_back_what_a_full_group_bought_keeps_none_of_its_gifts():
    publish_offer("group", gift="hundred-points", leader_gift="hundred-points")
    reserving.open_group(member("ann"), SLUG, "milk", now=NOW)
    reserving.join(member("bob"), SLUG, "milk", OfferGroup.objects.get().code, now=NOW)
    for uid, order in (("ann", "A"), ("bob", "B")):
        buy(uid, order, at=NOW + HOUR / 60)
    for job in Job.objects.filter(function="campaigns.jobs.give_for_group"):
        campaign_jobs.give_for_group(**job.arguments)

    refund("A", at=NOW + HOUR)
    for _ in range(2):
        (job,) = Job.objects.filter(function="campaigns.jobs.take_for_group")
        campaign_jobs.take_for_group(**job.arguments)

    assert [balances(member(uid).pk)["points"] for uid in ("ann", "bob")] == [0, 100]
    assert books_are_right()


def test_a_gift_whose_job_comes_after_the_refund_is_not_given():
    publish_offer("group", gift="hundred-points")
    reserving.open_group(member("ann"), SLUG, "milk", now=NOW)
    reserving.join(member("bob"), SLUG, "milk", OfferGroup.objects.get().code, now=NOW)
    for uid, order in (("ann", "A"), ("bob", "B")):
        buy(uid, order, at=NOW + HOUR / 60)
    refund("A", at=NOW + HOUR)

    for job in Job.objects.filter(function__endswith="_for_group").order_by("-pk"):
        getattr(campaign_jobs, job.function.rpartition(".")[2])(**job.arguments)

    assert [balances(member(uid).pk)["points"] for uid in ("ann", "bob")] == [0, 100]
