"""The ledger's books notice what no guard should let happen."""

from datetime import timedelta

import pytest
from django.db import connection

from operations.books import count_violations
from rewards import ledger
from rewards.ledger_books import INVARIANTS
from rewards.models import Unit
from tests.rewards.build import NOW, members

pytestmark = pytest.mark.django_db

OF = "(SELECT id FROM rewards_entry WHERE key = '{}')"
SPENT, EARNED, PENDED, SENT = (OF.format(key) for key in ("spent", "earned", "pended", "sent"))
BREACHES = {
    "ledger: accounts = sums of what their entries did": (
        "UPDATE rewards_account SET earned = earned + 1 WHERE member_id = (SELECT min(id) FROM members_member)"
    ),
    "ledger: no balance beside a debt": (
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE rewards_account DROP CONSTRAINT account_no_balance_beside_debt;"
        "UPDATE rewards_account SET debt = 1 WHERE balance > 0 AND pending > 0"
    ),
    "ledger: the last entry tells the balance": (
        "UPDATE rewards_entry SET balance_after = balance_after + 1 WHERE kind = 'receive'"
    ),
    "ledger: pending = sum of what is still pending of entries": (
        "UPDATE rewards_pendingentry SET remaining = remaining - 1"
    ),
    "ledger: what is left of a lot = its amount less its uses": (
        f"UPDATE rewards_lot SET remaining = remaining - 1 WHERE entry_id = {EARNED}"
    ),
    "ledger: lots are within the balance": ("UPDATE rewards_account SET balance = 1 WHERE pending > 0"),
    "ledger: a lot is what its entry added to the balance": (
        f"UPDATE rewards_lot SET amount = amount + 1 WHERE entry_id = {EARNED}"
    ),
    "ledger: an entry takes from lots of its account no more than from the balance": (
        f"UPDATE rewards_lotuse SET amount = amount + 1 WHERE entry_id = {SPENT}"
    ),
    "ledger: what an entry did agrees with its amount and kind": (
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE rewards_entry DROP CONSTRAINT entry_does_what_its_kind_does;"
        "UPDATE rewards_entry SET to_debt = 1 WHERE key = 'spent'"
    ),
    "ledger: an entry is never reversed beyond its amount": (
        "UPDATE rewards_entry SET amount = 11, to_balance = 11 WHERE key = 'given back'"
    ),
    "ledger: what a spend gave back to a lot is within what it took": (
        f"UPDATE rewards_lotuse SET amount = -11 WHERE entry_id = {OF.format('given back')}"
    ),
    "ledger: an entry that was pending matured once, with what was not reversed before": (
        "UPDATE rewards_pendingentry SET remaining = remaining - 1"
    ),
    "ledger: a transfer gives what it takes, in the same unit": (
        "UPDATE rewards_entry SET amount = amount + 1, to_balance = amount + 1 WHERE kind = 'receive'"
    ),
}


@pytest.fixture
def _posted():
    Unit.objects.filter(slug="points").update(expiry="days", expires_after=30)
    one, other = members(2)

    def post(amount, key, **more):
        return ledger.post_entry(one.pk, "points", amount=amount, key=key, reason="test", now=NOW, **more)

    post(100, "earned")
    spent = post(-10, "spent")
    ledger.reverse_entry(spent.pk, amount=4, key="given back", reason="test", now=NOW)
    post(20, "pended", matures_at=NOW + timedelta(days=1))
    ledger.transfer(one.pk, other.pk, "points", amount=30, key="sent", reason="test", now=NOW)


def violations():
    return {count.name: count.violations for count in count_violations() if count.name in INVARIANTS}


@pytest.mark.usefixtures("_posted")
def test_all_invariants_are_registered_and_hold():
    assert violations() == dict.fromkeys(INVARIANTS, 0)
    assert set(BREACHES) == set(INVARIANTS)


@pytest.mark.usefixtures("_posted")
@pytest.mark.parametrize("name", BREACHES)
def test_each_invariant_notices_its_breach(name):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(BREACHES[name])
    assert violations()[name] == 1
