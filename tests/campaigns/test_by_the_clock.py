"""Scheduled start and end: the job says what the clock has said already."""

from datetime import timedelta

import pytest

from campaigns import pausing, playing, published, publishing
from campaigns.by_the_clock import follow_the_clock
from campaigns.models import Campaign
from campaigns.refusals import Refusal, Refused
from operations.models import AuditRecord
from rewards.models import DrawGate
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, draft, make_member, publish

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


def scheduled():
    campaign = draft(opens_at=NOW.isoformat())
    publishing.publish(campaign, by=None, now=NOW - MOMENT)
    return Campaign.objects.get()


def state():
    return Campaign.objects.get().state


def test_it_is_scheduled_until_the_moment_it_opens():
    assert scheduled().state == "scheduled"

    assert follow_the_clock(now=NOW - MOMENT) == []
    assert follow_the_clock(now=NOW) == ["autumn"]
    assert follow_the_clock(now=NOW) == []

    assert state() == "live"
    record = AuditRecord.objects.get(action="campaign.opened")
    assert (record.actor_name, record.changes) == ("", {"state": ["scheduled", "live"]})


def test_members_are_exact_whether_the_job_came_or_not():
    scheduled()
    ann = make_member()

    with pytest.raises(Refused) as refused:
        playing.submit(ann, "autumn", "check-in", {}, now=NOW - MOMENT)
    assert refused.value.refusal == Refusal.NOT_OPEN
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)

    assert state() == "scheduled"


def test_it_ends_when_it_closes_and_draws_are_shut():
    publish()

    assert follow_the_clock(now=CLOSES - MOMENT) == []
    assert follow_the_clock(now=CLOSES) == ["autumn"]

    assert state() == "ended"
    assert published.definition_of("autumn").ended
    assert not DrawGate.objects.get().is_open


def test_a_paused_campaign_does_not_open_but_ends():
    campaign = scheduled()
    pausing.pause(campaign, by=None, now=NOW - MOMENT)

    assert follow_the_clock(now=NOW) == []
    assert follow_the_clock(now=CLOSES) == ["autumn"]
    assert state() == "ended"


def test_a_job_that_comes_too_late_goes_straight_to_the_end():
    scheduled()

    assert follow_the_clock(now=CLOSES) == ["autumn"]
    assert state() == "ended"


def test_the_window_is_that_of_the_revision_and_not_of_the_draft():
    campaign = scheduled()
    Campaign.objects.update(opens_at=OPENS, closes_at=NOW - DAY)

    assert follow_the_clock(now=NOW - MOMENT) == []
    campaign.refresh_from_db()
    assert campaign.state == "scheduled"


def test_a_revision_that_opens_at_once_opens_a_scheduled_campaign():
    campaign = scheduled()
    Campaign.objects.update(opens_at=OPENS)

    publishing.publish(campaign, by=None, now=NOW - DAY)

    assert state() == "live"
