"""What others publish, where their definitions are ours: each case names its source (tests/cases)."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy
import pytest

from members.ingest import ingest_orders
from members.models import Member
from members.rows import OrderRow
from segmentation import rfm_scale, rules, world
from segmentation.rfm_scale import Facts
from segmentation.sources import source_of

CASES = Path(__file__).parent.parent / "cases"
SCORES = json.loads((CASES / "rfm_worked_examples.json").read_text())
CDNOW = json.loads((CASES / "cdnow_customers.json").read_text())
WEEK = 7


@pytest.mark.parametrize("case", SCORES, ids=lambda case: case["case"])
def test_scores_are_those_that_were_published(case):
    values = numpy.array(case["values"])
    facts = Facts(values, values, values.astype(float))
    scores = rfm_scale.score(rfm_scale.scale_by_quantiles(facts, dict.fromkeys("rfm", case["parts"])), facts)
    if case.get("reversed"):
        assert scores.r.tolist() == case["scores"]
    else:
        assert scores.f.tolist() == scores.m.tolist() == case["scores"]
        assert scores.r.tolist() == [case["parts"] + 1 - score for score in case["scores"]]


@pytest.mark.django_db
@pytest.mark.parametrize("customer", CDNOW["customers"], ids=lambda customer: customer["uid"])
def test_a_cdnow_customer_has_the_published_frequency_recency_and_age(customer):
    """Theirs are repeat days, and weeks from the first order; ours are days with orders, and days before today."""
    until = datetime.fromisoformat(CDNOW["until"]).replace(hour=12, tzinfo=UTC)
    rows = [
        OrderRow(
            f"{customer['uid']}-{day}", customer["uid"], datetime.fromisoformat(f"{day}T04:00+00:00"), Decimal(paid)
        )
        for day, paid in customer["orders"]
    ]
    ingest_orders(rows, now=until)
    member = Member.objects.get()
    at = world.only([member.pk], now=until)

    def own(field: str) -> list:
        window = {"to": "1997-10-01"}
        clause = {"field": field, "operator": "is_not_null", "window": window}
        leaf = next(rules.leaves(rules.parse({"version": 1, "combinator": "and", "rules": [clause]})))
        return source_of(leaf).values_of(leaf, member.pk, at)

    assert own("orders.days") == [customer["frequency"] + 1]
    assert own("orders.first.days_ago") == [round(customer["T"] * WEEK)]
    assert own("orders.last.days_ago") == [round((customer["T"] - customer["recency"]) * WEEK)]
    first = Decimal(customer["orders"][0][1])
    repeats = (own("orders.amount.sum")[0] - first) / max(customer["frequency"], 1)
    assert float(repeats) == pytest.approx(customer["monetary"], abs=0.0051)
