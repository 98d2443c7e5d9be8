"""Refunds: what they leave of orders, lines and totals, by the table in tests/cases/refunds.json and in any order."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import activity, imports
from members.ingest import ingest_order_items, ingest_orders, ingest_refunds
from members.models import Activity, Order, Refund
from operations.models import Job
from tests.members.shop import NOW, item, order, refund, stored_days, stored_totals

pytestmark = pytest.mark.django_db
CASES = json.loads((Path(__file__).parent.parent / "cases" / "refunds.json").read_text())


def take(kind, rows):
    importer = imports.importer_of(kind)
    return imports.take(importer, enumerate(rows), context=importer.load_context(NOW), now=NOW)


def answer(result):
    waiting = {} if result.waiting is None else {"waiting": result.waiting}
    rejected = [[index, str(error.code), error.column] for index, error in result.rejected]
    counts = {"created": result.created, "updated": result.updated, "unchanged": result.unchanged}
    return counts | {"rejected": rejected} | waiting


def found():
    """What the database holds, in the words of the table."""
    o1 = Order.objects.filter(order_id="o1").first()
    totals = stored_totals().get("u1")
    return {
        "order": o1 and [o1.status, str(o1.refunded_amount), o1.refunded_quantity],
        "lines": o1 and {str(i.line): [str(i.refunded_amount), i.refunded_quantity] for i in o1.items.all()},
        "refunds": dict(Refund.objects.values_list("refund_id", "state")),
        "totals": totals and [totals[0], str(totals[1]), totals[2]],
        "days": {category: [*numbers[:2], str(numbers[2])] for (_, _, category), numbers in stored_days().items()},
    }


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_what_a_sequence_of_files_leaves(case):
    for step in case["steps"]:
        assert answer(take(step["kind"], step["rows"])) == step["answer"]
    left = found()
    assert {name: left[name] for name in case["then"]} == case["then"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_the_last_file_again_changes_nothing(case):
    for step in case["steps"]:
        take(step["kind"], step["rows"])
    before = found(), Activity.objects.count()
    again = take(case["steps"][-1]["kind"], case["steps"][-1]["rows"])
    assert (again.created, again.updated) == (0, 0)
    assert (found(), Activity.objects.count()) == before


def told():
    return [(each.kind, each.data.get("refund"), each.data.get("refunded")) for each in Activity.objects.order_by("id")]


def test_the_feed_tells_of_each_refund_what_it_took():
    ingest_orders([order("o1")], now=NOW)
    ingest_refunds([refund("r1", amount="4.00")], now=NOW)
    ingest_orders([order("o1", status="refunded")], now=NOW)
    ingest_refunds([refund("r2", amount="1.00")], now=NOW)
    assert told() == [
        ("order.paid", None, None),
        ("order.refunded", "r1", "4.00"),
        ("order.refunded", None, "6.00"),
    ]
    assert Activity.objects.get(data__refund="r1").occurred_at == refund("r1").refunded_at


def test_a_refund_that_waited_is_told_of_when_it_is_applied():
    ingest_refunds([refund("r1", amount="4.00"), refund("r2", amount="1.00", line=1)], now=NOW)
    assert told() == []
    ingest_orders([order("o1")], now=NOW)
    ingest_order_items([item("o1")], now=NOW)
    assert told() == [
        ("order.paid", None, None),
        ("order.refunded", "r1", "4.00"),
        ("order.items", None, None),
        ("order.refunded", "r2", "1.00"),
    ]


def test_a_part_refund_makes_a_job_for_who_subscribed_to_refunds(monkeypatch):
    monkeypatch.setattr(activity, "_subscribers", activity.defaultdict(list))
    activity.subscribe("order.refunded", "rewards.jobs.reward_orders")
    ingest_orders([order("o1")], now=NOW)
    ingest_refunds([refund("r1")], now=NOW)
    assert Job.objects.get().arguments == {"activity_ids": [Activity.objects.get(kind="order.refunded").pk]}


def test_refunds_take_the_same_number_of_statements_whatever_their_number(monkeypatch):
    monkeypatch.setattr(activity, "_subscribers", activity.defaultdict(list))
    activity.subscribe("order.refunded", "rewards.jobs.reward_orders")
    ingest_orders([order(f"o{n}") for n in range(300)], now=NOW)
    ingest_order_items([item(f"o{n}") for n in range(300)], now=NOW)
    few, many = ([refund(f"{size}-{n}", f"o{n}", amount="1") for n in range(size)] for size in (2, 300))
    small, large = statements(few), statements(many)
    assert small == large <= 21


def statements(batch):
    with CaptureQueriesContext(connection) as captured:
        ingest_refunds(batch, now=NOW)
    return len(captured)


def test_an_order_of_many_refunds_is_exact():
    ingest_orders([order("o1", amount="99.99")], now=NOW)
    ingest_order_items([item("o1", n, amount="3.03") for n in range(1, 34)], now=NOW)
    for n in range(33):
        ingest_refunds([refund(f"r{n}", amount="1.01")], now=NOW)
        o1 = Order.objects.get()
        assert sum(line.refunded_amount for line in o1.items.all()) == o1.refunded_amount == Decimal("1.01") * (n + 1)
