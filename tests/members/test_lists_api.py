"""Levels as API clients list them."""

import pytest

from members.models import Level
from tests.members.levels import short_ladder
from tests.members.test_api import client_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    short_ladder()
    return client_with("eligibility")


def slugs(client, query=""):
    return [each["slug"] for each in client.get(f"/api/v1/levels/{query}").json()["levels"]]


def test_levels_come_by_rank_with_what_each_brings(client):
    Level.objects.filter(slug="gold").update(points_multiplier="1.5", benefits="Tee", benefits_en="Tea\nCake")
    assert slugs(client) == ["normal", "silver", "gold", "plus"]
    assert slugs(client, "?ordering=-rank") == ["plus", "gold", "silver", "normal"]
    assert client.get("/api/v1/levels/gold/").json() == {
        "slug": "gold", "name": "Gold", "kind": "growth", "rank": 3, "growth_needed": 500, "valid_months": 12,
        "downgrade": "last_year", "points_multiplier": "1.50", "extra_chances": 0, "extra_chances_period": "day",
        "benefits": ["1.5 × points for each purchase", "Tea", "Cake"],
    }  # fmt: skip
    assert client.get("/api/v1/levels/none/").status_code == 404


def test_levels_by_kind_and_name(client):
    assert slugs(client, "?kind=paid") == ["plus"]
    assert slugs(client, "?name=IL") == ["silver"]
    assert client.get("/api/v1/levels/?kind=gift").json()["fields"].keys() == {"kind"}


def test_pages_follow_each_other(client):
    first = client.get("/api/v1/levels/?limit=3").json()
    second = client.get("/api/v1/levels/", {"limit": 3, "cursor": first["next"]}).json()
    assert ([each["slug"] for each in second["levels"]], second["next"]) == (["plus"], None)


def test_levels_need_the_scope_of_eligibility():
    assert client_with("facts").get("/api/v1/levels/").json()["code"] == "scope_missing"
