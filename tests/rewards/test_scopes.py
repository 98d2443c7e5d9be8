"""What chances, awards and budgets belong to, in words."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from campaigns.models import Campaign
from rewards import scopes
from tests.campaigns.scenes import make_campaign
from tests.rewards.priced import POOL, priced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def a_campaign(state: str = "live", days_left: int = 1) -> Campaign:
    now = timezone.now()
    window = {"opens_at": now - timedelta(days=9), "closes_at": now + timedelta(days=days_left)}
    return make_campaign(state, slug="spring", name="Spring", **window)


def test_a_campaign_a_pool_and_the_mall_have_names_and_pages():
    campaign, version = a_campaign(), priced(("gold", 1, 300))
    campaign.pools.create(pool=version.pool)
    found = scopes.named(["campaign:spring", POOL, "mall"])
    assert {key: each.name for key, each in found.items()} == {
        "campaign:spring": "Campaign “Spring”", POOL: "Pool “Wheel”", "mall": "Points mall",
    }  # fmt: skip
    assert found["campaign:spring"].link == f"/admin/campaigns/campaign/{campaign.pk}/change/"
    assert found["campaign:spring"].pools == found[POOL].pools == ("wheel",)
    assert [each.key for each in scopes.every_scope()] == [POOL, "mall", "campaign:spring"]


@pytest.mark.parametrize("key", ["campaign:gone", "pool:gone", "shop:other", "campaign", ""])
def test_what_nobody_knows_is_called_by_its_key_and_does_not_run(key):
    a_campaign()
    (found,) = scopes.named([key]).values()
    assert (found.name, found.running, found.link) == (key, False, "")


@pytest.mark.parametrize(
    ("state", "days_left", "running"),
    [("live", 1, True), ("paused", 1, True), ("draft", 1, False), ("ended", 1, False), ("live", -1, False)],
)
def test_a_campaign_runs_while_it_is_published_and_its_window_is_open(state, days_left, running):
    a_campaign(state, days_left)
    assert scopes.named(["campaign:spring"])["campaign:spring"].running is running


def test_no_name_is_asked_for_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert scopes.named([]) == {}
