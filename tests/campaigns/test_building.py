"""The builder of campaigns: how one begins, its steps, and what is checked and published at the end."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Proposal
from operations.models import AuditRecord
from tests.campaigns.builder_hands import (
    LIST,
    STEPS,
    begin,
    fields,
    page,
    save,
    standing,
    step_url,
    wrong,
)
from tests.campaigns.scenes import chain, draft, make_level, pool, publish, task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alone_and_now")]


def test_a_campaign_begins_from_nothing_with_what_is_most_often_meant(admin_client):
    make_level("paid")

    answer = begin(admin_client, audience_levels=["paid"])

    made = Campaign.objects.get()
    assert answer.url == step_url(made, "tasks"), wrong(answer)
    assert made.audience == {"levels": ["paid"]}
    assert (made.name, made.slug, made.state) == ("Spring", "campaign-20261112", "draft")
    assert made.closes_at - made.opens_at == timedelta(days=14)
    assert AuditRecord.objects.get(action="campaign.added").target_name == "Spring"


def test_a_campaign_that_cannot_begin_says_why_and_nothing_is_made(admin_client):
    draft(slug="spring")

    answer = begin(admin_client, slug="spring")

    assert answer.status_code == 200
    assert "Key: Campaign with this Key already exists." in wrong(answer)
    assert Campaign.objects.count() == 1


def test_the_start_leads_to_templates_and_to_earlier_campaigns(admin_client):
    draft(slug="spring", name="Spring")
    draft(slug="autumn", name="Autumn")

    text = page(admin_client, f"{LIST}build/?q=spr").content.decode()

    assert reverse("admin:campaigns_campaign_clone", args=[Campaign.objects.get(slug="spring").pk]) in text
    assert reverse("admin:campaigns_campaign_clone", args=[Campaign.objects.get(slug="autumn").pk]) not in text
    assert reverse("admin:campaigns_campaign_blueprints") in text


def test_the_list_of_campaigns_leads_to_the_start(admin_client):
    assert page(admin_client, f"{LIST}new-campaign").redirect_chain[-1][0] == f"{LIST}build/"


def test_a_clone_is_built_on_in_the_builder(admin_client):
    campaign = draft()
    url = reverse("admin:campaigns_campaign_clone", args=[campaign.pk])

    answer = admin_client.post(url, fields(admin_client, url) | {"slug": "again"})

    assert answer.url == f"{LIST}{Campaign.objects.get(slug='again').pk}/build/"


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_page_and_says_how_far_the_draft_is(admin_client, step):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one", "two")])

    answer = page(admin_client, step_url(campaign, step))

    assert list(standing(answer)) == list(STEPS)


def test_the_bar_says_what_is_untouched_faulty_and_complete(admin_client):
    begin(admin_client)
    campaign = Campaign.objects.get()
    assert standing(page(admin_client, step_url(campaign, "audience"))) == {
        "audience": "complete",
        "tasks": "untouched",
        "pools": "untouched",
        "look": "untouched",
        "check": "untouched",
        "publish": "untouched",
    }

    broken = draft(slug="broken", tasks=[task("one", reward={"chances": 1})], pools=[], tagline="Come")

    assert standing(page(admin_client, step_url(broken, "tasks"))) == {
        "audience": "complete",
        "tasks": "complete",
        "pools": "untouched",
        "look": "complete",
        "check": "faults",
        "publish": "untouched",
    }


def test_a_step_that_nobody_has_looked_at_is_not_called_complete(admin_client):
    ready = draft(tasks=[task("one", reward={"points": 1})], pools=[])
    url = step_url(ready, "tasks")

    assert standing(page(admin_client, url)) | {"look": ""} == {
        "audience": "complete",
        "tasks": "complete",
        "pools": "not-needed",
        "look": "",
        "check": "untouched",
        "publish": "untouched",
    }

    Campaign.objects.update(state=Campaign.State.IN_REVIEW)
    assert standing(page(admin_client, url))["check"] == "complete"


def test_the_builder_opens_at_the_first_step_that_is_not_complete(admin_client):
    begin(admin_client)

    assert page(admin_client, f"{LIST}{Campaign.objects.get().pk}/build/").redirect_chain[-1][0].endswith("/tasks/")


def test_the_audience_is_saved_by_the_plain_forms_own_saving(admin_client):
    make_level("paid")
    campaign = draft()

    answer = save(admin_client, step_url(campaign, "audience"), "_next", name="Winter", audience_levels=["paid"])

    campaign.refresh_from_db()
    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    assert (campaign.name, campaign.audience) == ("Winter", {"levels": ["paid"]})
    record = AuditRecord.objects.filter(action="campaign.changed").latest("pk")
    assert record.changes["name"] == ["Campaign autumn", "Winter"]


def test_the_look_is_saved_and_leads_back(admin_client):
    campaign = draft()

    answer = save(admin_client, step_url(campaign, "look"), "_previous", tagline="Come", colour="#00ff00")

    campaign.refresh_from_db()
    assert answer.url == step_url(campaign, "pools"), wrong(answer)
    assert (campaign.tagline, campaign.colour) == ("Come", "#00ff00")


def test_faults_lead_to_the_step_that_mends_them(admin_client):
    make_level("paid")
    campaign = draft(tasks=[task("one", reward={"chances": 1})], pools=[pool("p", audience={"levels": ["gone"]})])
    Campaign.objects.filter(pk=campaign.pk).update(closes_at=campaign.opens_at)

    answer = page(admin_client, step_url(campaign, "check"))

    placed = {step.key: [fault.code for fault in faults] for step, faults in answer.context["groups"]}
    assert placed["audience"] == ["window_reversed"]
    assert "level_unknown" in placed["pools"]
    assert step_url(campaign, "pools") in answer.content.decode()


def test_the_last_step_submits_by_the_review_page(admin_client):
    campaign = draft()
    answer = page(admin_client, step_url(campaign, "publish"))
    review = reverse("admin:campaigns_campaign_review", args=[campaign.pk])
    assert f'action="{review}"' in answer.content.decode()

    admin_client.post(review, {"do": "submit", "note": "New"})

    assert Proposal.objects.get().campaign == campaign
    assert "To the review" in page(admin_client, step_url(campaign, "publish")).content.decode()


def test_the_last_step_publishes_where_nobody_reviews(admin_client):
    campaign = draft()

    admin_client.post(step_url(campaign, "publish"), {"_publish": "1"})

    campaign.refresh_from_db()
    assert campaign.current is not None


def test_with_reviews_nobody_publishes_alone(admin_client, settings):
    settings.CAMPAIGN_REVIEW = True
    campaign = draft()

    assert admin_client.post(step_url(campaign, "publish"), {"_publish": "1"}).status_code == 403
    campaign.refresh_from_db()
    assert campaign.current is None


def test_a_published_campaign_is_built_on_as_its_next_revision(admin_client):
    campaign = publish()

    save(admin_client, step_url(campaign, "look"), tagline="New line")

    campaign.refresh_from_db()
    assert campaign.tagline == "New line"
    assert campaign.current.definition["tagline"] == ""
    assert "New line" in page(admin_client, step_url(campaign, "publish")).content.decode()


def test_a_campaign_that_is_over_is_no_longer_changed(admin_client):
    campaign = draft()
    data = fields(admin_client, step_url(campaign, "look")) | {"tagline": "Late", "_save": "1"}
    Campaign.objects.filter(pk=campaign.pk).update(state="archived")

    answer = admin_client.post(step_url(campaign, "look"), data)

    assert answer.status_code == 200
    campaign.refresh_from_db()
    assert campaign.tagline == ""


def test_the_check_does_not_call_fine_what_the_rehearsal_refuses(admin_client):
    views = {"type": "view", "count": 90, "distinct": "days"}
    campaign = draft(tasks=[task("views", "event", config=views, title="Ninety days")], pools=[])

    text = page(admin_client, step_url(campaign, "check")).content.decode()

    assert "Nothing is wrong" not in text
    assert "This cannot be published yet" in text
    assert "Task “Ninety days” takes 90 days" in text
    assert reverse("admin:campaigns_campaign_rehearsal", args=[campaign.pk]) in text
