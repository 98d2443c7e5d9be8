"""One decision about a proposal, of what was submitted; one state at a time."""

from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from campaigns import campaign_files, pausing, reviewing
from campaigns.models import Campaign, Proposal, Revision
from operations.models import AuditRecord
from rewards.models import DrawGate
from tests.campaigns.scenes import NOW, campaign_file, draft, publish
from tests.races.together import Crowd, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def submitted(campaign: Campaign) -> Proposal:
    return reviewing.submit(campaign, by=User.objects.get_or_create(username="olga")[0], now=NOW)


def reviewers(count: int) -> list[User]:
    return [User.objects.create(username=f"reviewer-{number}") for number in range(count)]


def test_of_two_approvers_at_once_one_publishes_and_the_other_is_told():
    people = reviewers(2)
    campaign = publish()
    with Crowd(2) as crowd:
        for number in range(2, 12):
            Campaign.objects.update(name=f"Name {number}")
            proposal = submitted(campaign)

            outcomes = crowd.each(lambda user, asked=proposal: reviewing.approve(asked, by=user, now=NOW), people)

            assert sorted(type(each).__name__ for each in outcomes) == ["Decided", "Revision"]
            assert Revision.objects.count() == number
    assert AuditRecord.objects.filter(action="campaign.approved").count() == 10


def test_of_an_approval_and_a_sending_back_at_once_one_holds():
    people = reviewers(2)
    for _ in range(10):
        campaign = draft(slug=f"autumn-{_}")
        proposal = submitted(campaign)

        def decide(number: int, asked: Proposal = proposal) -> object:
            if number:
                return reviewing.approve(asked, by=people[0], now=NOW)
            return reviewing.send_back(asked, by=people[1], now=NOW, reason="No.")

        outcomes = at_once(2, decide)

        assert sum(isinstance(each, reviewing.Decided) for each in outcomes) == 1
        proposal.refresh_from_db()
        campaign.refresh_from_db()
        assert (proposal.state, campaign.state) in {("approved", "live"), ("sent_back", "draft")}


def test_what_is_approved_is_what_was_submitted_though_the_draft_is_edited_at_the_same_time():
    (rita,) = reviewers(1)
    refused = 0
    for number in range(10):
        slug = f"autumn-{number}"
        proposal = submitted(draft(slug=slug))

        def act(which: int, asked: Proposal = proposal, slug: str = slug) -> object:
            if which:
                return reviewing.approve(asked, by=rita, now=NOW)
            return campaign_files.load(campaign_file(slug, name="Edited", tasks=[]), by=None, now=NOW)

        outcomes = at_once(2, act)

        proposal.refresh_from_db()
        assert not isinstance(outcomes[0], Exception)
        if proposal.state == "approved":
            assert proposal.revision.definition == proposal.definition
        else:
            assert isinstance(outcomes[1], reviewing.Changed)
            refused += 1
    assert Revision.objects.count() == 10 - refused


def test_an_edit_that_began_before_the_approval_is_seen_by_it():
    """The edit is held open until the approval waits behind it: what it writes is never published unseen."""
    (rita,) = reviewers(1)
    campaign = draft()
    proposal, editing = submitted(campaign), Event()

    def act(which: int) -> object:
        if which:
            editing.wait(timeout=10)
            return reviewing.approve(proposal, by=rita, now=NOW)
        with transaction.atomic():
            campaign_files.load(campaign_file(name="Edited"), by=None, now=NOW)
            editing.set()
            Event().wait(timeout=0.5)
        return None

    _edited, approved = at_once(2, act)

    assert isinstance(approved, reviewing.Changed)
    assert not Revision.objects.exists()


@pytest.mark.parametrize("other", [pausing.end, pausing.resume])
def test_of_a_pause_and_another_change_at_once_the_records_follow_each_other(other):
    for number in range(10):
        campaign = publish(slug=f"autumn-{number}")

        at_once(4, lambda which, row=campaign: [pausing.pause, other][which % 2](row, by=None, now=NOW))

        campaign.refresh_from_db()
        trail = AuditRecord.objects.filter(target_id=str(campaign.pk), changes__has_key="state").order_by("id")
        states = [record.changes["state"] for record in trail]
        assert [old for old, _new in states] == ["live", *(new for _old, new in states[:-1])]
        assert campaign.state == states[-1][1]
        assert DrawGate.objects.get(scope=f"campaign:{campaign.slug}").is_open == (campaign.state == "live")
