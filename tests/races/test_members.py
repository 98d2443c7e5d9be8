"""Many at once: facts of the same members, and one token at the door."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import jwt
import pytest

from members.entering import EntryRefusal, EntryRefused, enter
from members.ingest import ingest_order_items, ingest_orders
from members.models import Activity, Member, Order, UsedToken
from operations.api_keys import create_api_key
from tests.members.shop import NOW, item, order, stored_days, stored_totals, summed_days, summed_totals
from tests.races import together

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ORDERS = 60


def at_once(number, work):
    """Run work(0) … work(number - 1) at once; an exception of any of them is the test's."""
    results = together.at_once(number, work)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def batches_of(index):
    """Three batches of orders that all threads share, each with its own idea of amount, day and status."""
    chance = random.Random(index)
    for _ in range(3):
        chosen = chance.sample(range(ORDERS), ORDERS // 2)
        yield [
            order(
                f"o{number}",
                f"u{number % 7}",
                days_ago=chance.randrange(4),
                amount=str(chance.randrange(100)),
                status=chance.choice(["paid", "paid", "refunded"]),
            )
            for number in chosen
        ]


def test_overlapping_batches_of_orders_leave_exact_totals():
    def ingest_all(index):
        results = [ingest_orders(batch, now=NOW) for batch in batches_of(index)]
        return sum(result.created for result in results), sum(len(result.rejected) for result in results)

    outcomes = at_once(THREADS, ingest_all)
    assert sum(created for created, _ in outcomes) == Order.objects.count()
    assert sum(rejected for _, rejected in outcomes) == 0
    assert stored_totals() == summed_totals()
    assert stored_days() == summed_days(ZoneInfo("Asia/Shanghai"))


def test_overlapping_new_orders_are_told_of_once():
    batch = [order(f"o{number}", f"u{number}") for number in range(ORDERS)]

    def ingest_shuffled(index):
        return ingest_orders(random.Random(index).sample(batch, len(batch)), now=NOW).created

    assert sum(at_once(THREADS, ingest_shuffled)) == ORDERS
    assert Activity.objects.count() == ORDERS == Member.objects.count()


def test_an_order_that_two_members_claim_at_once_has_one_owner():
    def claim(index):
        result = ingest_orders([order(f"o{number}", f"u{index}") for number in range(ORDERS)], now=NOW)
        return result.created, len(result.rejected)

    outcomes = at_once(THREADS, claim)
    assert sum(created for created, _ in outcomes) == ORDERS
    assert sum(rejected for _, rejected in outcomes) == ORDERS * (THREADS - 1)
    assert stored_totals() == summed_totals()


def test_items_and_corrections_of_their_orders_leave_exact_daily_totals():
    ingest_orders([order(f"o{number}", f"u{number % 3}") for number in range(9)], now=NOW)

    def work(index):
        for step in range(4):
            if index % 2:
                corrected = [order(f"o{n}", f"u{n % 3}", days_ago=1 + (index + step) % 3) for n in range(9)]
                ingest_orders(corrected, now=NOW)
            else:
                lines = [item(f"o{n}", 1 + index, amount=str(step), category=f"c{step % 2}") for n in range(9)]
                ingest_order_items(lines, now=NOW)

    at_once(THREADS, work)
    assert stored_days() == summed_days(ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("jti", ["first", "second", "third"])
def test_one_token_lets_one_of_twenty_in(jti):
    Member.objects.create(uid="u1")
    key, _, secret = create_api_key("shop", ["eligibility"])
    claims = {"sub": "u1", "aud": "h5", "jti": jti, "exp": NOW + timedelta(minutes=5)}
    token = jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key.prefix})

    def try_to_enter(_index):
        try:
            return enter(token, now=NOW).uid
        except EntryRefused as refused:
            return refused.code

    assert sorted(at_once(20, try_to_enter)) == sorted(["u1"] + [EntryRefusal.USED] * 19)
    assert UsedToken.objects.count() == 1
