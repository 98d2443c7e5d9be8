"""Review by a second person: what was submitted is what goes live, and never by the word of one alone."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from campaigns import campaign_files, playing, published, publishing, reviewing
from campaigns.models import Campaign, Proposal
from operations.models import AuditRecord
from rewards.models import Gift, Prize
from tests.campaigns.reviewers import operator, reviewer, user
from tests.campaigns.scenes import DAY, NOW, OPENS, campaign_file, draft, make_member, pool, publish, task

pytestmark = pytest.mark.django_db


def submitted(campaign=None, **options):
    return reviewing.submit(campaign or draft(), by=operator(), now=NOW, **options)


def state():
    return Campaign.objects.get().state


def test_a_submitted_draft_is_approved_by_another_and_goes_live():
    proposal = submitted()
    assert state() == "in_review"
    assert published.definition_of("autumn") is None

    revision = reviewing.approve(proposal, by=reviewer(), now=NOW)

    proposal.refresh_from_db()
    assert (state(), revision.number) == ("live", 1)
    assert (proposal.state, proposal.revision, proposal.decided_by.username) == ("approved", revision, "rita")
    assert proposal.definition == revision.definition
    actions = list(AuditRecord.objects.filter(target_type="campaigns.campaign").values_list("action", flat=True))
    assert sorted(actions) == ["campaign.approved", "campaign.loaded", "campaign.published", "campaign.submitted"]


def test_approved_before_it_opens_it_is_scheduled():
    proposal = submitted(draft(opens_at=(NOW + DAY).isoformat()))

    reviewing.approve(proposal, by=reviewer(), now=NOW)

    assert state() == "scheduled"


def test_nobody_approves_or_sends_back_what_they_submitted():
    campaign, both = draft(), user("both", "submit_campaign", "approve_campaign")
    proposal = reviewing.submit(campaign, by=both, now=NOW)

    for decide in (reviewing.approve, lambda *a, **k: reviewing.send_back(*a, reason="no", **k)):
        with pytest.raises(reviewing.OwnProposal):
            decide(proposal, by=both, now=NOW)
    assert state() == "in_review"


@pytest.mark.parametrize(
    "decided",
    [
        {"state": "approved"},
        {"state": "approved", "decided_by": "self"},
        {"state": "approved", "decided_by": "other"},
        {"state": "sent_back"},
        {"state": "sent_back", "decided_by": "self"},
        {"state": "withdrawn"},
        {"state": "withdrawn", "decided_by": "other"},
        {"decided_by": "other"},
    ],
)
def test_the_database_refuses_a_decision_by_one_alone(decided):
    proposal, other = submitted(), reviewer()
    who = {"self": proposal.submitted_by, "other": other, None: None}[decided.get("decided_by")]

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**decided | {"decided_by": who, "decided_at": NOW})


@pytest.mark.parametrize("field", ["file", "note"])
def test_the_database_refuses_to_change_what_was_submitted(field):
    submitted()

    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        Proposal.objects.update(**{field: "another"})


def test_the_database_refuses_to_change_a_decision():
    proposal = submitted()
    reviewing.send_back(proposal, by=reviewer(), now=NOW, reason="no")

    with pytest.raises(DatabaseError, match="was decided"), transaction.atomic():
        Proposal.objects.update(reason="yes")


def test_sent_back_with_a_reason_it_is_a_draft_again_and_may_be_submitted_again():
    proposal = submitted()

    reviewing.send_back(proposal, by=reviewer(), now=NOW, reason=" Too dear. ")

    proposal.refresh_from_db()
    assert (state(), proposal.state, proposal.reason) == ("draft", "sent_back", "Too dear.")
    again = reviewing.submit(Campaign.objects.get(), by=proposal.submitted_by, now=NOW)
    assert again.state == "in_review"


def test_the_submitter_withdraws_and_nobody_else():
    proposal = submitted()

    with pytest.raises(reviewing.OwnProposal):
        reviewing.withdraw(proposal, by=reviewer(), now=NOW)
    reviewing.withdraw(proposal, by=proposal.submitted_by, now=NOW)

    assert state() == "draft"
    assert Proposal.objects.get().state == "withdrawn"


def test_a_decided_proposal_is_decided():
    proposal, rita = submitted(), reviewer()
    reviewing.send_back(proposal, by=rita, now=NOW, reason="no")

    for decide in (reviewing.approve, reviewing.withdraw, lambda *a, **k: reviewing.send_back(*a, reason="no", **k)):
        with pytest.raises(reviewing.Decided) as refused:
            decide(proposal, by=rita, now=NOW)
        assert refused.value.state == "sent_back"


def changed_title(campaign):
    campaign.tasks.update(title="Another")


def changed_odds(_campaign):
    Prize.objects.filter(key="win").update(odds=100_000)
    Prize.objects.filter(key="thanks").update(odds=900_000)


def changed_gift(_campaign):
    Gift.objects.filter(slug="hundred-points").update(amount=1)


@pytest.mark.parametrize("change", [changed_title, changed_odds, changed_gift])
def test_what_was_changed_since_is_not_approved(change):
    campaign = draft()
    proposal = submitted(campaign)
    change(campaign)

    with pytest.raises(reviewing.Changed):
        reviewing.approve(proposal, by=reviewer(), now=NOW)
    assert state() == "in_review"


def test_what_was_changed_back_is_approved():
    campaign = draft()
    proposal = submitted(campaign)
    campaign.tasks.update(title="Another")
    campaign_files.load(campaign_file(), by=None, now=NOW)

    reviewing.approve(proposal, by=reviewer(), now=NOW)

    assert state() == "live"


def test_faults_are_refused_at_submission_and_those_that_came_since_at_approval():
    with pytest.raises(reviewing.NotReady) as refused:
        submitted(draft(tasks=[]))
    assert [fault.code for fault in refused.value.reasons] == ["no_tasks"]
    proposal = reviewing.submit(draft(), by=user("other"), now=NOW)

    with pytest.raises(reviewing.NotReady) as refused:
        reviewing.approve(proposal, by=reviewer(), now=NOW + 365 * DAY)
    assert [fault.code for fault in refused.value.reasons] == ["window_over"]


def test_a_live_campaign_stays_live_while_its_change_is_in_review():
    campaign = publish()
    campaign.tasks.update(title="Another")

    proposal = submitted(campaign)

    assert state() == "live"
    assert published.definition_of("autumn").tasks[0].title == "Task check-in"
    reviewing.approve(proposal, by=reviewer(), now=NOW)
    assert (state(), published.definition_of("autumn").tasks[0].title) == ("live", "Another")


def test_a_change_of_a_live_campaign_that_is_sent_back_leaves_it_live():
    campaign = publish()
    campaign.tasks.update(title="Another")

    reviewing.send_back(submitted(campaign), by=reviewer(), now=NOW, reason="no")

    assert state() == "live"
    assert AuditRecord.objects.latest("id").reason == "no"


def test_there_is_one_proposal_at_a_time_and_it_changes_something():
    campaign = publish()
    with pytest.raises(reviewing.NotReady) as refused:
        submitted(campaign)
    assert [fault.code for fault in refused.value.reasons] == ["unchanged"]
    campaign.tasks.update(title="Another")
    reviewing.submit(campaign, by=user("other"), now=NOW)

    with pytest.raises(reviewing.NotReady) as refused:
        reviewing.submit(campaign, by=user("third"), now=NOW)
    assert [fault.code for fault in refused.value.reasons] == ["in_review"]
    with pytest.raises(reviewing.NotReady) as refused:
        publishing.publish(campaign, by=None, now=NOW)
    assert [fault.code for fault in refused.value.reasons] == ["in_review"]


def test_what_has_ended_is_not_submitted():
    campaign = publish()
    Campaign.objects.update(state="ended")

    with pytest.raises(reviewing.NotPossible):
        submitted(campaign)


def lowered():
    """A live campaign in which Ann has done a task, and whose draft gives less for it."""
    campaign = publish(tasks=[task("one"), task("two")], pools=[pool("everyone")])
    playing.submit(make_member(), "autumn", "one", {}, now=NOW)
    campaign.tasks.filter(key="one").update(points=5)
    return campaign


def test_against_participants_needs_a_note_and_a_reviewer_who_may_decide_that():
    campaign = lowered()
    olga = operator()
    with pytest.raises(reviewing.NotReady) as refused:
        reviewing.submit(campaign, by=olga, now=NOW)
    assert [(fault.code, fault.against) for fault in refused.value.reasons] == [("reward_lowered", True)]
    proposal = reviewing.submit(campaign, by=olga, now=NOW, note="The points were a typing error.")

    with pytest.raises(reviewing.NotReady):
        reviewing.approve(proposal, by=reviewer(), now=NOW)
    revision = reviewing.approve(proposal, by=reviewer("boss", "worsen_campaign"), now=NOW)

    assert revision.reason == "The points were a typing error."
    assert "10 → 5" in str(AuditRecord.objects.get(action="campaign.published", changes__revision=[1, 2]).changes)


def test_structural_changes_are_never_let_through():
    campaign = lowered()
    campaign.tasks.filter(key="one").update(key="uno")

    with pytest.raises(reviewing.NotReady) as refused:
        submitted(campaign, note="Please.")
    assert ("task_gone", False) in [(fault.code, fault.against) for fault in refused.value.reasons]


def test_who_may_publish_does_so_alone_only_where_there_are_no_reviews(settings):
    alone, other = user("alone", "publish_campaign"), user("other")

    assert not publishing.may_publish_alone(alone)
    settings.CAMPAIGN_REVIEW = False
    assert publishing.may_publish_alone(alone)
    assert not publishing.may_publish_alone(other)


def test_a_draft_with_proposals_can_be_deleted_and_a_published_one_cannot():
    proposal = submitted()
    reviewing.withdraw(proposal, by=proposal.submitted_by, now=timezone.now())
    assert OPENS < NOW

    Campaign.objects.get().delete()

    assert not Proposal.objects.exists()
