"""Each kind of row, by the tables in tests/cases."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import rows
from members.faults import WORDINGS, Fault, RowError
from members.rows import DeclaredAttribute, RowContext, parse_member, parse_order, parse_order_item

CASES = Path(__file__).parent.parent / "cases"
CONTEXT = RowContext(
    now=datetime(2026, 11, 21, 20, 0, tzinfo=UTC),  # 22 November, 04:00 in Shanghai
    zone=ZoneInfo("Asia/Shanghai"),
    levels=frozenset({"gold"}),
    attributes={
        "city": DeclaredAttribute("text"),
        "children": DeclaredAttribute("number"),
        "weight": DeclaredAttribute("number"),
        "wedding": DeclaredAttribute("date"),
        "subscribed": DeclaredAttribute("boolean"),
        "size": DeclaredAttribute("choice", ("S", "M", "L")),
    },
    providers=frozenset({"wechat-openid", "wecom"}),
)
GOOD_ORDER = {"order_id": "o1", "uid": "u1", "paid_at": "2026-01-01T12:00:00Z", "amount": "9.90"}
ATTRIBUTE_READERS = {"children": Decimal, "weight": Decimal, "wedding": date.fromisoformat}
READERS = {
    "paid_at": datetime.fromisoformat,
    "joined_at": datetime.fromisoformat,
    "birthday": date.fromisoformat,
    "amount": Decimal,
    "attributes": lambda given: {
        slug: ATTRIBUTE_READERS.get(slug, lambda same: same)(value) for slug, value in given.items()
    },
}


def table(name):
    return [pytest.param(case, id=case["name"]) for case in json.loads((CASES / f"{name}.json").read_text())]


def check(parse, kind, case):
    raw = case["raw"] if "raw" in case else GOOD_ORDER | case["change"]
    if "code" in case:
        with pytest.raises(RowError) as refused:
            parse(raw, CONTEXT)
        assert (refused.value.code, refused.value.column) == (case["code"], case["column"])
        assert case["column"] in refused.value.message
        return
    expected = {name: READERS.get(name, lambda same: same)(value) for name, value in case["row"].items()}
    assert parse(raw, CONTEXT) == kind(**expected)


@pytest.mark.parametrize("case", table("member_rows"))
def test_a_member_row_is_read_or_refused(case):
    check(parse_member, rows.MemberRow, case)


@pytest.mark.parametrize("case", table("order_rows"))
def test_an_order_row_is_read_or_refused(case):
    check(parse_order, rows.OrderRow, case)


@pytest.mark.parametrize("case", table("order_item_rows"))
def test_an_order_item_row_is_read_or_refused(case):
    check(parse_order_item, rows.OrderItemRow, case)


@pytest.mark.parametrize(
    "column", ["order_id", "uid", "paid_at", "amount", "currency", "quantity", "channel", "status"]
)
def test_ten_kilobytes_of_text_are_refused_in_any_column(column):
    with pytest.raises(RowError) as refused:
        parse_order(GOOD_ORDER | {column: "x" * 10_240}, CONTEXT)
    assert (refused.value.code, refused.value.column) == (Fault.TOO_LONG, column)
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused_with_its_row(number):
    with pytest.raises(RowError) as refused:
        parse_order(GOOD_ORDER | {"amount": number}, CONTEXT)
    assert refused.value.code is Fault.NOT_FINITE


def test_every_fault_has_a_wording():
    assert set(Fault) <= set(WORDINGS)


def test_the_message_says_what_was_wrong_and_where():
    with pytest.raises(RowError) as refused:
        parse_order(GOOD_ORDER | {"amount": "-5"}, CONTEXT)
    with translation.override("en"):
        assert refused.value.message == "amount: “-5” is negative."


def test_a_message_shows_unprintable_characters_harmlessly():
    with pytest.raises(RowError) as refused:
        parse_order(GOOD_ORDER | {"channel": "a\x00b"}, CONTEXT)
    with translation.override("en"):
        assert refused.value.message == "channel: “a\\x00b” has an unprintable character at position 2."


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(rows.ORDER_COLUMNS, anything)))
def test_whatever_comes_an_order_is_read_as_what_can_be_stored_or_refused_with_a_code(raw):
    outcome = order_or_error(GOOD_ORDER | raw)
    if isinstance(outcome, RowError):
        assert outcome.message.isprintable()
        return
    texts = [value for value in outcome if isinstance(value, str)]
    assert all(text.encode() and "\x00" not in text for text in texts)


def order_or_error(raw, parse=parse_order):
    try:
        return parse(raw, CONTEXT)
    except RowError as error:
        return error


keys = st.sampled_from(
    ["o1", " o1", "o1 ", "o 1", "", "订单1", "o\u20281", "o" * 100, "o" * 101, "o\x00", 7, None, True, []]
)
times = st.sampled_from(
    [
        "2026-01-01T12:00:00Z",
        "2026-01-01T12:00:00+08:00",
        "2026-01-01 12:00:00.123456",
        "2026-01-01",
        "20260101T1200",
        " 2026-01-01",
        "2026-11-22T20:00:00Z",
        "2026-11-22T20:00:01Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T07:59:59",
        "0001-01-01",
        "9999-12-31T23:59:59-12:00",
        "soon",
        "",
        None,
        20260101,
    ]
)
amounts = st.sampled_from(
    ["9.90", "9.9", "9", "0.00", "-0.00", "1e2", "999999999999.99", "1000000000000.00", "٣.٠٠", "NaN", "", None, 9.9, 9]
)
cells_that_may_come = {
    "order_id": keys,
    "uid": keys,
    "paid_at": times,
    "amount": amounts,
    "currency": st.sampled_from(["CNY", "cny", " USD ", "XXY", "", None, 1, True, {}]),
    "quantity": st.sampled_from(["1", "01", "0", "1000001", "1.0", "", None, 1, 1.0, True, [1]]),
    "channel": st.sampled_from(["app", " app ", "x" * 51, "", None, 1, True, 1.0]),
    "payment_method": st.sampled_from(["wechat", "", None, 1, True]),
    "status": st.sampled_from(["paid", "refunded", "Paid", "", None, 1]),
    "colour": st.just("red"),
}


@settings(deadline=None, max_examples=500)
@given(
    st.dictionaries(st.sampled_from(sorted(cells_that_may_come)), st.none()).flatmap(
        lambda chosen: st.fixed_dictionaries({name: cells_that_may_come[name] for name in chosen})
    )
)
def test_the_short_way_reads_what_the_strict_one_reads(changed):
    raw = GOOD_ORDER | changed
    short, strict = order_or_error(raw), order_or_error(raw, rows.read_order)
    if isinstance(strict, RowError):
        assert (short.code, short.column, short.details) == (strict.code, strict.column, strict.details)
    else:
        assert (short, [type(cell) for cell in short]) == (strict, [type(cell) for cell in strict])
        assert (str(short.amount), short.paid_at.tzinfo) == (str(strict.amount), strict.paid_at.tzinfo)


def test_plain_rows_take_the_short_way():
    plain = GOOD_ORDER | {"currency": "CNY", "quantity": "2", "channel": "app", "status": "paid"}
    assert rows._plain_order(plain, CONTEXT) == rows.read_order(plain, CONTEXT)
