"""Facts in: what each row does to members, orders, totals, the feed and its subscribers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Q, Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import activity, contact, ingest
from members.faults import Fault
from members.ingest import ingest_members, ingest_order_items, ingest_orders, ingest_refunds
from members.models import Activity, DailyTotal, Level, Member, MemberMetrics, Order, OrderItem, Refund
from members.rows import MemberRow, OrderRow
from operations.models import Job
from tests.members.shop import NOW, item, order, refund, stored_days, stored_totals, summed_days, summed_totals

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def counts(result):
    return result.created, result.updated, result.unchanged, len(result.rejected)


def reasons(result):
    return [(index, error.code) for index, error in result.rejected]


@pytest.fixture
def subscribers(monkeypatch):
    monkeypatch.setattr(activity, "_subscribers", activity.defaultdict(list))
    activity.subscribe("order.paid", "rewards.jobs.reward_orders")
    activity.subscribe("order.refunded", "rewards.jobs.reward_orders")
    activity.subscribe("order.paid", "campaigns.jobs.follow_orders")


def test_members_are_created_then_unchanged_then_updated():
    row = MemberRow("u1", name="Wang", email="wang@example.com")
    assert counts(ingest_members([row], now=NOW)) == (1, 0, 0, 0)
    assert counts(ingest_members([row], now=NOW)) == (0, 0, 1, 0)
    assert counts(ingest_members([MemberRow("u1", phone="13812345678")], now=NOW)) == (0, 1, 0, 0)


def test_what_a_row_does_not_give_stays_as_it_is():
    gold = Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=0)
    joined = datetime(2020, 1, 1, tzinfo=UTC)
    full = MemberRow("u1", "Wang", "13812345678", "w@example.com", "female", date(1990, 1, 1), "SH", joined, "gold")
    ingest_members([full], now=NOW)
    ingest_members([MemberRow("u1", region="BJ")], now=NOW)
    member = Member.objects.get(uid="u1")
    assert (member.name, contact.phone_of(member), contact.email_of(member), member.gender) == (
        "Wang",
        "13812345678",
        "w@example.com",
        "female",
    )
    assert (member.birthday, member.joined_at, member.level) == (date(1990, 1, 1), joined, gold)
    assert member.region == "BJ"


def test_an_order_of_an_unknown_uid_creates_the_member_and_invents_nothing_of_them():
    assert counts(ingest_orders([order("o1", "newcomer")], now=NOW)) == (1, 0, 0, 0)
    member = Member.objects.get(uid="newcomer")
    assert (member.name, member.joined_at, member.level) == ("", None, None)


def test_repeating_a_batch_changes_nothing_and_tells_nobody(subscribers):
    batch = [order("o1"), order("o2", "u2", amount="5")]
    ingest_orders(batch, now=NOW)
    before = (stored_totals(), stored_days(), Activity.objects.count(), Job.objects.count())
    assert counts(ingest_orders(batch, now=NOW)) == (0, 0, 2, 0)
    assert (stored_totals(), stored_days(), Activity.objects.count(), Job.objects.count()) == before


def test_of_two_rows_for_one_order_the_later_holds_and_each_counts_as_if_alone():
    result = ingest_orders([order("o1"), order("o1"), order("o1", amount="7")], now=NOW)
    assert counts(result) == (1, 1, 1, 0)
    assert Order.objects.get().amount == Decimal(7)
    assert list(Activity.objects.values_list("kind", flat=True)) == ["order.paid"]


def test_a_correction_moves_the_totals_with_it():
    ingest_orders([order("o1", days_ago=3, amount="10"), order("o2", days_ago=1, amount="5")], now=NOW)
    assert counts(ingest_orders([order("o1", days_ago=2, amount="12", quantity=4)], now=NOW)) == (0, 1, 0, 0)
    metrics = MemberMetrics.objects.get()
    assert (metrics.orders, metrics.amount, metrics.quantity) == (2, Decimal(17), 5)
    assert list(DailyTotal.objects.order_by("day").values_list("day", "amount")) == [
        (date(2026, 11, 19), Decimal(12)),
        (date(2026, 11, 20), Decimal(5)),
    ]
    assert Activity.objects.latest("id").kind == "order.corrected"


def test_a_refunded_order_counts_for_nothing():
    ingest_orders([order("o1", days_ago=3), order("o2", days_ago=1)], now=NOW)
    ingest_orders([order("o1", days_ago=3, status="refunded")], now=NOW)
    refunded = Order.objects.get(order_id="o1")
    assert refunded.refunded_amount == refunded.amount
    metrics = MemberMetrics.objects.get()
    assert (metrics.orders, metrics.amount, metrics.first_paid_at) == (1, Decimal(10), order("o2").paid_at)
    assert Activity.objects.latest("id").kind == "order.refunded"


def test_a_refund_stays_when_the_order_comes_again_without_a_status():
    ingest_orders([order("o1", status="refunded")], now=NOW)
    assert counts(ingest_orders([order("o1")], now=NOW)) == (0, 0, 1, 0)


def test_a_member_whose_only_order_is_refunded_keeps_a_row_of_zeros():
    ingest_orders([order("o1")], now=NOW)
    ingest_orders([order("o1", status="refunded")], now=NOW)
    assert stored_totals() == {"u1": (0, Decimal(0), 0, None, None)}
    assert stored_days() == {}


@pytest.mark.parametrize(
    ("paid_at", "day"),
    [("2026-01-01T15:59:59+00:00", date(2026, 1, 1)), ("2026-01-01T16:00:00+00:00", date(2026, 1, 2))],
)
def test_a_day_ends_at_midnight_of_the_site(paid_at, day):
    ingest_orders([OrderRow("o1", "u1", datetime.fromisoformat(paid_at), Decimal(1))], now=NOW)
    assert DailyTotal.objects.get().day == day


def test_an_order_never_moves_to_another_member():
    ingest_orders([order("o1", "u1")], now=NOW)
    result = ingest_orders([order("o1", "u2", amount="99"), order("o2", "u3"), order("o2", "u4")], now=NOW)
    assert counts(result) == (1, 0, 0, 2)
    assert reasons(result) == [(0, Fault.ORDER_OF_ANOTHER_MEMBER), (2, Fault.ORDER_OF_ANOTHER_MEMBER)]
    assert set(Member.objects.values_list("uid", flat=True)) == {"u1", "u3"}


def test_items_make_daily_totals_by_category():
    ingest_orders([order("o1", amount="30")], now=NOW)
    lines = [item("o1", 1, amount="10"), item("o1", 2, amount="5", quantity=2), item("o1", 3, category="", amount="15")]
    assert counts(ingest_order_items(lines, now=NOW)) == (3, 0, 0, 0)
    assert counts(ingest_order_items(lines, now=NOW)) == (0, 0, 3, 0)
    day = date(2026, 11, 20)
    assert stored_days() == {
        ("u1", day, ""): (1, 1, Decimal(30)),
        ("u1", day, "milk"): (1, 3, Decimal(15)),
    }


def test_a_line_that_changes_category_leaves_the_old_one():
    ingest_orders([order("o1")], now=NOW)
    ingest_order_items([item("o1")], now=NOW)
    assert counts(ingest_order_items([item("o1", category="tea")], now=NOW)) == (0, 1, 0, 0)
    assert {category for _, _, category in stored_days()} == {"", "tea"}


def test_a_line_of_an_unknown_order_is_refused_and_the_others_stay():
    ingest_orders([order("o1")], now=NOW)
    result = ingest_order_items([item("o9"), item("o1")], now=NOW)
    assert counts(result) == (1, 0, 0, 1)
    assert reasons(result) == [(0, Fault.UNKNOWN_ORDER)]
    assert OrderItem.objects.count() == 1


def test_a_batch_makes_one_job_for_each_subscriber(subscribers):
    ingest_orders([order("o1"), order("o2", "u2"), order("o3", status="refunded")], now=NOW)
    ids = dict(Activity.objects.values_list("reference", "id"))
    assert dict(Job.objects.values_list("function", "arguments")) == {
        "rewards.jobs.reward_orders": {"activity_ids": [ids["o1"], ids["o2"], ids["o3"]]},
        "campaigns.jobs.follow_orders": {"activity_ids": [ids["o1"], ids["o2"]]},
    }


def test_facts_and_jobs_live_or_die_together(subscribers, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(activity.jobs, "enqueue", fail)
    with pytest.raises(RuntimeError):
        ingest_orders([order("o1")], now=NOW)
    assert not Order.objects.exists()
    assert not Member.objects.exists()


def test_nobody_can_subscribe_to_what_never_happens():
    with pytest.raises(ValueError, match="no activity of kind"):
        activity.subscribe("order.payed", "rewards.jobs.reward_orders")


@pytest.mark.parametrize("take", [ingest_members, ingest_orders, ingest_order_items, ingest_refunds])
def test_an_empty_batch_is_no_trouble(take):
    assert take([], now=NOW) == ingest.IngestResult(waiting=0 if take is ingest_refunds else None)


def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(subscribers):
    few, many = ([order(f"{size}-{i}", f"u{i}") for i in range(size)] for size in (2, 300))
    small, large = statements(ingest_orders, few), statements(ingest_orders, many)
    assert small == large <= 21
    few, many = ([item(f"{size}-{i}") for i in range(size)] for size in (2, 300))
    small, large = statements(ingest_order_items, few), statements(ingest_order_items, many)
    assert small == large <= 15
    few, many = ([MemberRow(f"m{size}-{i}", name="W") for i in range(size)] for size in (2, 300))
    small, large = statements(ingest_members, few), statements(ingest_members, many)
    assert small == large <= 8


def statements(take, batch):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        take(batch, now=NOW)
    return len(captured)


orders_that_may_come = st.builds(
    order,
    order_id=st.sampled_from(["o1", "o2", "o3", "o4"]),
    uid=st.sampled_from(["u1", "u2"]),
    days_ago=st.integers(0, 3),
    amount=st.sampled_from(["0", "0.01", "19.99"]),
    quantity=st.sampled_from([None, 1, 3]),
    status=st.sampled_from([None, "paid", "refunded"]),
)
items_that_may_come = st.builds(
    item,
    order_id=st.sampled_from(["o1", "o2", "o9"]),
    line=st.integers(1, 2),
    category=st.sampled_from(["milk", "tea", ""]),
    amount=st.sampled_from(["0", "3.30"]),
)
refunds_that_may_come = st.builds(
    refund,
    refund_id=st.sampled_from(["r1", "r2", "r3", "r4"]),
    order_id=st.sampled_from(["o1", "o2", "o9"]),
    amount=st.sampled_from(["0.01", "3.30", "19.99"]),
    line=st.sampled_from([None, 1, 2]),
    quantity=st.sampled_from([None, 1, 2]),
)
batches = st.lists(
    st.tuples(st.just(ingest_orders), st.lists(orders_that_may_come, max_size=5))
    | st.tuples(st.just(ingest_order_items), st.lists(items_that_may_come, max_size=3))
    | st.tuples(st.just(ingest_refunds), st.lists(refunds_that_may_come, max_size=4)),
    max_size=7,
)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(batches)
def test_after_any_batches_in_any_order_the_totals_are_the_sums_of_the_facts(sequence):
    # Hypothesis runs its examples within one test: each begins with an empty shop.
    Order.objects.all().delete()
    Member.objects.all().delete()
    Refund.objects.all().delete()
    for take, batch in sequence:
        result = take(batch, now=NOW)
        assert result.created + result.updated + result.unchanged + len(result.rejected) == len(batch)
        assert stored_totals() == summed_totals()
        assert stored_days() == summed_days(SHANGHAI)
        assert refunded_orders() == applied_refunds()


def refunded_orders():
    return {
        each.order_id: each.refunded_amount
        for each in Order.objects.filter(refunded_amount__gt=0).filter(Q(status="paid") | Q(refunded_by_parts=True))
    }


def applied_refunds():
    said_refunded = Order.objects.filter(status="refunded", refunded_by_parts=False).values("order_id")
    applied = Refund.objects.filter(state="applied").exclude(order_id__in=said_refunded)
    return {row["order_id"]: row["total"] for row in applied.values("order_id").annotate(total=Sum("amount"))}
