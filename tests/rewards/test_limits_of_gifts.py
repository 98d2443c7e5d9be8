"""What gifts limit in a simulation: their codes are counted no further than the prizes of the pool can give."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import CampaignPool
from rewards.pools_to_simulate import draft_alone, draft_to_simulate
from tests.campaigns.scenes import draft, make_coupon, pool

pytestmark = pytest.mark.django_db


def pool_with(stock):
    make_coupon(*(f"CODE-{number}" for number in range(30)))
    prizes = [
        {"key": "win", "gift": "coupon", "odds": 500_000, "stock": stock, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 500_000, "stock": None, "consolation": True},
    ]
    draft(pools=[pool("everyone", prizes=prizes)])
    return CampaignPool.objects.get().pool


def codes_of(simulated):
    return {each.gift: each.codes for each in simulated.gifts}


def test_codes_are_counted_no_further_than_the_prizes_can_give():
    assert codes_of(draft_to_simulate(pool_with(4))) == {"coupon": 4}


def test_of_a_prize_without_end_every_code_is_counted():
    assert codes_of(draft_to_simulate(pool_with(None))) == {"coupon": 30}


def test_fewer_codes_than_the_prizes_can_give_are_all_that_there_are():
    assert codes_of(draft_to_simulate(pool_with(1_000))) == {"coupon": 30}


def test_a_pool_by_itself_counts_no_codes_and_is_the_same_otherwise():
    offered = pool_with(4)

    with CaptureQueriesContext(connection) as asked:
        alone = draft_alone(offered)

    assert alone.prizes == draft_to_simulate(offered).prizes
    assert alone.gifts == ()
    assert not [each for each in asked.captured_queries if "rewards_couponcode" in each["sql"]]
