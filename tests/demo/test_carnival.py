"""The demo's second campaign shows a task of every kind, half done; what staff have to decide waits for them."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from campaigns import features, kinds, published
from campaigns.models import (
    Bargain,
    Campaign,
    Completion,
    EnergyDrop,
    EnergyGain,
    Enrolment,
    Invitation,
    MadeUpDay,
    OfferCoupon,
    OfferGroup,
    Progress,
    Proposal,
    Reservation,
    Submission,
    TaskQuota,
    Team,
)
from demo import loading
from demo.carnival import SLUG
from operations import jobs
from operations.models import Job
from segmentation.models import MemberTag

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def of_host(task, period="once"):
    """How far whoever signs in is with a task."""
    uid = loading.newcomers()["growth"]
    rows = Progress.objects.filter(enrolment__campaign__slug=SLUG, enrolment__member__uid=uid, task_key=task)
    return [row.count for row in rows] if period == "daily" else rows.get(period=period).count


def test_everything_is_there(db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("load_demo", members=200, language="zh-hans", stdout=StringIO(), stderr=StringIO())
    definition = published.definition_of(SLUG)
    assert {task.kind for task in definition.tasks} == set(kinds.names())
    assert set(definition.features) == set(features.names())
    assert Counter(Campaign.objects.values_list("state", flat=True)) == {
        "live": 3,
        "ended": 1,
        "in_review": 1,
        "scheduled": 1,
    }
    assert Proposal.objects.get().state == "in_review"

    slot = [task for task in definition.tasks if task.slot == "milk"]
    assert [bool(task.audience.segments_in) for task in slot] == [True, True, True, False]
    assert [(chain.within, [skip.step for skip in chain.skips]) for chain in definition.chains] == [(72, ["lesson"])]
    assert definition.by_key["dash"].claim_mode == "accept_first"
    assert TaskQuota.objects.exists()

    assert sum(of_host("sign-in", "daily")) == 5
    assert (of_host("invite"), of_host("cheer"), of_host("team"), of_host("favourites")) == (2, 2, 2, 2)
    assert MadeUpDay.objects.exists()
    assert {(each.helped, each.helps) for each in Bargain.objects.all()} == {(3, 6)}
    assert {(each.taken, each.size) for each in Team.objects.all()} == {(2, 3)}
    invited = set(Invitation.objects.values_list("invitee_id", flat=True))
    assert Invitation.objects.filter(inviter__in=invited).count() == 3
    assert {"quiz", "catch", "lamps", "word", "follow"} <= set(Progress.objects.values_list("task_key", flat=True))

    shown = Submission.objects.filter(task_key="show").values_list("state", flat=True)
    assert Counter(shown) == {"pending": 4, "approved": 1, "refused": 1}
    assert [each.held_for for each in Completion.objects.exclude(held_at=None)] == [["shared_device"]]
    # Besides guests and hosts, some who have never ordered came for the coupon of a first order.
    new = OfferCoupon.objects.values("enrolment_id")
    assert Enrolment.objects.filter(campaign__slug=SLUG, score__gt=0).exclude(pk__in=new).count() == 18
    assert EnergyDrop.objects.filter(remaining__gt=0).exists()
    assert EnergyGain.objects.exists()
    assert MemberTag.objects.filter(tag__group__slug="carnival").values("tag").distinct().count() >= 2

    # Prizes of ranks were granted already; their job has a connection of its own, which sees no rows of a test.
    to_do = Job.objects.filter(function__startswith="campaigns.jobs.", state="queued")
    while waiting := list(to_do.exclude(function="campaigns.jobs.grant_rank_prizes")):
        for job in waiting:
            jobs.run(job.pk)
    assert Counter(Reservation.objects.values_list("state", flat=True)) == {"bought": 5, "reserved": 1}
    assert [(group.paid, group.size) for group in OfferGroup.objects.all()] == [(2, 4)]
    assert not Job.objects.filter(function__startswith="campaigns.", state="dead").exists()
