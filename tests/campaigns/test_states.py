"""The states of a campaign: what leads where, in the code and in the database alike."""

from itertools import product

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from campaigns import pausing, publishing, states
from campaigns.models import Campaign
from operations.models import AuditRecord
from rewards.models import DrawGate
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, draft, publish

pytestmark = pytest.mark.django_db
STATES = Campaign.State.values


def force(campaign, state):
    """Put a published campaign into a state without asking anybody."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        fields = {"current": None} if state in {"draft", "in_review"} else {}
        Campaign.objects.filter(pk=campaign.pk).update(state=state, **fields)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize("source", STATES)
def test_the_database_admits_exactly_the_transitions_of_the_code(source):
    campaign = publish()
    current = campaign.current
    for target in STATES:
        if target == source:
            continue
        force(campaign, source)
        fields = {"current": None if target in {"draft", "in_review"} else current}
        try:
            with transaction.atomic():
                Campaign.objects.update(state=target, **fields)
            admitted = True
        except DatabaseError:
            admitted = False
        assert admitted == ((source, target) in states.transitions()), (source, target)


def test_a_campaign_begins_as_a_draft():
    draft()
    with pytest.raises(DatabaseError, match="begins as a draft"), transaction.atomic():
        Campaign.objects.create(slug="x", state="live", name="x", organiser="x", opens_at=OPENS, closes_at=CLOSES)


def test_what_runs_has_a_revision():
    campaign = draft()
    with pytest.raises(IntegrityError, match="campaign_runs_by_a_revision"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(state="live")


CALLS = {
    "pause": (pausing.pause, {"scheduled": "paused", "live": "paused"}),
    "resume": (pausing.resume, {"paused": "live"}),
    "end": (pausing.end, {"scheduled": "ended", "live": "ended", "paused": "ended"}),
    "archive": (pausing.archive, {"draft": "archived", "ended": "archived"}),
    "unarchive": (pausing.unarchive, {"archived": "ended"}),
}


@pytest.mark.parametrize(("name", "state"), list(product(CALLS, STATES)))
def test_each_change_is_made_from_its_states_only(name, state):
    campaign = publish()
    force(campaign, state)
    change, leads = CALLS[name]

    if state in leads:
        change(campaign, by=None, now=NOW)
        assert Campaign.objects.get().state == leads[state]
        assert AuditRecord.objects.latest("id").changes["state"] == [state, leads[state]]
    else:
        with pytest.raises(pausing.NotPossible) as refused:
            change(campaign, by=None, now=NOW)
        assert refused.value.state == state
        assert Campaign.objects.get().state == state


def test_a_campaign_paused_before_it_opens_is_scheduled_again():
    campaign = draft(opens_at=(OPENS + DAY).isoformat())
    publishing.publish(campaign, by=None, now=OPENS)
    assert Campaign.objects.get().state == "scheduled"

    pausing.pause(campaign, by=None, now=OPENS)
    pausing.resume(campaign, by=None, now=OPENS)

    assert Campaign.objects.get().state == "scheduled"
    assert DrawGate.objects.get().is_open


def test_a_draft_that_comes_to_nothing_is_archived_and_taken_out_again():
    campaign = draft()
    pausing.archive(campaign, by=None, now=NOW)
    assert Campaign.objects.get().state == "archived"

    pausing.unarchive(campaign, by=None, now=NOW)

    assert Campaign.objects.get().state == "draft"
    assert not DrawGate.objects.exists()


def test_a_change_leads_to_its_own_targets_only():
    with pytest.raises(ValueError, match="does not lead"):
        states.move(draft(), states.PAUSE, states.State.LIVE)
