"""Habits are those of the site's time zone, net of refunds, and few however many words the shop has."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from members.habits import NAMED, Bought, habits_of, months_until
from members.habits_charts import charts, short_amount
from members.ingest import ingest_order_items, ingest_orders
from members.models import Member, Order, OrderItem
from members.rows import OrderRow
from tests.members.shop import NOW, item

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = NOW.astimezone(SHANGHAI)


def bought(order_id, paid_at, amount="10.00", **given):
    ingest_orders([OrderRow(order_id, "u1", paid_at, Decimal(amount), **given)], now=NOW)


def habits(now=HERE):
    return habits_of(Member.objects.get(uid="u1").pk, now=now)


@pytest.mark.parametrize(
    ("paid_at", "weekday", "hour", "month"),
    [
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), 5, 23, date(2026, 11, 1)),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), 6, 0, date(2026, 11, 1)),
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), 6, 23, date(2026, 10, 1)),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), 7, 0, date(2026, 11, 1)),
        (datetime(2024, 2, 29, 4, 0, tzinfo=UTC), 4, 12, None),
        (datetime(2024, 11, 30, 15, 59, tzinfo=UTC), 6, 23, None),
        (datetime(2024, 11, 30, 16, 0, tzinfo=UTC), 7, 0, date(2024, 12, 1)),
    ],
)
def test_an_order_counts_for_its_hour_and_month_where_the_shop_is(paid_at, weekday, hour, month):
    bought("o1", paid_at)
    told = habits()
    assert told.hours == {(weekday, hour): 1}
    assert told.months == ({month: Bought(1, Decimal(10))} if month else {})


def test_the_last_24_months_end_with_this_one():
    months = months_until(datetime(2026, 1, 31, 23, 59, tzinfo=SHANGHAI))
    assert (months[0], months[-1], len(months)) == (date(2024, 2, 1), date(2026, 1, 1), 24)


def test_amounts_are_net_and_an_order_refunded_in_whole_counts_for_nothing():
    bought("o1", NOW, "30.00", channel="app")
    bought("o2", NOW, "50.00", channel="store")
    ingest_order_items([item("o1", amount="20.00"), item("o1", 2, category="tea", amount="10.00")], now=NOW)
    ingest_order_items([item("o2", amount="50.00")], now=NOW)
    Order.objects.filter(order_id="o1").update(refunded_amount=12)
    OrderItem.objects.filter(order__order_id="o1", line=1).update(refunded_amount=2)
    OrderItem.objects.filter(order__order_id="o1", line=2).update(refunded_amount=10, refunded_quantity=1)
    bought("o2", NOW, "50.00", channel="store", status="refunded")
    told = habits()
    assert [(each.step, each.bought) for each in told.channels] == [("app", Bought(1, Decimal(18)))]
    assert [(each.step, each.bought) for each in told.categories] == [("milk", Bought(1, Decimal(18)))]


def test_the_largest_are_named_and_the_others_are_one_more():
    for number in range(NAMED + 3):
        bought(f"o{number}", NOW, str(100 - number), channel=f"c{number}")
    *named, others = habits().channels
    assert [each.step for each in named] == [f"c{number}" for number in range(NAMED)]
    assert (others.step, others.others, others.bought) == (None, 3, Bought(3, Decimal(92 + 91 + 90)))


def test_what_was_not_said_is_a_way_of_its_own():
    bought("o1", NOW)
    assert [each.step for each in habits().payments] == [""]


def test_all_habits_take_one_query(django_assert_num_queries):
    bought("o1", NOW)
    member = Member.objects.get(uid="u1")
    with django_assert_num_queries(1):
        habits_of(member.pk, now=HERE)


def test_charts_have_all_hours_and_months_and_write_their_numbers_out():
    bought("o1", NOW, "1234.56")
    drawn = charts(habits(), now=HERE)
    assert (len(drawn["hours"].rows), len(drawn["hours"].columns)) == (7, 24)
    assert [len(row.cells) for row in drawn["hours"].rows] == [24] * 7
    assert sum(cell.count for row in drawn["hours"].rows for cell in row.cells) == 1
    month = drawn["months"].columns[-1]
    assert (len(drawn["months"].columns), month.shown.replace(",", ""), month.note, month.share) == (
        24,
        "1235",
        "1",
        100,
    )


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        ("0.49", "0", "0"),
        ("9999.40", "9,999", "9,999"),
        ("10000", "10.0k", "1.0万"),
        ("37723.10", "37.7k", "3.8万"),
        ("250000", "250k", "25.0万"),
        ("1250000", "1.2M", "125万"),
        ("320000000", "320M", "3.2亿"),
    ],
)
def test_a_large_amount_is_short_in_the_readers_units(amount, english, chinese):
    for language, shown in (("en", english), ("zh-hans", chinese)):
        with override(language):
            assert short_amount(Decimal(amount)) == shown


def test_nothing_bought_draws_nothing():
    member = Member.objects.create(uid="u1")
    drawn = charts(habits_of(member.pk, now=HERE), now=HERE)
    assert (drawn["hours"], drawn["months"]) == (None, None)
    assert [chart.bars for chart in drawn["shares"]] == [(), (), ()]
