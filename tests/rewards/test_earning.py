"""Orders and events earn by the rules, once, whatever comes in, in whatever order, however often."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from members.event_rows import EventRow
from members.ingest import ingest_members, ingest_order_items, ingest_orders
from members.ingest_events import ingest_events
from members.ingest_refunds import ingest_refunds
from members.models import LevelChange, Member, Order
from members.rows import MemberRow, OrderItemRow, OrderRow, RefundRow
from operations import jobs as durable
from operations.models import Job
from rewards import earning, jobs, ledger
from rewards.models import Earning, EarningRule, Entry
from tests.rewards import earned
from tests.rewards.build import NOW, books_are_right, members

EVENT = EarningRule.Trigger.EVENT


@pytest.fixture
def member(db):
    return members(1)[0]


@dataclass
class Event:
    """An event as the earning reads it."""

    event_id: str
    member_id: int
    type: str = "share"
    occurred_at: datetime = NOW - timedelta(hours=1)
    category: str = ""


def points_of(member):
    return ledger.balances(member.pk)["points"]


def run_jobs():
    """Run what is queued, and what that queues, as workers do."""
    while waiting := list(Job.objects.filter(function__startswith="rewards.", state=Job.State.QUEUED).order_by("pk")):
        for job in waiting:
            durable.run(job.pk)
    assert not Job.objects.filter(function__startswith="rewards.").exclude(state=Job.State.DONE).exists()


def test_the_entry_says_what_it_is_for(member):
    rule = earned.rule(name="消费得积分")
    order = earned.put_order(member, "A-1", "199.00")
    earned.settle(order)
    entry = Entry.objects.get()
    assert (entry.reference, entry.reason, entry.key) == ("order:A-1", "消费得积分", f"earn:{rule.slug}:order:A-1:1")


def test_a_reversal_shows_in_the_history_beside_what_it_takes_back(member):
    earned.rule()
    order = earned.put_order(member, "A-1", "199.00")
    earned.settle(order)
    earned.settle(earned.put_order(member, "A-1", "199.00", refunded="99.00"))
    given_, taken = Entry.objects.order_by("pk")
    assert (taken.kind, taken.amount, taken.original, taken.reference) == ("reverse", -99, given_, "order:A-1")


def test_the_newest_entries_are_reversed_first(member):
    earned.rule()
    for amount in ("100.00", "150.00", "180.00"):
        earned.settle(earned.put_order(member, "A", amount))
    earned.settle(earned.put_order(member, "A", "180.00", refunded="60.00"))
    taken = Entry.objects.filter(kind="reverse").order_by("pk")
    assert list(taken.values_list("original__amount", "amount")) == [(30, -30), (50, -30)]
    earned.settle(earned.put_order(member, "A", "180.00", refunded="180.00"))
    taken = Entry.objects.filter(kind="reverse").order_by("pk")
    assert list(taken.values_list("original__amount", "amount"))[2:] == [(50, -20), (100, -100)]
    assert books_are_right()


def test_several_rules_earn_each_on_their_own(member):
    earned.rule()
    earned.rule("growth", unit="growth", uses_multiplier=False)
    earned.rule("milk-twice", rate=Decimal(2), categories=["milk"])
    earned.settle(earned.put_order(member, "A", "100.00", items={"milk": ["30.00"], "bread": ["70.00"]}))
    assert ledger.balances(member.pk) == {"points": 160, "growth": 100}
    assert ledger.holdings(member.pk)["growth"].earned == 100
    earned.settle(earned.put_order(member, "A", "100.00", refunded="100.00", status="refunded"))
    assert ledger.balances(member.pk) == {"points": 0, "growth": 0}
    assert ledger.holdings(member.pk)["growth"].earned == 0


def test_the_multiplier_stays_that_of_the_first_time(member):
    earned.rule()
    level = earned.level("1.5")
    Member.objects.update(level=level)
    earned.settle(earned.put_order(member, "A", "100.00"))
    type(level).objects.update(points_multiplier=Decimal(3))
    earned.settle(earned.put_order(member, "A", "200.00"))
    assert points_of(member) == 300


def test_the_multiplier_is_that_of_the_level_held_when_it_was_paid(member):
    """The level changed an hour after the first order was paid, and all were told of later."""
    earned.rule()
    gold, silver = earned.level("2"), earned.level("1.5", slug="silver", rank=8)
    changed_at = earned.PAID_AT + timedelta(hours=1)
    LevelChange.objects.create(
        member=member, before=silver, after=gold, cause=LevelChange.Cause.GROWTH, changed_at=changed_at
    )
    Member.objects.update(level=gold)
    earned.settle(
        earned.put_order(member, "A", "100.00"),
        earned.put_order(member, "B", "100.00", paid_at=changed_at - timedelta(microseconds=1)),
        earned.put_order(member, "C", "100.00", paid_at=changed_at),
    )
    assert earned.kept() == {"A": 150, "B": 150, "C": 200}


def test_older_orders_of_members_who_came_in_with_a_level_earn_by_it(db):
    earned.rule()
    earned.level("2", growth_needed=100)
    ingest_members([MemberRow(uid="ann", level="gold")], now=NOW)
    earned.settle(earned.put_order(Member.objects.get(), "A", "100.00", paid_at=NOW - timedelta(days=30)))
    assert earned.kept() == {"A": 200}


def test_an_order_that_lifts_a_member_earns_by_the_level_held_before(member):
    """However the rules are named: the growth of the order counts for the next one."""
    for slug, unit in (("a-growth", "growth"), ("b-points", "points"), ("c-growth", "growth")):
        earned.rule(slug, unit=unit, uses_multiplier=unit == "points")
    earned.level("2", growth_needed=100)
    earned.settle(earned.put_order(member, "A", "100.00"))
    earned.settle(earned.put_order(member, "B", "100.00", paid_at=NOW + timedelta(minutes=5)))
    points = Earning.objects.filter(rule__slug="b-points").order_by("pk")
    assert list(points.values_list("multiplier", flat=True)) == [1, 2]


def test_orders_of_one_batch_take_the_room_of_the_day_as_they_were_paid(member):
    earned.rule(cap_per_day=100)
    later = earned.put_order(member, "A", "80.00", paid_at=earned.PAID_AT + timedelta(hours=1))
    first = earned.put_order(member, "B", "70.00")
    earned.settle(later, first)
    assert earned.kept() == {"A": 30, "B": 70}


def test_an_erased_member_neither_gains_nor_loses(member):
    earned.rule()
    order = earned.put_order(member, "A", "100.00")
    earned.settle(order)
    Member.objects.update(erased_at=NOW)
    earned.settle(earned.put_order(member, "A", "100.00", refunded="50.00"))
    earned.settle(earned.put_order(member, "B", "100.00"))
    earning.earn_for_events([Event("E", member.pk)], now=NOW)
    assert points_of(member) == 100


def test_growth_earned_by_an_order_counts_as_earned(member):
    earned.rule(unit="growth", matures_after_days=7)
    order = earned.put_order(member, "A", "100.00", paid_at=NOW - timedelta(days=1))
    earned.settle(order)
    assert ledger.holdings(member.pk)["growth"].earned == 0
    assert ledger.mature_due(now=NOW + timedelta(days=6), limit=10) == 1
    assert ledger.holdings(member.pk)["growth"].earned == 100


# Events


def test_an_event_of_the_type_earns_once(member):
    earned.rule("share", trigger=EVENT, event_type="share", amount=5)
    event = Event("E-1", member.pk)
    for _ in range(3):
        earning.earn_for_events([event, event, Event("E-2", member.pk, type="view")], now=NOW)
    assert points_of(member) == 5
    assert Entry.objects.get().reference == "event:E-1"
    assert books_are_right()


def test_an_event_id_that_came_in_at_two_times_earns_once(member):
    earned.rule("share", trigger=EVENT, event_type="share", amount=5)
    twice = [Event("E-1", member.pk), Event("E-1", member.pk, occurred_at=NOW)]
    earning.earn_for_events(twice, now=NOW)
    assert points_of(member) == 5


@pytest.mark.parametrize(("multiplier", "earns"), [("1.5", 7), ("0.1", 0)])
def test_an_event_earns_by_the_level_rounded_down(member, multiplier, earns):
    Member.objects.update(level=earned.level(multiplier))
    earned.rule("share", trigger=EVENT, event_type="share", amount=5)
    earning.earn_for_events([Event("E-1", member.pk)], now=NOW)
    assert points_of(member) == earns


def test_events_stop_at_the_cap_and_go_on_the_next_day_of_the_site(member, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    earned.rule("share", trigger=EVENT, event_type="share", amount=5, cap_per_day=12)
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)
    before = [Event(f"B-{n}", member.pk, occurred_at=midnight - timedelta(minutes=n + 1)) for n in range(4)]
    earning.earn_for_events(before, now=NOW)
    assert points_of(member) == 12
    earning.earn_for_events([Event("A-1", member.pk, occurred_at=midnight)], now=NOW)
    assert points_of(member) == 17


def test_an_event_of_another_category_earns_nothing(member):
    earned.rule("share", trigger=EVENT, event_type="share", amount=5, categories=["milk"])
    events = [
        Event("E-1", member.pk, category="bread"),
        Event("E-2", member.pk),
        Event("E-3", member.pk, category="milk"),
    ]
    earning.earn_for_events(events, now=NOW)
    assert earned.kept() == {"event:E-3": 5}


def test_events_that_come_in_earn_by_a_job_for_the_wanted_ones(member):
    earned.rule("share", trigger=EVENT, event_type="share", amount=5, cap_per_day=5 * (earning.SLICE + 1))
    rows = [EventRow(f"E-{n}", "m0", "share" if n % 2 else "view", NOW) for n in range(2 * earning.SLICE + 4)]
    for _ in range(2):
        ingest_events(rows, now=NOW)
        run_jobs()
    assert points_of(member) == 5 * (earning.SLICE + 1)
    assert Job.objects.filter(function="rewards.jobs.earn_for_events").count() == 3
    assert books_are_right()


def test_only_types_that_earn_something_now_are_wanted(db):
    earned.rule("share", trigger=EVENT, event_type="share", amount=5)
    earned.rule("view", trigger=EVENT, event_type="view", amount=1, enabled=False)
    earned.rule()
    assert earning.event_types_wanted() == {"share"}


# As the facts come in


def row(order_id, amount="100.00", uid="m0", **fields):
    return OrderRow(order_id, uid, earned.PAID_AT, Decimal(amount), **fields)


def test_what_is_ingested_is_settled_by_jobs(member):
    earned.rule()
    ingest_orders([row("A"), row("B", "50.00")], now=NOW)
    run_jobs()
    assert points_of(member) == 150
    ingest_orders([row("A", "120.00"), row("B", "50.00", status="refunded")], now=NOW)
    run_jobs()
    assert points_of(member) == 120
    assert books_are_right()


def test_an_order_of_a_category_earns_when_its_lines_come_in(member):
    earned.rule(categories=["milk"])
    ingest_orders([row("A")], now=NOW)
    run_jobs()
    assert points_of(member) == 0
    ingest_order_items([OrderItemRow("A", 1, "M-1", "milk", 1, Decimal("60.00"))], now=NOW)
    run_jobs()
    assert points_of(member) == 60


def test_refunds_take_back_their_part_whichever_comes_first(member):
    earned.rule()
    early, late = (RefundRow(name, "A", NOW, Decimal(part)) for name, part in (("R-1", "30.00"), ("R-2", "70.00")))
    ingest_refunds([early], now=NOW)
    run_jobs()
    assert points_of(member) == 0
    ingest_orders([row("A")], now=NOW)
    run_jobs()
    assert points_of(member) == 70
    for _ in range(2):
        ingest_refunds([late, early], now=NOW)
        run_jobs()
        assert points_of(member) == 0
    assert list(Entry.objects.values_list("amount", flat=True).order_by("pk")) == [70, -70]
    assert books_are_right()


def test_a_refund_of_a_line_takes_from_the_rule_of_its_category(member):
    earned.rule("milk", categories=["milk"])
    earned.rule("bread", categories=["bread"])
    ingest_orders([row("A")], now=NOW)
    lines = [
        OrderItemRow("A", 1, "M-1", "milk", 1, Decimal("60.00")),
        OrderItemRow("A", 2, "B-1", "bread", 1, Decimal("40.00")),
    ]
    ingest_order_items(lines, now=NOW)
    run_jobs()
    assert points_of(member) == 100
    ingest_refunds([RefundRow("R-1", "A", NOW, Decimal("15.50"), line=2)], now=NOW)
    run_jobs()
    kept = {earning.rule.slug: earning.granted - earning.reversed for earning in Earning.objects.select_related("rule")}
    assert kept == {"milk": 60, "bread": 24}
    ingest_orders([row("A", status="refunded")], now=NOW)
    run_jobs()
    assert points_of(member) == 0
    assert books_are_right()


def test_jobs_that_run_late_and_twice_settle_by_what_is_known_then(member):
    earned.rule()
    ingest_orders([row("A", "100.00")], now=NOW)
    ingest_orders([row("A", "40.00")], now=NOW)
    run_jobs()
    assert list(Entry.objects.values_list("amount", flat=True)) == [40]
    for job in Job.objects.filter(function="rewards.jobs.settle_orders"):
        jobs.settle_orders(**job.arguments)
    assert points_of(member) == 40


def test_more_orders_than_a_slice_are_settled_by_jobs_of_their_own(db):
    earned.rule()
    people = members(earning.SLICE + 1)
    ingest_orders([row(f"A-{each.uid}", "10.00", uid=each.uid) for each in people], now=NOW)
    run_jobs()
    assert Counter(Job.objects.filter(function__startswith="rewards.").values_list("function", flat=True)) == {
        "rewards.jobs.settle_orders": 1,
        "rewards.jobs.settle_slice": 2,
    }
    assert set(earned.kept().values()) == {10}
    assert Earning.objects.count() == len(people)
    assert books_are_right()


def queries_of(orders):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        earned.settle(*orders)
    return len(captured)


@pytest.mark.parametrize("rules", [[], [{"starts_at": NOW}, {"slug": "milk", "categories": ["milk"]}]])
def test_two_thousand_orders_that_earn_nothing_cost_a_handful_of_queries(member, rules):
    for fields in rules:
        earned.rule(**fields)
    Order.objects.bulk_create(
        Order(order_id=f"A-{n}", member=member, paid_at=earned.PAID_AT, amount=Decimal(10), currency="CNY")
        for n in range(2_000)
    )
    # The orders are read here too; then the rules, the orders, their lines, what they earned, and the transaction.
    assert queries_of(Order.objects.all()) <= 7


def test_an_order_more_costs_few_queries_more(db):
    earned.rule(cap_per_day=1_000)
    people = members(60)
    orders = [earned.put_order(each, each.uid, "10.00") for each in people]
    few, many = queries_of(orders[:10]), queries_of(orders[10:])
    assert (many - few) / 40 <= 2
    # Settled already: nothing is locked or written.
    assert queries_of(orders) <= 8


# Any sequence of facts


@dataclass
class Known:
    """What a shop knows of one order, and the largest net at which it was settled."""

    amount: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    base: Decimal = Decimal(0)
    history: list[Decimal] = field(default_factory=list)

    @property
    def net(self):
        return self.amount - self.refunded


CENTS = st.integers(0, 20_000)
STEPS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["order", "refund", "correct", "late"]), CENTS), max_size=14
)


class AnySequence(TestCase):
    def play(self, steps, **rule):
        """Tell the facts one after the other; "late" ones are settled with the next fact of their order, or last."""
        (member,) = members(1)
        Member.objects.update(level=earned.level("1.5"))
        earned.rule(**rule)
        known = {}
        for name, what, cents in steps:
            state = known.setdefault(name, Known())
            money = Decimal(cents).scaleb(-2)
            if what == "refund":
                state.refunded = min(state.amount, state.refunded + money)
            else:
                state.amount = max(money, state.refunded)
            order = earned.put_order(member, name, state.amount, refunded=state.refunded)
            if what != "late":
                self.settle(order, state)
        for name, state in known.items():
            self.settle(Order.objects.get(order_id=name), state)
        return {name: state for name, state in known.items() if state.base}

    def settle(self, order, state):
        state.base = max(state.base, state.net)
        state.history.append(state.net)
        earned.settle(order)

    def check_books(self):
        for each in Earning.objects.all():
            entries = Entry.objects.filter(reference=each.reference)
            assert sum(entry.amount for entry in entries) == each.granted - each.reversed
        assert books_are_right()

    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def test_without_a_cap_the_largest_net_and_the_last_decide(self, steps):
        known = self.play(steps)
        for name, state in known.items():
            granted = int(state.base * 150) // 100
            share = granted * int(state.history[-1] * 100) // int(state.base * 100)
            assert earned.kept()[name] == share
        self.check_books()

    @settings(max_examples=40, deadline=None)
    @given(STEPS, st.integers(0, 300))
    def test_with_a_cap_the_day_grants_the_smaller_of_it_and_what_was_earned(self, steps, cap):
        known = self.play(steps, cap_per_day=cap)
        earned_in_all = sum(int(state.base * 150) // 100 for state in known.values())
        granted = {each.reference: each for each in Earning.objects.all()}
        assert sum(each.granted for each in granted.values()) == min(cap, earned_in_all)
        for name, state in known.items():
            each = granted[f"order:{name}"]
            share = each.granted * int(state.history[-1] * 100) // int(state.base * 100)
            assert each.granted - each.reversed == share
        self.check_books()


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": None}, {"rate": 0}, {"amount": 5}, {"event_type": "share"},
        {"trigger": EVENT, "event_type": "share"}, {"trigger": EVENT, "amount": 5},
        {"trigger": EVENT, "event_type": "share", "amount": 5, "rate": 1},
    ],
)  # fmt: skip
def test_the_database_refuses_a_rule_that_does_not_say_how_much(db, fields):
    with pytest.raises(IntegrityError, match="earning_rule_by_trigger"):
        earned.rule(**fields)
