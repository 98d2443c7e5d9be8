"""Prizes of ranks: noted once when a board's time is over, granted once each."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from campaigns import rank_prizes, scoring
from campaigns.models import BoardClosing, Completion, Enrolment, RankPrize
from campaigns.published import definition_of
from members import erasing
from operations.books import count_violations
from operations.models import AuditRecord, Job
from rewards.codes import add_codes
from rewards.ledger import balances
from rewards.models import Award
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db

OVER = scenes.CLOSES + rank_prizes.GRACE
PRIZES = [{"from": 1, "to": 1, "reward": {"points": 100}}, {"from": 2, "to": 3, "reward": {"points": 10}}]


def publish(prizes=PRIZES, **boards):
    return scenes.publish(features={"boards": {"boards": ["all", "week"], "prizes": prizes} | boards})


def with_scores(**scores):
    campaign = scenes.Campaign.objects.get(slug="autumn")
    made = {}
    for uid, points in scores.items():
        made[uid] = Enrolment.objects.create(campaign=campaign, member=scenes.make_member(uid), joined_at=scenes.NOW)
        scoring.add(made[uid].pk, points, now=scenes.NOW)
    return made


def grant_all(now=OVER):
    for closing in BoardClosing.objects.all():
        from_id = 0
        while from_id is not None:
            from_id = rank_prizes.grant_slice(closing.pk, from_id, now=now)


def points_of(made):
    return {uid: balances(each.member_id)["points"] for uid, each in made.items()}


def test_nothing_is_noted_before_the_end_and_its_grace():
    publish()
    with_scores(ann=5)
    assert rank_prizes.close_due(now=OVER - timedelta(microseconds=1)) == 0
    assert rank_prizes.close_due(now=OVER) == 1
    assert rank_prizes.close_due(now=OVER) == 0


def test_everyone_who_shares_a_rank_wins_its_prize_and_nobody_the_ranks_that_fall_away():
    publish()
    made = with_scores(ann=30, ben=20, cyd=20, dot=20, eve=10)
    rank_prizes.close_due(now=OVER)
    grant_all()
    assert points_of(made) == {"ann": 100, "ben": 10, "cyd": 10, "dot": 10, "eve": 0}
    assert BoardClosing.objects.get().winners == 4
    assert all(count.violations == 0 for count in count_violations())


def test_a_tie_at_the_border_of_two_prizes_is_of_the_better_rank():
    publish()
    made = with_scores(ann=30, ben=30, cyd=20)
    rank_prizes.close_due(now=OVER)
    grant_all()
    assert points_of(made) == {"ann": 100, "ben": 100, "cyd": 10}


def test_granted_again_nothing_is_given_again():
    publish()
    made = with_scores(ann=30)
    rank_prizes.close_due(now=OVER)
    grant_all()
    prize = RankPrize.objects.get()
    assert rank_prizes.grant(prize.pk, definition_of("autumn"), prize.closing, now=OVER) == "granted"
    RankPrize.objects.update(state="waiting", granted_at=None)
    grant_all()
    assert points_of(made) == {"ann": 100}


def test_a_job_goes_on_where_another_died(monkeypatch):
    monkeypatch.setattr(rank_prizes, "SLICE", 2)
    publish()
    made = with_scores(ann=30, ben=20, cyd=20)
    rank_prizes.close_due(now=OVER)
    closing = BoardClosing.objects.get()
    assert Job.objects.get(function="campaigns.jobs.grant_rank_prizes").arguments["from_id"] == 0
    next_id = rank_prizes.grant_slice(closing.pk, 0, now=OVER)
    assert points_of(made) == {"ann": 100, "ben": 10, "cyd": 0}
    assert rank_prizes.grant_slice(closing.pk, next_id, now=OVER) is None
    assert points_of(made) == {"ann": 100, "ben": 10, "cyd": 10}


def test_whoever_is_held_back_or_erased_has_no_rank():
    publish()
    made = with_scores(ann=30, ben=20, cyd=10)
    held = {"task_key": "check-in", "period": "once", "completed_at": scenes.NOW, "held_at": scenes.NOW}
    Completion.objects.create(enrolment=made["ann"], **held)
    erasing.erase(made["ben"].member_id, by=None, reason="asked", now=scenes.NOW)
    rank_prizes.close_due(now=OVER)
    grant_all()
    assert list(RankPrize.objects.values_list("rank", "enrolment")) == [(1, made["cyd"].pk)]


def test_whoever_is_erased_before_the_prize_is_granted_gets_none():
    publish()
    made = with_scores(ann=30)
    rank_prizes.close_due(now=OVER)
    erasing.erase(made["ann"].member_id, by=None, reason="asked", now=OVER)
    grant_all()
    assert RankPrize.objects.get().state == "erased"


def test_out_of_gifts_a_prize_waits_for_an_operator(client):
    coupon = scenes.make_coupon("A-1")
    publish([{"from": 1, "to": 2, "reward": {"gift": "coupon", "points": 5}}])
    made = with_scores(ann=30, ben=20)
    rank_prizes.close_due(now=OVER)
    grant_all()
    assert list(RankPrize.objects.order_by("pk").values_list("state", flat=True)) == ["granted", "out_of_gifts"]
    assert points_of(made) == {"ann": 5, "ben": 0}
    add_codes(coupon.pk, ["A-2"])
    clerk = User.objects.create_user("clerk", is_staff=True)
    names = ["view_boardclosing", "view_rankprize", "grant_rankprize"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(clerk)
    chosen = {"action": "try_again", "_selected_action": [BoardClosing.objects.get().pk]}
    client.post(reverse("admin:campaigns_boardclosing_changelist"), chosen)
    grant_all()
    assert Award.objects.filter(gift=coupon).count() == 2
    assert list(AuditRecord.objects.filter(action__startswith="board.").values_list("action", flat=True)) == [
        "board.closed",
        "board.prizes_tried_again",
    ]
    assert client.get(reverse("admin:campaigns_rankprize_changelist")).status_code == 200


def test_who_may_only_look_cannot_have_prizes_granted(client):
    publish()
    with_scores(ann=1)
    rank_prizes.close_due(now=OVER)
    RankPrize.objects.update(state="out_of_gifts")
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_boardclosing"))
    client.force_login(viewer)
    chosen = {"action": "try_again", "_selected_action": [BoardClosing.objects.get().pk]}
    client.post(reverse("admin:campaigns_boardclosing_changelist"), chosen)
    assert RankPrize.objects.get().state == "out_of_gifts"


def test_each_week_has_prizes_of_its_own():
    publish(prizes_for="week")
    made = with_scores(ann=30, ben=20)
    scoring.add(made["ben"].pk, 1, now=scenes.NOW + timedelta(days=7))
    assert rank_prizes.close_due(now=scenes.NOW + timedelta(days=14)) >= 2
    grant_all()
    assert points_of(made) == {"ann": 100, "ben": 110}


def test_a_campaign_that_is_ended_early_has_its_prizes():
    campaign = publish()
    made = with_scores(ann=30)
    scenes.Campaign.objects.filter(pk=campaign.pk).update(state="ended")
    rank_prizes.close_due(now=scenes.NOW)
    grant_all()
    assert points_of(made) == {"ann": 100}


def test_a_prize_names_gifts_that_exist():
    campaign = scenes.draft(
        features={"boards": {"boards": ["all"], "prizes": [{"from": 1, "to": 1, "reward": {"gift": "none"}}]}}
    )
    from campaigns.faults import faults

    assert [fault.code for fault in faults(campaign, now=scenes.OPENS)] == ["reward_unknown"]
