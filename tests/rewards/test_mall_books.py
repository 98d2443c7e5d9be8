"""The books of the mall notice what no guard should let happen."""

import pytest
from django.db import connection

from rewards import mall_orders
from rewards.mall_books import INVARIANTS
from rewards.models import MallOrder
from tests.rewards.mall_shop import NOW, item, place, rich

pytestmark = pytest.mark.django_db

BREACHES = {
    "mall: an order was paid by its member, its price in points": "UPDATE rewards_mallorder SET price = price + 1",
    "mall: an order has its award, of its member and its item's gift": (
        "UPDATE rewards_award SET scope = '' WHERE scope = 'mall'"
    ),
    "mall: of a cancelled order award and points went back, of one that stands neither": (
        "UPDATE rewards_award SET state = 'delivered' WHERE state = 'reversed'"
    ),
    "mall: places taken of an item = orders that stand": "UPDATE rewards_quota SET used = used + 1, allowed = 99",
}


@pytest.fixture
def _ordered():
    ann, bob = rich(2)
    item(price=300, stock=5)
    place(ann)
    place(bob)
    mall_orders.cancel(MallOrder.objects.get(member=bob).pk, by=None, reason="returned", now=NOW)


def violations(name):
    with connection.cursor() as cursor:
        cursor.execute(INVARIANTS[name])
        return cursor.fetchone()[0]


@pytest.mark.usefixtures("_ordered")
@pytest.mark.parametrize("name", INVARIANTS)
def test_each_invariant_holds_and_notices_its_breach(name):
    assert violations(name) == 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(BREACHES[name])
    assert violations(name) > 0
