"""Each kind of row, by the tables in tests/cases."""

import json
from dataclasses import fields
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
    texts = [value for each in fields(outcome) if isinstance(value := getattr(outcome, each.name), str)]
    assert all(text.encode() and "\x00" not in text for text in texts)


def order_or_error(raw):
    try:
        return parse_order(raw, CONTEXT)
    except RowError as error:
        return error
