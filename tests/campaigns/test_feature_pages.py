"""What a campaign has beside its tasks, switched on and off in the admin."""

import pytest
from django.contrib.auth.models import Permission

from campaigns import features
from campaigns.models import Campaign
from operations.models import AuditRecord
from tests.campaigns.scenes import draft
from tests.filled_forms import sent_by

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def address(campaign, name=""):
    return f"/admin/campaigns/campaign/{campaign.pk}/features/" + (f"{name}/" if name else "")


def test_every_feature_is_listed_and_has_a_page(admin_client):
    campaign = draft()

    listed = admin_client.get(address(campaign)).content.decode()

    for name in features.names():
        assert str(features.find(name).LABEL) in listed
        assert admin_client.get(address(campaign, name)).status_code == 200


def test_a_feature_is_switched_on_and_off(admin_client):
    campaign = draft()
    page = admin_client.get(address(campaign, "tags")).content.decode()

    admin_client.post(address(campaign, "tags"), sent_by(page) | {"joined": "fans.player"})
    assert Campaign.objects.get().features == {"tags": {"joined": "fans.player"}}

    admin_client.post(address(campaign, "tags"), {"_remove": "1"})
    assert Campaign.objects.get().features == {}
    assert AuditRecord.objects.filter(action="campaign.changed").count() == 2


def test_a_fault_stands_beside_its_field_and_nothing_is_saved(admin_client):
    campaign = draft()

    response = admin_client.post(address(campaign, "tags"), {"joined": "no group"})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert Campaign.objects.get().features == {}


def test_whoever_may_only_look_changes_nothing(client, django_user_model):
    campaign = draft()
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client.force_login(clerk)

    assert client.get(address(campaign, "tags")).status_code == 200
    assert client.post(address(campaign, "tags"), {"joined": "fans.player"}).status_code == 403
    assert client.get(address(campaign, "nothing")).status_code == 404


ENERGY = {
    "sources": [{"event": "view", "amount": 5, "per_day": 10}],
    "help": {"bonus": 2, "per_day": 10},
    "steal": {"percent": 20, "keep": 60},
    "milestones": [{"at": 500, "reward": {"points": 50}}],
    "cause": {"title": "A wood", "goal": 1000},
}
BOARDS = {
    "boards": ["all", "week"],
    "prizes": [{"from": 1, "to": 1, "reward": {"points": 100}}, {"from": 4, "to": 10, "reward": {"points": 10}}],
}


@pytest.mark.parametrize(("name", "config"), [("energy", ENERGY), ("boards", BOARDS)])
def test_saving_a_feature_without_a_change_keeps_it(admin_client, name, config):
    campaign = draft(features={name: config})
    page = admin_client.get(address(campaign, name)).content.decode()

    response = admin_client.post(address(campaign, name), sent_by(page))

    assert response.status_code == 302, response.context["form"].errors
    assert Campaign.objects.get().features == {name: config}
