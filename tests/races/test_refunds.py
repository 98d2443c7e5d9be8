"""Many refunds at once: of one order, of orders that are just coming in, and with one id."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from members.ingest import ingest_order_items, ingest_orders, ingest_refunds
from members.models import Activity, Order, Refund
from tests.members.shop import NOW, item, order, refund, stored_days, stored_totals, summed_days, summed_totals
from tests.races.test_members import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ORDERS = 40


def test_refunds_that_together_exceed_the_order_are_taken_as_far_as_it_goes():
    ingest_orders([order(f"o{n}", f"u{n % 3}") for n in range(ORDERS)], now=NOW)

    def give_back(index):
        result = ingest_refunds([refund(f"r{index}-{n}", f"o{n}", amount="4.00") for n in range(ORDERS)], now=NOW)
        return result.created, len(result.rejected)

    outcomes = at_once(THREADS, give_back)
    assert sum(created for created, _ in outcomes) == 2 * ORDERS
    assert sum(rejected for _, rejected in outcomes) == (THREADS - 2) * ORDERS
    assert Refund.objects.aggregate(total=Sum("amount"))["total"] == 8 * ORDERS
    assert set(Order.objects.values_list("refunded_amount", flat=True)) == {Decimal(8)}
    assert stored_totals() == summed_totals()


def test_no_refund_waits_for_an_order_that_has_come():
    def work(index):
        for step in range(10):
            numbers = range(step * ORDERS, step * ORDERS + ORDERS)
            if index % 2:
                ingest_refunds([refund(f"r{index}-{n}", f"o{n}", amount="1.00") for n in numbers], now=NOW)
            else:
                ingest_orders([order(f"o{n}", f"u{n % 5}") for n in numbers if n % 4 == index // 2], now=NOW)

    at_once(THREADS, work)
    assert Refund.objects.exclude(state="applied").count() == 0
    assert set(Order.objects.values_list("refunded_amount", flat=True)) == {Decimal(THREADS // 2)}
    assert Activity.objects.filter(kind="order.refunded").count() == THREADS // 2 * 10 * ORDERS
    assert stored_totals() == summed_totals()


def test_refunds_for_lines_and_their_lines_at_once_leave_exact_shares():
    ingest_orders([order(f"o{n}", f"u{n % 3}") for n in range(ORDERS)], now=NOW)

    def work(index):
        if index % 2:
            batch = [refund(f"r{index}-{n}", f"o{n}", amount="1.00", line=index // 2 % 2 + 1) for n in range(ORDERS)]
            ingest_refunds(batch, now=NOW)
        else:
            lines = [item(f"o{n}", line, amount="5.00", category=f"c{line}") for n in range(ORDERS) for line in (1, 2)]
            ingest_order_items(lines, now=NOW)

    at_once(THREADS, work)
    assert Refund.objects.exclude(state="applied").count() == 0
    assert set(Order.objects.values_list("refunded_amount", flat=True)) == {Decimal(4)}
    assert stored_days() == summed_days(ZoneInfo("Asia/Shanghai"))


def test_one_refund_id_for_two_orders_at_once_is_of_one_of_them():
    ingest_orders([order(f"o{n}", f"u{n}") for n in range(THREADS)], now=NOW)

    def give_back(index):
        result = ingest_refunds([refund(f"r{n}", f"o{index}", amount="0.01") for n in range(ORDERS)], now=NOW)
        return result.created, len(result.rejected)

    outcomes = at_once(THREADS, give_back)
    assert sum(created for created, _ in outcomes) == ORDERS
    assert sum(rejected for _, rejected in outcomes) == ORDERS * (THREADS - 1)
    refunded = Order.objects.aggregate(total=Sum("refunded_amount"))["total"]
    assert refunded == Refund.objects.aggregate(total=Sum("amount"))["total"]
