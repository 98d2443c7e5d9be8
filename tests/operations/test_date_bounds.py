"""A year that nobody can mean is a clear error at its field, whichever form it is typed in."""

import pytest

from campaigns.models import Campaign
from tests.campaigns.scenes import draft
from tests.filled_forms import sent_by

pytestmark = pytest.mark.django_db
TOLD = "The year must be from 2000 to 2199."


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
def test_a_campaign_has_a_year_that_can_be_meant(admin_client, field, day):
    campaign = draft()
    url = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    form = sent_by(admin_client.get(url).content.decode())

    answer = admin_client.post(url, form | {f"{field}_0": day, "_save": "1"})

    told = [str(words) for words in answer.context["adminform"].form.errors[field]]
    assert len(told) == 1
    assert told[0] == TOLD or "couldn’t be interpreted in time zone" in told[0]
    assert getattr(Campaign.objects.get(), field) == getattr(campaign, field)


@pytest.mark.parametrize("address", ["rewards/mallitem/add/", "rewards/earningrule/add/"])
def test_other_forms_too(admin_client, address):
    url = f"/admin/{address}"
    page = admin_client.get(url)
    fields = [name for name in page.context["adminform"].form.fields if name.endswith("_at")]
    sent = sent_by(page.content.decode()) | {
        f"{name}_{part}": value for name in fields for part, value in ((0, "9999-12-31"), (1, "23:59"))
    }

    errors = admin_client.post(url, sent).context["adminform"].form.errors

    assert fields
    assert all(TOLD in errors[name] for name in fields)


def test_what_is_cloned_too(admin_client):
    campaign = draft()
    url = f"/admin/campaigns/campaign/{campaign.pk}/clone/"
    sent = sent_by(admin_client.get(url).content.decode()) | {"opens_at_0": "0001-01-01", "closes_at_0": "9999-12-31"}

    answer = admin_client.post(url, sent)

    assert TOLD in answer.content.decode()
    assert Campaign.objects.count() == 1
