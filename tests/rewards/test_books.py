"""The books notice what no guard should let happen."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from operations.books import count_violations
from rewards import adjusting
from rewards.books import INVARIANTS
from rewards.drawing import draw
from rewards.ledger_books import INVARIANTS as OF_THE_LEDGER
from rewards.mall_books import INVARIANTS as OF_THE_MALL
from rewards.models import Budget, Unit
from rewards.sending_books import INVARIANTS as OF_SENDING
from tests.rewards import earned
from tests.rewards.build import NOW, SCOPE, coupon, gift, published, with_chances

pytestmark = pytest.mark.django_db

BREACHES = {
    "rewards: issued of a stock = awards that took from it": (
        "UPDATE rewards_prizestock SET issued = 0 WHERE key = 'plus'"
    ),
    "rewards: a limited prize took from its stock": (
        "UPDATE rewards_award SET taken = taken - 'stock'"
        " WHERE id = (SELECT award_id FROM rewards_draw WHERE prize = 'plus')"
    ),
    "rewards: used of a quota = awards that took from it": (
        "UPDATE rewards_quota SET used = used + 1 WHERE key LIKE 'gift:%'"
    ),
    "rewards: what was spent of a budget = what awards took from it": (
        "UPDATE rewards_budgetuse SET drawn = drawn + 1 WHERE drawn > 0"
    ),
    "rewards: a draw bought was paid in points": (
        "UPDATE rewards_draw SET price = 3 WHERE id = (SELECT max(id) FROM rewards_draw)"
    ),
    "rewards: draws without a win follow from each other, up to the streak": (
        "INSERT INTO rewards_streak (member_id, pool_id, misses)"
        " SELECT member.id, pool.id, 1 FROM members_member member, rewards_prizepool pool"
    ),
    "rewards: chances used = draws": "UPDATE rewards_chances SET used = used - 1",
    "rewards: chances granted = sum of grants": "UPDATE rewards_chances SET granted = granted + 1",
    "rewards: levels follow all growth value that was earned": (
        "INSERT INTO members_memberlevel (member_id, growth, growth_base, since)"
        " SELECT id, 5, 0, now() FROM members_member"
    ),
    "rewards: a code belongs to an award of its gift": (
        "UPDATE rewards_couponcode SET award_id = (SELECT award_id FROM rewards_draw WHERE prize = 'plus')"
    ),
    "rewards: a coupon's award has a code": "UPDATE rewards_couponcode SET award_id = NULL",
    "rewards: an award was used = it was checked off, within its time": (
        "UPDATE rewards_award SET state = 'redeemed'"
        " WHERE id = (SELECT award_id FROM rewards_draw WHERE prize = 'voucher')"
    ),
    "rewards: an award of points has its entry": "UPDATE rewards_entry SET key = 'x' WHERE key LIKE 'award:%'",
    "rewards: each roll gave the prize that owns it, or with a reason the guaranteed or consolation one": (
        "UPDATE rewards_draw SET roll = 999999 WHERE prize = 'plus'"
    ),
    "rewards: a draw's award is the member's, of the prize's gift": (
        "UPDATE rewards_award SET gift_id = (SELECT id FROM rewards_gift WHERE slug = 'thanks')"
        " WHERE id = (SELECT award_id FROM rewards_draw WHERE prize = 'voucher')"
    ),
    "rewards: a charge is the whole cost of its award, to a budget of everyone or of its member": (
        "UPDATE rewards_award SET taken = '{\"budgets\": [[0, 1]]}' WHERE id = (SELECT max(award_id) FROM rewards_draw)"
    ),
    "rewards: nothing is drawn beyond what its budget allowed": (
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE rewards_budgetuse DROP CONSTRAINT budget_drawn_within_allowed;"
        " INSERT INTO rewards_budgetuse (budget_id, allowed, drawn, promised) VALUES (0, 0, 1, 0)"
    ),
    "rewards: what an earning keeps is the sum of its entries": "UPDATE rewards_earning SET granted = granted + 1",
    "rewards: nothing is kept of an order that was refunded in whole": (
        "UPDATE members_order SET refunded_amount = amount"
    ),
    "rewards: an adjustment's entry is of its member, unit and amount": (
        "UPDATE rewards_adjustment SET amount = amount + 1"
    ),
}


@pytest.fixture
def _drawn():
    (member,) = with_chances(1, each=3)
    version = published(
        (coupon("voucher", codes=1), 10, 1),
        (gift("plus", "points", amount=5, cost=1, per_member=2), 10, 1),
        consolation=(gift("thanks"), 999_980),
    )
    Budget.objects.create(scope=SCOPE, cents=1000)
    for number, roll in enumerate([0, 10, 0]):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=roll, now=NOW)
    earned.rule()
    earned.settle(earned.put_order(member, "A-1", "10.00"))
    lin, points = User.objects.create(username="lin"), Unit.objects.get(slug="points")
    adjusting.request(member, points, amount=5, reason="goodwill", by=lin, now=NOW)


def violations():
    return {count.name: count.violations for count in count_violations() if count.name in INVARIANTS}


@pytest.mark.usefixtures("_drawn")
def test_all_invariants_are_registered_and_hold():
    assert violations() == dict.fromkeys(INVARIANTS, 0)
    assert set(BREACHES) == set(INVARIANTS) - set(OF_THE_LEDGER) - set(OF_SENDING) - set(OF_THE_MALL)


@pytest.mark.usefixtures("_drawn")
@pytest.mark.parametrize("name", BREACHES)
def test_each_invariant_notices_its_breach(name):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(BREACHES[name])
    assert violations()[name] == 1
