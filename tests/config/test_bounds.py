"""What the bounds on calls cost the calls that come most."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from operations import call_counts
from operations.api_keys import create_api_key
from rewards.chances import grant_chances
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """A client of the API, in the first minute in which it calls."""
    scenes.publish()
    ann = scenes.make_member()
    grant_chances(ann.pk, "campaign:autumn", count=9, key="start", now=scenes.NOW)
    _key, plain, _secret = create_api_key("shop", ["eligibility", "play"])
    call_counts.forget_portions()
    with time_machine.travel(scenes.NOW, tick=False):
        yield Client(headers={"Authorization": f"Api-Key {plain}"})
    call_counts.forget_portions()


def statements(call):
    with CaptureQueriesContext(connection) as asked:
        assert call().status_code in (200, 201)
    return len(asked)


def eligibility(shop):
    return shop.get("/api/v1/members/ann/eligibility/")


def draw(shop, key):
    headers = {"Idempotency-Key": key}
    return shop.post(
        "/api/v1/campaigns/autumn/members/ann/draws/", {}, content_type="application/json", headers=headers
    )


def test_eligibility_costs_no_statement_for_its_bound_but_the_first_of_a_minute(shop, settings):
    eligibility(shop)
    plain = statements(lambda: eligibility(shop))
    settings.API_REQUESTS_PER_MINUTE, settings.API_MEMBER_MOVES_PER_MINUTE = 300_000, 300
    first = statements(lambda: eligibility(shop))
    assert [first, *(statements(lambda: eligibility(shop)) for _call in range(20))] == [plain + 1, *[plain] * 20]


def test_the_draws_of_one_member_cost_a_statement_for_each_portion_of_the_bound(shop, settings):
    draw(shop, "first")
    plain = statements(lambda: draw(shop, "second"))
    settings.API_MEMBER_MOVES_PER_MINUTE = 60
    assert [statements(lambda key=key: draw(shop, f"key-{key}")) - plain for key in range(6)] == [1, 0, 0, 1, 0, 0]
