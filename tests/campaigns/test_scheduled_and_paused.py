"""Facts that come in while a campaign is open by the clock and not yet by its state, while it pauses, or at its end."""

import pytest

from campaigns import pausing, playing, publishing, rank_prizes, scoring, touched, visiting
from campaigns.eligibility import TaskState
from campaigns.energy_drops import event_types_wanted
from campaigns.following_events import types_wanted
from campaigns.models import Campaign, EnergyDrop, Enrolment, Invitation, RankPrize
from campaigns.refusals import Refusal, Refused
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from tests.campaigns.friends import answer, buy, enrol, link_of, run_jobs
from tests.campaigns.scenes import DAY, NOW, OPENS, draft, make_member, publish, task

pytestmark = pytest.mark.django_db

INVITE = task("invite", "invite", config={"count": 1, "qualify": "buy"})
ENERGY = {"sources": [{"event": "view", "amount": 10, "per_day": 2}]}


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


def scheduled(**changes):
    """A campaign that is open by now, and whose state says that it is still to open: the job is to come."""
    campaign = draft(**changes)
    publishing.publish(campaign, by=None, now=OPENS - DAY)
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SCHEDULED
    return campaign


def test_events_of_the_first_minute_move_tasks_and_bring_energy():
    like = task("like", "event", config={"type": "favourite", "count": 1})
    scheduled(tasks=[like], features={"energy": ENERGY})
    ann = enrol("ann")
    assert types_wanted() == {"favourite"}
    assert event_types_wanted() == {"view"}

    ingest_events([EventRow("a", "ann", "favourite", NOW), EventRow("b", "ann", "view", NOW)], now=NOW)
    run_jobs()

    assert playing.enter_task(ann, "autumn", "like", now=NOW).state is TaskState.DONE
    assert EnergyDrop.objects.get().amount == 10


def test_profiles_and_friends_of_the_first_minute_move_tasks():
    scheduled(tasks=[INVITE, task("profile", "profile", config={"parts": ["name"]})])
    ann, ben = enrol("ann"), make_member("ben")
    touched.follow_touched(now=NOW)
    answer(ben, link_of(ann, "invite"), "invite")
    buy(ben, "10")
    assert playing.enter_task(ann, "autumn", "invite", now=NOW).state is TaskState.DONE

    assert touched._asking()[0]


def test_a_friend_who_buys_during_a_pause_counts_once_it_is_over():
    campaign = publish(tasks=[INVITE])
    ann, ben = enrol("ann"), make_member("ben")
    answer(ben, link_of(ann, "invite"), "invite")
    pausing.pause(campaign, by=None, now=NOW)
    buy(ben, "10")
    assert Invitation.objects.get().qualified_at is None

    pausing.resume(campaign, by=None, now=NOW)
    run_jobs()

    assert Invitation.objects.get().qualified_at == NOW
    assert playing.enter_task(ann, "autumn", "invite", now=NOW).state is TaskState.DONE


def test_a_campaign_put_away_at_once_after_its_end_still_closes_its_boards():
    prizes = [{"from": 1, "to": 1, "reward": {"points": 100}}]
    campaign = publish(features={"boards": {"boards": ["all"], "prizes": prizes}})
    ann = Enrolment.objects.create(campaign=campaign, member=make_member("ann"), joined_at=NOW)
    scoring.add(ann.pk, 5, now=NOW)
    pausing.end(campaign, by=None, now=NOW)
    pausing.archive(campaign, by=None, now=NOW)

    assert rank_prizes.close_due(now=NOW + rank_prizes.GRACE) == 1
    assert RankPrize.objects.get().enrolment == ann


def test_a_visit_that_a_pause_overtakes_shows_the_page(monkeypatch):
    publish()
    ann = make_member("ann")

    def paused_meanwhile(*_arguments, **_options):
        raise Refused(Refusal.PAUSED)

    monkeypatch.setattr("campaigns.playing.enrol", paused_meanwhile)

    assert not visiting.visit_of(ann, "autumn", NOW).subject.enrolled
