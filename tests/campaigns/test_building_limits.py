"""Whom the builder lets in, and what it makes of input that no operator types."""

import pytest

from campaigns.models import Typed
from tests.campaigns.builder_hands import (
    LIST,
    STEPS,
    autosave,
    fields,
    page,
    save,
    staff,
    step_url,
    wrong,
)
from tests.campaigns.scenes import chain, draft, task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alone_and_now")]


def test_who_may_only_look_is_not_let_into_the_builder(client):
    campaign = draft()
    client.force_login(staff("view_campaign", "view_task"))

    for step in STEPS:
        assert client.get(step_url(campaign, step)).status_code == 403
        assert client.post(step_url(campaign, step, "autosave/")).status_code == 403
    assert client.get(f"{LIST}build/").status_code == 403


def test_who_may_change_campaigns_but_not_tasks_leaves_tasks_alone(client):
    campaign = draft(tasks=[task("one"), task("two")])
    client.force_login(staff("view_campaign", "change_campaign", "view_task"))

    # What the form would send of them is made up: it does not offer it.
    rows = {"tasks-TOTAL_FORMS": "2", "tasks-INITIAL_FORMS": "2", "tasks-0-id": campaign.tasks.first().pk}
    save(client, step_url(campaign, "tasks"), **rows, **{"tasks-0-position": "9"})

    assert client.get(step_url(campaign, "tasks", f"{campaign.tasks.first().pk}/")).status_code == 403
    assert not campaign.tasks.filter(position=9).exists()


NAUGHTY = ["\0", "9" * 400, "0001-01-01", "9999-12-31", "[" * 5_000, "-1"]


@pytest.mark.parametrize("step", ["audience", "tasks", "pools", "look"])
def test_no_input_breaks_a_step(admin_client, step):
    """Each value in every control at once, then in all but those that count rows."""
    campaign = draft(tasks=[task("one")], chains=[chain("path", "one")])
    url = step_url(campaign, step)
    sent = fields(admin_client, url)
    rows_only = {name: value for name, value in sent.items() if "_FORMS" in name or name == "token"}

    for value in NAUGHTY:
        everywhere = dict.fromkeys(sent, value)
        assert admin_client.post(url, everywhere).status_code < 500, value[:20]
        assert autosave(admin_client, url, everywhere | rows_only).status_code < 500, value[:20]
    assert admin_client.post(url, {}).status_code < 500
    page(admin_client, url)


def test_moments_at_the_ends_of_the_calendar_are_no_fault_of_the_page(admin_client):
    campaign = draft()

    for first, last in (("0001-01-01", "9999-12-31"), ("9999-12-31", "0001-01-01")):
        changes = {"opens_at_0": first, "opens_at_1": "00:00", "closes_at_0": last, "closes_at_1": "23:59"}
        answer = save(admin_client, step_url(campaign, "audience"), **changes)
        assert "Opens: The year must be from 2000 to 2199." in wrong(answer)
        for step in STEPS:
            assert admin_client.get(step_url(campaign, step)).status_code == 200


def test_what_was_typed_goes_with_its_campaign(admin_client):
    campaign = draft()
    url = step_url(campaign, "audience")
    autosave(admin_client, url, fields(admin_client, url) | {"name": ""})
    assert Typed.objects.count() == 1

    campaign.delete()

    assert not Typed.objects.exists()
