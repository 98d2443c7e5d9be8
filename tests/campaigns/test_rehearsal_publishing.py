"""Nothing is published with an error or with a warning that nobody acknowledged, whichever way one goes."""

import pytest
from django.contrib.auth.models import User

from campaigns import acknowledging, campaign_files, publishing, reviewing
from campaigns.models import Acknowledgement, Campaign, Proposal
from campaigns.rehearsal.rehearsing import rehearse, warnings_of
from operations.models import AuditRecord
from tests.campaigns.reviewers import operator, reviewer, user
from tests.campaigns.scenes import DAY, NOW, OPENS, campaign_file, draft, make_level, make_member, task
from tests.campaigns.test_admin import save

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/campaign/"
GOLD = {"levels": ["gold"]}
KEY = "nobody:task:rich"


@pytest.fixture(autouse=True)
def shop(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"
    make_level("gold")
    make_member("ann")


def warned(**changes):
    """A draft with one warning: no member has gold."""
    return draft(tasks=[task("check-in"), task("rich", audience=GOLD)], **changes)


def too_long(**changes):
    """A draft with an error that only time shows."""
    views = task("views", "event", config={"type": "view", "count": 9, "distinct": "days"})
    return draft(tasks=[views], closes_at=(OPENS + 7 * DAY).isoformat(), opens_at=OPENS.isoformat(), **changes)


def test_it_is_published_once_its_warnings_are_acknowledged():
    campaign = warned()

    with pytest.raises(publishing.NotReady) as refused:
        publishing.publish(campaign, by=None, now=NOW)
    assert [each.key for each in refused.value.warnings] == [KEY]
    assert not refused.value.reasons
    with pytest.raises(publishing.NotReady):
        publishing.publish(campaign, by=None, now=NOW, acknowledged=["another"])
    assert Campaign.objects.get().state == "draft"

    publishing.publish(campaign, by=None, now=NOW, acknowledged=[KEY])

    assert Campaign.objects.get().state == "live"
    changes = AuditRecord.objects.get(action="campaign.published").changes
    assert changes["acknowledged"][1] == [
        "No member whom the campaign reaches is in the audience of task “Task rich” today."
    ]


def test_an_error_that_only_time_shows_keeps_it_back_and_cannot_be_acknowledged():
    campaign = too_long()
    keys = [each.key for each in rehearse(campaign, now=OPENS).findings]

    with pytest.raises(publishing.NotReady) as refused:
        publishing.publish(campaign, by=None, now=OPENS, acknowledged=keys)

    assert [each.code for each in refused.value.reasons] == ["task_too_long"]


def test_what_a_user_acknowledged_holds_for_that_user_and_that_version_of_the_draft():
    campaign, boss, other = warned(), user("boss"), user("other")
    acknowledging.acknowledge(campaign, rehearse(campaign, now=NOW).findings, by=boss, now=NOW)

    with pytest.raises(publishing.NotReady):
        publishing.publish(campaign, by=other, now=NOW)
    Campaign.objects.update(tagline="Changed since")
    with pytest.raises(publishing.NotReady):
        publishing.publish(Campaign.objects.get(), by=boss, now=NOW)
    Campaign.objects.update(tagline="")
    publishing.publish(Campaign.objects.get(), by=boss, now=NOW)

    assert Campaign.objects.get().state == "live"


def test_acknowledging_twice_is_put_on_record_once():
    campaign, boss = warned(), user("boss")

    for _again in range(2):
        acknowledging.acknowledge(campaign, rehearse(campaign, now=NOW).findings, by=boss, now=NOW)

    assert Acknowledgement.objects.get(key=KEY).message.startswith("No member")


def test_submitting_and_approving_each_ask_for_an_acknowledgement_of_their_own():
    campaign, olga, rita = warned(), operator(), reviewer()

    with pytest.raises(publishing.NotReady):
        reviewing.submit(campaign, by=olga, now=NOW)
    assert not Proposal.objects.exists()
    proposal = reviewing.submit(campaign, by=olga, now=NOW, acknowledged=[KEY])
    with pytest.raises(publishing.NotReady) as refused:
        reviewing.approve(proposal, by=rita, now=NOW)
    assert [each.key for each in refused.value.warnings] == [KEY]
    assert Proposal.objects.get().state == "in_review"
    reviewing.approve(proposal, by=rita, now=NOW, acknowledged=[KEY])

    assert Campaign.objects.get().state == "live"
    assert set(Acknowledgement.objects.values_list("key", "by__username")) == {(KEY, "olga"), (KEY, "rita")}


def test_submitting_what_cannot_be_done_in_time_is_refused():
    with pytest.raises(publishing.NotReady) as refused:
        reviewing.submit(too_long(), by=operator(), now=OPENS, acknowledged=["task_too_long:views"])

    assert [each.code for each in refused.value.reasons] == ["task_too_long"]


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_the_buttons_and_actions_of_the_admin_are_refused_alike(admin_client, settings):
    settings.CAMPAIGN_REVIEW = False
    campaign = warned(rules="Fair")

    by_button = said(save(admin_client, campaign, "campaigns_campaign_save_and_publish"))
    action = {"action": "publish", "_selected_action": [campaign.pk]}
    by_action = said(admin_client.post(LIST, action, follow=True))

    for told in (by_button, by_action):
        assert "these warnings of the rehearsal are not acknowledged" in told
        assert f"{LIST}{campaign.pk}/rehearsal/" in told
    assert Campaign.objects.get().state == "draft"


def test_the_review_leads_to_the_rehearsal(client):
    campaign = warned()
    client.force_login(operator())

    review, note = f"{LIST}{campaign.pk}/review/", "For the harvest"

    response = client.post(review, {"do": "submit", "note": note}, follow=True)

    assert response.request["PATH_INFO"] == f"{LIST}{campaign.pk}/rehearsal/"
    assert "acknowledge these warnings of the rehearsal first" in said(response)
    client.post(f"{LIST}{campaign.pk}/rehearsal/", {"do": "acknowledge", "key": [KEY]})
    # What was typed for the reviewer is there still, and gone once it was sent.
    assert note in client.get(review).content.decode()
    response = client.post(review, {"do": "submit", "note": note}, follow=True)
    assert "waits for somebody else" in said(response)
    assert not [key for key in client.session.keys() if key.startswith("note")]  # noqa: SIM118 a session is no dict


def test_a_file_that_is_loaded_is_a_draft_with_warnings_of_its_own():
    warned()
    campaign = campaign_files.load(campaign_file(slug="loaded", audience=GOLD), by=None, now=NOW)

    assert warnings_of(campaign, now=NOW) == {"nobody:campaign"}
    with pytest.raises(publishing.NotReady):
        publishing.publish(campaign, by=None, now=NOW)
    assert User.objects.count() == 0
