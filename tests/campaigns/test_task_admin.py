"""A task's own page in the admin: its kind is chosen, its fields become the configuration, its faults stand beside."""

import pytest

from campaigns import kinds
from campaigns.models import ChainStep, Task
from tests.campaigns.scenes import chain, draft, make_level, task
from tests.filled_forms import sent_by

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/task/add/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def page(client, url):
    response = client.get(url)
    assert response.status_code == 200, response
    return response


def save(client, url, **changes):
    return client.post(url, sent_by(page(client, url).content.decode()) | changes | {"_save": "1"})


def change_url(key="one"):
    return f"/admin/campaigns/task/{Task.objects.get(key=key).pk}/change/"


def test_every_kind_can_be_chosen(admin_client):
    campaign = draft()

    text = page(admin_client, f"{ADD}?campaign={campaign.pk}").content.decode()

    for name in kinds.names():
        assert f"kind={name}" in text


@pytest.mark.parametrize("kind", kinds.names())
def test_every_kind_has_a_form(admin_client, kind):
    campaign = draft()

    page(admin_client, f"{ADD}?campaign={campaign.pk}&kind={kind}")


def test_a_task_is_added_to_its_campaign(admin_client):
    campaign = draft(tasks=[])
    make_level("paid")

    answer = save(
        admin_client,
        f"{ADD}?campaign={campaign.pk}&kind=checkin",
        title="Check in",
        key="sign",
        period="daily",
        points="5",
        audience_levels=["paid"],
        quotas_0="100",
        quotas_1="day",
    )

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    added = Task.objects.get()
    assert (added.campaign, added.kind, added.period, added.points) == (campaign, "checkin", "daily", 5)
    assert added.audience == {"levels": ["paid"]}
    assert added.quotas == [{"quota": 100, "per": "day"}]


def test_saving_a_task_without_a_change_keeps_it(admin_client):
    make_level("paid")
    quotas = [{"quota": 10}, {"quota": 5, "per": "week", "audience": {"levels": ["paid"]}}]
    draft(tasks=[task("one", "quiz", quotas=quotas, slot="face", period="times", times=3)])
    before = Task.objects.values().get()

    answer = save(admin_client, change_url())
    assert answer.status_code == 302, answer.context["adminform"].form.errors

    assert Task.objects.values().get() == before


def test_a_fault_of_the_configuration_stands_with_its_place(admin_client):
    draft(tasks=[task("one", "quiz")])

    response = save(admin_client, change_url(), config_pass="9")

    errors = response.context["adminform"].form.errors
    assert errors["config_pass"] == ["pass: The pass mark is a number from 1 to the number of questions."]


def test_for_whom_a_step_falls_away_is_chosen_and_stays_with_the_step(admin_client):
    make_level("paid")
    draft(tasks=[task("one"), task("two")], chains=[chain("path", "one", "two")])
    step = ChainStep.objects.get(number=2)

    save(admin_client, f"/admin/campaigns/chainstep/{step.pk}/change/", skip_levels=["paid"])

    step.refresh_from_db()
    assert step.skip == {"levels": ["paid"]}


@pytest.mark.parametrize("query", ["", "?campaign=x", "?campaign=999999&kind=checkin"])
def test_a_task_without_a_campaign_leads_back(admin_client, query):
    assert admin_client.get(ADD + query).status_code == 302
