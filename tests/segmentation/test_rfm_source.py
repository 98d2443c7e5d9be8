"""Scores in rules: a few members say what everyone's sets say, whatever came in since the model was computed."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import metrics, touches
from members.models import Member, Order
from segmentation import rfm, rules, world
from segmentation.counting import read_rule
from segmentation.models import RfmModel
from segmentation.rfm_scale import CLASS_BY_LOWS
from segmentation.sources import SOURCES, SourceError
from tests.segmentation.people import NOW, ZONE

SOURCE = SOURCES["rfm"]
AT = NOW.date()
DAY = timedelta(days=1)


def leaf(column: str, operator: str, value: object, model: str = "default") -> rules.Leaf:
    rule = {"version": 1, "combinator": "and", "rules": [{"field": f"rfm.{model}.{column}", "operator": operator}]}
    if value is not None:
        rule["rules"][0]["value"] = value
    (found,) = rules.leaves(read_rule(rule))
    return found


LEAVES = [
    ("r", ">=", 4),
    ("f", "<", 3),
    ("m", "between", [2, 4]),
    ("r", "!=", 5),
    ("class", "in", list(CLASS_BY_LOWS[:4])),
    ("class", "not_in", ["general_winback"]),
    ("m", "not_in", [1, 9]),
]


@transaction.atomic
def buy(member: Member, paid_at: datetime, amount: str = "20") -> Order:
    """Record an order as an import does: with the totals and the touch."""
    order = Order.objects.create(
        member=member,
        order_id=f"{member.pk}-{Order.objects.count()}",
        paid_at=paid_at,
        amount=Decimal(amount),
        refunded_amount=0,
        currency="CNY",
    )
    metrics.refresh([member.pk], [paid_at.astimezone(ZONE).date()])
    touches.touch(touches.ORDERS, [member.pk])
    return order


@transaction.atomic
def refund(member: Member) -> None:
    """Refund the whole of an order, if there is one."""
    order = member.orders.filter(status="paid").first()
    if order is not None:
        Order.objects.filter(pk=order.pk).update(status="refunded", refunded_amount=order.amount)
        metrics.refresh([member.pk], [order.paid_at.astimezone(ZONE).date()])
        touches.touch(touches.ORDERS, [member.pk])


@pytest.fixture
def buyers(transactional_db) -> list[Member]:
    """Thirty members, the last six without orders. What is touched tells by transactions, so these are real ones."""
    members = Member.objects.bulk_create(Member(uid=f"u{n:02}") for n in range(30))
    for n, member in enumerate(members[:24]):
        for k in range(n % 5 + 1):
            buy(member, NOW - (n + 30 * k) * DAY, str(10 + 3 * n))
    return members


@pytest.fixture
def model(buyers) -> RfmModel:
    model = RfmModel.objects.get(slug="default")
    rfm.recompute(model, at=AT, now=NOW)
    return model


def same_for_everyone_and_one_by_one(now: datetime = NOW, name: str = "default") -> None:
    everyone = world.everyone(now=now)
    alone = [world.only([each], now=now) for each in everyone.members]
    for column, operator, value in LEAVES:
        asked = leaf(column, operator, value, name)
        together = SOURCE.members_of(asked, everyone)
        assert set(together) == set().union(*(SOURCE.members_of(asked, each) for each in alone)), (column, operator)
        anew = super(type(SOURCE), SOURCE).members_of(asked, everyone)
        assert together == anew, (column, operator)


def scores_of(member: Member, now: datetime = NOW) -> list[object]:
    few = world.only([member.pk], now=now)
    return [SOURCE.values_of(leaf(column, "is_not_null", None), member.pk, few) for column in ("r", "f", "m", "class")]


def test_one_member_alone_scores_as_in_the_crowd(model):
    same_for_everyone_and_one_by_one()


def test_an_order_that_came_in_since_is_in_the_answer_for_everyone(model, buyers):
    asked = leaf("r", "=", 5)
    assert buyers[23].pk not in SOURCE.members_of(asked, world.everyone(now=NOW))
    buy(buyers[23], NOW + DAY)
    buy(buyers[29], NOW)
    assert {buyers[23].pk, buyers[29].pk} < set(SOURCE.members_of(asked, world.everyone(now=NOW + DAY)))
    same_for_everyone_and_one_by_one(NOW + DAY)


def test_an_order_after_the_day_is_as_recent_as_one_of_the_day(model, buyers):
    buy(buyers[23], NOW + 40 * DAY)
    assert scores_of(buyers[23], NOW + 41 * DAY)[0] == [5]
    assert scores_of(buyers[0])[0] == [5]


def test_time_alone_fades_nobody_until_all_are_scored_again(model, buyers):
    before = [scores_of(each) for each in buyers]
    assert [scores_of(each, NOW + 100 * DAY) for each in buyers] == before
    same_for_everyone_and_one_by_one(NOW + 100 * DAY)


def test_an_order_dated_ahead_counts_for_everyone_as_it_counts_alone(buyers):
    buy(buyers[5], datetime(2026, 11, 22, 3, tzinfo=ZONE), "900")
    buy(buyers[29], datetime(2026, 11, 22, 4, tzinfo=ZONE), "900")
    version = rfm.recompute(RfmModel.objects.get(slug="default"), at=AT, now=NOW)
    assert version.size == 24
    same_for_everyone_and_one_by_one()


def test_a_look_back_ends_with_its_day(buyers):
    past = AT - 10 * DAY
    model = RfmModel.objects.get(slug="default")
    version = rfm.recompute(model, at=past, now=NOW)
    assert version.size < 24
    assert scores_of(buyers[0]) == [[], [], [], []]
    assert scores_of(buyers[1])[1] == [1]
    buy(buyers[29], NOW)
    assert scores_of(buyers[29]) == [[], [], [], []]
    buy(buyers[28], NOW - 30 * DAY)
    assert scores_of(buyers[28])[1] == [1]
    same_for_everyone_and_one_by_one()


def test_a_window_lies_where_the_version_put_it(buyers):
    model = RfmModel.objects.create(slug="month", name="Month", window_days=30)
    rfm.recompute(model, at=AT, now=NOW)
    RfmModel.objects.filter(pk=model.pk).update(window_days=7)
    buy(buyers[3], NOW)
    same_for_everyone_and_one_by_one(NOW + 5 * DAY, "month")


def test_an_answer_too_old_to_patch_is_worked_out_anew(model, buyers):
    buy(buyers[23], NOW)
    model.current.as_of = ""
    model.current.save()
    same_for_everyone_and_one_by_one()


def test_a_model_never_computed_says_so(buyers):
    with pytest.raises(SourceError, match=r"rules\[0\].*default"):
        SOURCE.members_of(leaf("r", ">=", 1), world.everyone(now=NOW))


def test_the_reason_given_for_one_member_is_the_score_by_now(model, buyers):
    assert scores_of(buyers[29]) == [[], [], [], []]
    buy(buyers[29], NOW, "1000")
    assert scores_of(buyers[29]) == [[5], [1], [5], ["important_develop"]]


STEPS = st.lists(
    st.tuples(st.integers(0, 29), st.integers(-60, 1), st.sampled_from(["5", "33.33", "250", "refund", "recompute"])),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_everyone_equals_one_by_one_after_any_orders_refunds_and_scorings(model, buyers, steps):
    for place, days, what in steps:
        now = NOW + max(days, 0) * DAY
        if what == "recompute":
            rfm.recompute(model, at=AT + min(days + 1, 1) * DAY, now=now)
        elif what == "refund":
            refund(buyers[place])
        else:
            buy(buyers[place], NOW + days * DAY, what)
    same_for_everyone_and_one_by_one(NOW + DAY)


def test_running_totals_say_what_the_orders_say_on_any_day(model, buyers):
    from segmentation import rfm_facts
    from tests.segmentation.test_rfm import same

    for days in range(0, 150, 7):
        terms = rfm_facts.Terms(AT - days * DAY, None)
        assert same(rfm_facts.read_facts(terms), rfm_facts.aggregate_orders(terms))
        assert same(
            rfm_facts.read_facts(replace(terms, ends=False)), rfm_facts.aggregate_orders(replace(terms, ends=False))
        )
