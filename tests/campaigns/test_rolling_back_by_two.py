"""Going back to an earlier revision needs a second person where publishing does."""

import pytest

from campaigns import campaign_files, publishing, rolling_back
from campaigns.models import Campaign
from operations import approvals
from operations.four_eyes import SecondPersonNeeded, Seen
from operations.models import ApprovalRequest, AuditRecord
from tests.campaigns.reviewers import reviewer, user
from tests.campaigns.scenes import NOW, campaign_file, publish, task

pytestmark = pytest.mark.django_db
RICH, POOR = task("check-in", reward={"points": 500}), task("check-in", reward={"points": 5})


@pytest.fixture(autouse=True)
def _english(settings, time_machine):
    settings.LANGUAGE_CODE = "en"
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def campaign():
    made = publish(tasks=[RICH])
    republish(made, tasks=[POOR])
    return Campaign.objects.get()


@pytest.fixture
def asker():
    return user("olga", "view_campaign", "roll_back_campaign")


def republish(campaign, **changes):
    campaign_files.load(campaign_file(**changes), by=None, now=NOW)
    publishing.publish(campaign, by=None, now=NOW)


def page(campaign, number=1):
    return f"/admin/campaigns/campaign/{campaign.pk}/revisions/{number}/roll-back/"


def asked_on_the_page(client, campaign, asker):
    client.force_login(asker)
    client.post(page(campaign), {"reason": "It was better."})
    return ApprovalRequest.objects.get()


def numbers():
    campaign = Campaign.objects.select_related("current").get()
    return campaign.current.number, campaign.revisions.count()


def test_one_person_asks_and_nothing_changes(client, campaign, asker):
    assert "Ask to go back" in asked_page(client, campaign, asker)
    request = asked_on_the_page(client, campaign, asker)
    assert numbers() == (2, 2)
    assert (request.kind, request.payload) == ("publishing.roll_back", {"revision": 1, "instead_of": 2})
    told = " ".join(f"{line.what} {line.now} {line.then}" for line in approvals.shown(request).difference.lines)
    assert "500" in told


def asked_page(client, campaign, asker):
    client.force_login(asker)
    return client.get(page(campaign)).content.decode()


def test_a_second_person_approves_and_it_is_current_again(client, campaign, asker):
    request = asked_on_the_page(client, campaign, asker)
    rita = reviewer()
    client.force_login(rita)
    shown = client.get(f"/admin/operations/approvalrequest/{request.pk}/change/")
    assert "takes the place of revision 2" in shown.content.decode()
    approvals.approve(request, by=rita, now=NOW, token=approvals.shown(request).token)
    assert numbers() == (3, 3)
    assert Campaign.objects.get().current.restores == 1
    record = AuditRecord.objects.get(action="campaign.rolled_back")
    assert (record.actor, record.reason) == (rita, "It was better.")


@pytest.mark.parametrize("who", ["operator", "boss"])
def test_code_does_not_do_it_alone_whoever_asks(campaign, asker, who):
    by = asker if who == "operator" else user("boss", is_superuser=True)
    with pytest.raises(SecondPersonNeeded):
        rolling_back.roll_back(campaign.revisions.get(number=1), by=by, now=NOW, reason="Mine.")
    assert numbers() == (2, 2)
    seen = Seen(asker.pk, reviewer().pk)
    rolling_back.roll_back(campaign.revisions.get(number=1), by=by, now=NOW, reason="Ours.", seen=seen)
    assert numbers() == (3, 3)


def test_the_administrator_alone_is_only_asking_too(client, campaign):
    request = asked_on_the_page(client, campaign, boss := user("boss", is_superuser=True))
    with pytest.raises(approvals.NotDecided, match="another person"):
        approvals.approve(request, by=boss, now=NOW, token=approvals.shown(request).token)
    assert numbers() == (2, 2)


def test_where_another_revision_holds_meanwhile_it_is_overtaken(client, campaign, asker):
    request = asked_on_the_page(client, campaign, asker)
    token = approvals.shown(request).token
    republish(campaign, tasks=[task("check-in", reward={"points": 50})])
    with pytest.raises(approvals.Overtaken, match="Revision 2, which it was to take the place of, holds no more"):
        approvals.approve(request, by=reviewer(), now=NOW, token=token)
    request.refresh_from_db()
    assert (request.state, numbers()) == ("overtaken", (3, 3))


def test_in_a_shop_without_reviews_one_person_goes_back(client, campaign, asker, settings):
    settings.FOUR_EYES = frozenset()
    client.force_login(asker)
    client.post(page(campaign), {"reason": "It was better."})
    assert numbers() == (3, 3)
    assert AuditRecord.objects.get(action="campaign.rolled_back").actor == asker
