"""Independent facts in any order of arrival: the same final state, equal to the facts summed another way."""

from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.ingest import ingest_order_items, ingest_orders, ingest_refunds
from members.models import Member, Order, OrderItem, Refund
from tests.members.shop import NOW, item, order, refund, stored_days, stored_totals, summed_days, summed_totals

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Bought:
    """One order as it ends up: what came in at first, what it was corrected to, its lines and its refunds."""

    order_id: str
    first_cents: int
    last_cents: int
    status: str
    lines: list[int]
    refunds: list[tuple[int | None, int]]


def money(cents):
    return f"{cents // 100}.{cents % 100:02d}"


@st.composite
def purchases(draw, order_id):
    """An order whose refunds fit into it, before and after its correction, and into its lines."""
    lines = draw(st.lists(st.integers(0, 700), max_size=3))
    first, last = sum(lines) + draw(st.integers(0, 300)), sum(lines) + draw(st.integers(0, 300))
    left, own = min(first, last), dict(enumerate(lines, start=1))
    refunds = []
    for line in draw(st.lists(st.sampled_from([None, *own]), max_size=4)):
        most = left if line is None else min(left, own[line])
        if most == 0:
            continue
        cents = draw(st.integers(1, most))
        left -= cents
        if line is not None:
            own[line] -= cents
        refunds.append((line, cents))
    status = draw(st.sampled_from(["paid", "paid", "refunded"]))
    return Bought(order_id, first, last, status, lines, refunds)


def facts_of(each):
    """Chains of (ingest, batch): each chain comes in its order, the chains in any."""
    uid, days_ago = f"u{each.order_id[1:]}"[:2], int(each.order_id[1:]) % 3
    rows = [
        order(each.order_id, uid, days_ago=days_ago, amount=money(each.first_cents)),
        order(each.order_id, uid, days_ago=days_ago, amount=money(each.last_cents), status=each.status),
    ]
    lines = [
        item(each.order_id, n, amount=money(cents), category=f"c{n % 2}") for n, cents in enumerate(each.lines, start=1)
    ]
    yield [(ingest_orders, [rows[0]]), (ingest_order_items, lines), (ingest_orders, [rows[1]])]
    for number, (line, cents) in enumerate(each.refunds):
        yield [(ingest_refunds, [refund(f"{each.order_id}-{number}", each.order_id, amount=money(cents), line=line)])]


def interleaved(chance, chains):
    """Bring the chains together in a random order, now and then repeating what came before."""
    chains, came = [list(chain) for chain in chains], []
    while chains:
        chain = chance.choice(chains)
        came.append(chain.pop(0))
        if chance.random() < 0.2:
            came.append(came[-1])
        chains = [each for each in chains if each]
    return came


def bring(sequence):
    """Hypothesis runs its examples within one test: each begins with an empty shop."""
    Order.objects.all().delete()
    Member.objects.all().delete()
    Refund.objects.all().delete()
    for take, batch in sequence:
        assert take(batch, now=NOW).rejected == []
        assert stored_totals() == summed_totals()
    assert stored_days() == summed_days(SHANGHAI)
    return {
        "orders": sorted(Order.objects.values_list("order_id", "amount", "status", "refunded_amount")),
        "lines": sorted(
            OrderItem.objects.values_list("order__order_id", "line", "refunded_quantity", "refunded_amount")
        ),
        "refunds": sorted(Refund.objects.values_list("refund_id", "state")),
        "totals": stored_totals(),
        "days": stored_days(),
    }


def expected_orders(bought):
    """The orders by another way than the product's: what came last, less the sum of the refunds."""
    for each in sorted(bought, key=lambda one: one.order_id):
        back = sum(cents for _, cents in each.refunds)
        whole = each.status == "refunded" or back == each.last_cents > 0
        yield (
            each.order_id,
            *(Decimal(cents) / 100 for cents in (each.last_cents, each.last_cents if whole else back)),
            "refunded" if whole else "paid",
        )


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.tuples(purchases("o1"), purchases("o2"), purchases("o12")),
    st.randoms(use_true_random=False),
)
def test_facts_leave_the_same_whatever_their_order_of_arrival(bought, chance):
    chains = [chain for each in bought for chain in facts_of(each)]
    left = bring(interleaved(chance, chains))
    assert bring(interleaved(chance, chains)) == left
    assert [(i, a, r, s) for i, a, s, r in left["orders"]] == list(expected_orders(bought))
    assert {state for _, state in left["refunds"]} <= {"applied"}
    for each in bought:
        shares = [amount for order_id, _, _, amount in left["lines"] if order_id == each.order_id]
        if sum(each.lines) == each.last_cents and each.lines:
            back = next(refunded for i, _, _, refunded in left["orders"] if i == each.order_id)
            assert sum(shares) == back
