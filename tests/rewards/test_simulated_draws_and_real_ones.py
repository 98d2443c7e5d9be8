"""The draw in PostgreSQL and the simulation give the same prizes for the same rolls, with the same reasons."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from rewards.drawing import draw
from rewards.models import Budget, Draw, Gift
from rewards.odds import SCALE
from rewards.pools import publish_pool
from rewards.pools_to_simulate import budgets_left, draft_to_simulate, version_to_simulate
from rewards.simulated_pool import Why
from rewards.simulating import Draws, play
from tests.rewards.build import NOW, SCOPE, books_are_right, coupon, gift, pool, with_chances

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
DRAWS, PEOPLE, HOURS = 160, 9, 60


@pytest.fixture
def version():
    """Publish a pool that has every limit there is."""
    draft = pool(
        (gift("phone", cost=Decimal("5.00")), 60_000, 3),
        (coupon("coupon", codes=14, cost=Decimal("0.50")), 300_000, None),
        (gift("bag", cost=Decimal("1.20"), per_member=3), 150_000, 40),
        (gift("points", cost=Decimal("0.01")), 200_000, None),
        consolation=(gift("thanks", cost=Decimal("0.01")), 290_000),
    )
    draft.prizes.filter(key="coupon").update(per_hour=1, per_member=3)
    draft.prizes.filter(key="bag").update(per_day=9)
    draft.wins_per_member, draft.guarantee_after, draft.guarantee_prize = 11, 3, "bag"
    draft.save()
    published = publish_pool(draft, by=None, now=NOW)
    # A draft of 40 would be refused with less of its gift; some was given elsewhere since.
    Gift.objects.filter(slug="bag").update(stock=18)
    return published


def chance_draws(seed):
    chance = np.random.default_rng(seed)
    return Draws(
        chance.integers(0, SCALE, DRAWS, dtype=np.int32),
        chance.integers(0, PEOPLE, DRAWS, dtype=np.int32),
        np.sort(chance.integers(0, HOURS, DRAWS, dtype=np.int32)),
    )


def drawn_for_real(version, draws):
    people = with_chances(PEOPLE, each=DRAWS)
    for number, (roll, member, hour) in enumerate(zip(draws.rolls, draws.members, draws.hours, strict=True)):
        draw(
            people[member].pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=int(roll),
            now=MIDNIGHT + timedelta(hours=int(hour)),
        )  # fmt: skip
    assert books_are_right()
    return list(Draw.objects.order_by("id").values_list("prize", "fallback"))


def simulated(pool, draws, budgets=()):
    played = play(pool, draws, budgets)
    reasons = ["" if why == Why.NOTHING else Why(why).name.lower() for why in played.why]
    return [(pool.prizes[place].key, why) for place, why in zip(played.given, reasons, strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_the_same_rolls_give_the_same_prizes(version, seed):
    draws = chance_draws(seed)
    expected = simulated(version_to_simulate(version), draws)
    assert drawn_for_real(version, draws) == expected
    assert {"no_code", "guaranteed", "hour", "gift_out_of_stock"} <= {why for _prize, why in expected}


@pytest.mark.parametrize("seed", range(3))
def test_the_same_rolls_give_the_same_prizes_within_budgets(version, seed):
    Budget.objects.create(scope="pool:wheel", per=Budget.Per.TOTAL, cents=3_500)
    Budget.objects.create(scope="pool:wheel", per=Budget.Per.DAY, cents=1_500)
    Budget.objects.create(scope="pool:wheel", per=Budget.Per.MEMBER, cents=700)
    Budget.objects.create(scope="pool:wheel", per=Budget.Per.MEMBER_DAY, cents=400)
    draws, budgets = chance_draws(seed), budgets_left(version.pool)
    expected = simulated(version_to_simulate(version), draws, budgets)
    assert drawn_for_real(version, draws) == expected
    assert {"budget", "guaranteed", "hour"} <= {why for _prize, why in expected}


def test_the_draft_of_a_running_pool_goes_on_from_what_is_left(version):
    draws = chance_draws(4)
    given = [prize for prize, _why in drawn_for_real(version, draws)]
    left = {prize.key: prize.stock for prize in draft_to_simulate(version.pool).prizes}
    assert (left["phone"], left["bag"]) == (3 - given.count("phone"), 40 - given.count("bag"))
    limits = {each.gift: each for each in draft_to_simulate(version.pool).gifts}
    assert (limits["bag"].stock, limits["coupon"].codes) == (18 - given.count("bag"), 14 - given.count("coupon"))
