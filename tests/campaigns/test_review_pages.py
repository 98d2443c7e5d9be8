"""Submitting, deciding, going back, cloning and starting from a template, as operators do it in the admin."""

import pytest

from campaigns import campaign_files, playing, publishing, reviewing
from campaigns.models import Campaign, Proposal
from tests.campaigns.reviewers import operator, reviewer, user
from tests.campaigns.scenes import NOW, campaign_file, draft, make_member, pool, publish, task
from tests.campaigns.test_admin import save

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/campaign/"


@pytest.fixture(autouse=True)
def _at_now(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def page(campaign, name="review"):
    return f"{LIST}{campaign.pk}/{name}/"


def do(client, campaign, what, **data):
    proposal = Proposal.objects.filter(state="in_review").first()
    return client.post(page(campaign), {"do": what, "proposal": proposal.pk if proposal else ""} | data, follow=True)


def test_save_and_submit_leads_to_the_page_and_a_second_person_approves(client, admin_client):
    campaign = draft()
    response = save(admin_client, campaign, "campaigns_campaign_save_and_submit")
    assert response.request["PATH_INFO"] == page(campaign)
    assert "Task “Task check-in” (check-in)" in response.content.decode()
    assert "New prize “100 points”, with odds of 50 %" in response.content.decode()
    assert "Campaign “Campaign autumn” (autumn)" in response.content.decode()

    assert "waits for somebody else" in said(do(admin_client, campaign, "submit", note="For November."))
    own = admin_client.get(page(campaign)).content.decode()
    assert "For November." in own
    assert 'value="approve"' not in own
    assert "Somebody else has to decide" in said(do(admin_client, campaign, "approve"))
    assert "Waiting for your approval" not in admin_client.get("/admin/").content.decode()
    client.force_login(reviewer())
    (waiting,) = client.get("/admin/").context["to_approve"]
    assert (waiting.title, waiting.asked_by) == ("Campaign autumn", "admin")
    assert 'value="approve"' in client.get(page(campaign)).content.decode()
    assert "is published as it was submitted" in said(do(client, campaign, "approve"))

    assert Campaign.objects.get().state == "live"


def test_it_is_sent_back_with_a_reason_or_withdrawn(client):
    campaign, olga, rita = draft(), operator(), reviewer()
    client.force_login(olga)
    do(client, campaign, "submit")
    client.force_login(rita)

    assert "This field is required" in do(client, campaign, "send_back").content.decode()
    assert "is sent back to olga" in said(do(client, campaign, "send_back", reason="Too dear."))
    client.force_login(olga)
    assert "Too dear." in client.get(page(campaign)).content.decode()
    do(client, campaign, "submit")
    assert "withdrawn" in said(do(client, campaign, "withdraw"))

    assert Campaign.objects.get().state == "draft"


def test_a_draft_that_changed_meanwhile_is_shown_and_not_approved(client):
    campaign = draft()
    reviewing.submit(campaign, by=operator(), now=NOW)
    campaign.tasks.update(title="Another")
    client.force_login(reviewer())

    shown = client.get(page(campaign)).content.decode()

    assert "The draft has changed since" in shown
    assert "Title: Task check-in → Another" in shown
    assert 'value="approve"' not in shown
    assert "has changed since it was submitted" in said(do(client, campaign, "approve"))


def test_a_page_that_is_out_of_date_decides_about_nothing(client):
    campaign, olga = draft(), operator()
    first = reviewing.submit(campaign, by=olga, now=NOW)
    reviewing.withdraw(first, by=olga, now=NOW)
    reviewing.submit(campaign, by=olga, now=NOW)
    client.force_login(reviewer())

    response = client.post(page(campaign), {"do": "approve", "proposal": first.pk}, follow=True)

    assert "no longer in review" in said(response)
    assert Campaign.objects.get().state == "in_review"


def test_faults_keep_a_draft_from_being_submitted(client):
    campaign = draft(tasks=[])
    client.force_login(operator())

    assert "The campaign has no tasks." in client.get(page(campaign)).content.decode()
    assert "The campaign has no tasks." in said(do(client, campaign, "submit"))


def test_what_is_against_participants_is_shown_to_who_decides(client):
    campaign = publish()
    playing.submit(make_member(), "autumn", "check-in", {}, now=NOW)
    campaign.tasks.update(points=5)
    reviewing.submit(campaign, by=operator(), now=NOW, note="A typing error.")
    client.force_login(reviewer())

    shown = client.get(page(campaign)).content.decode()
    assert "points 10 → 5" in shown
    assert "Reward, points: 10 → 5" in shown
    assert "you lack the right" in shown
    client.force_login(reviewer("boss", "worsen_campaign"))
    do(client, campaign, "approve")

    assert Campaign.objects.get().current.number == 2


@pytest.mark.parametrize(
    ("name", "rights"),
    [
        ("review", ["change_campaign"]),
        ("clone", ["view_campaign"]),
        ("revisions", ["change_campaign"]),
        ("revisions/1/roll-back", ["view_campaign", "change_campaign"]),
        ("revisions/1/to-draft", ["view_campaign"]),
    ],
)
def test_who_lacks_the_right_sees_nothing(client, name, rights):
    campaign = publish()
    client.force_login(user("stranger", *rights))

    assert client.get(page(campaign, name)).status_code == 403
    assert client.get(f"{LIST}templates/").status_code == 403


@pytest.mark.parametrize("what", ["submit", "approve", "send_back", "withdraw"])
def test_who_may_only_look_decides_nothing(client, what):
    campaign = draft()
    reviewing.submit(campaign, by=operator(), now=NOW)
    client.force_login(user("looker", "view_campaign"))

    assert do(client, campaign, what).status_code == 403


def two_revisions():
    campaign = publish(name="First")
    campaign_files.load(campaign_file(name="Second"), by=None, now=NOW)
    publishing.publish(campaign, by=None, now=NOW)
    return Campaign.objects.get()


def test_revisions_are_compared_and_rolled_back_to(admin_client, settings):
    # Where one person may; tests of two are in test_rolling_back_by_two.py.
    settings.CAMPAIGN_REVIEW = False
    campaign = two_revisions()

    assert "Name: First → Second" in admin_client.get(page(campaign, "revisions")).content.decode()
    before = admin_client.get(page(campaign, "revisions/1/roll-back")).content.decode()
    assert "Name: Second → First" in before
    response = admin_client.post(page(campaign, "revisions/1/roll-back"), {"reason": "Better."}, follow=True)
    assert "Revision 1 is current again, as revision 3." in said(response)
    assert "back to revision 1" in response.content.decode()
    compared = admin_client.get(page(campaign, "revisions"), {"before": "3", "after": "1"}).content.decode()
    assert "Nothing changes." in compared
    revision = campaign.revisions.get(number=2)
    shown = admin_client.get(f"/admin/campaigns/revision/{revision.pk}/change/").content.decode()
    assert "Name: First → Second" in shown


def test_a_roll_back_that_is_refused_says_why(admin_client):
    campaign = two_revisions()

    response = admin_client.post(page(campaign, "revisions/2/roll-back"), {"reason": "Why not?"}, follow=True)

    assert "Revision 2 is what holds now." in said(response)


def test_a_revision_is_taken_into_the_draft(admin_client):
    campaign = two_revisions()

    assert admin_client.get(page(campaign, "revisions/1/to-draft")).status_code == 200
    response = admin_client.post(page(campaign, "revisions/1/to-draft"), follow=True)

    assert "The draft says what revision 1 says." in said(response)
    assert Campaign.objects.get().name == "First"


WINDOW = {"opens_at_0": "2026-12-01", "opens_at_1": "00:00", "closes_at_0": "2026-12-31", "closes_at_1": "00:00"}


def test_a_campaign_is_cloned(admin_client):
    campaign = publish(pools=[pool("everyone")], tasks=[task("one")])
    assert admin_client.get(page(campaign, "clone")).status_code == 200

    taken = admin_client.post(page(campaign, "clone"), WINDOW | {"name": "Winter", "slug": "autumn"})
    assert "There is a campaign of this key already." in taken.content.decode()
    late = admin_client.post(page(campaign, "clone"), WINDOW | {"name": "W", "slug": "w", "closes_at_0": "2026-11-01"})
    assert "The campaign closes before it opens." in late.content.decode()
    admin_client.post(page(campaign, "clone"), WINDOW | {"name": "Winter", "slug": "winter"})

    cloned = Campaign.objects.get(slug="winter")
    assert (cloned.name, cloned.state, cloned.pools.get().pool.slug) == ("Winter", "draft", "winter-everyone")


def test_a_campaign_starts_from_a_template(admin_client):
    gallery = admin_client.get(f"{LIST}templates/").content.decode()
    assert "New customers for a category" in gallery
    one = admin_client.get(f"{LIST}templates/new-customers/").content.decode()
    assert "Spend ¥100 on milk" in one
    values = {"category": "milk", "other": "bread", "units": 10, "amount": "99.50", "orders": 10, "within": 90}
    data = WINDOW | values | {"name": "Milk", "slug": "milk", "organiser": "The shop"}

    same = admin_client.post(f"{LIST}templates/new-customers/", data | {"other": "milk"}).content.decode()
    assert "Choose two different categories." in same
    response = admin_client.post(f"{LIST}templates/new-customers/", data, follow=True)

    assert "New segments" in said(response)
    assert "New gifts" in said(response)
    campaign = Campaign.objects.get()
    assert campaign.tasks.get(key="spend").config == {"amount": "99.50", "categories": ["milk"], "within_days": 90}
    assert admin_client.get(f"{LIST}templates/nothing/").status_code == 404
