"""Rows of behaviour events: what is read, what is refused, and the borders of time to the microsecond."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.event_rows import (
    DEPTH_LIMIT,
    EVENT_COLUMNS,
    PROPERTIES_LIMIT,
    EventContext,
    EventRow,
    parse_event,
    parse_plain,
)
from members.faults import Fault, RowError
from tests.members.shop import NOW

CASES = json.loads((Path(__file__).parent.parent / "cases" / "event_rows.json").read_text())
CONTEXT = EventContext(NOW, ZoneInfo("Asia/Shanghai"))
GOOD = {"event_id": "e1", "uid": "u1", "type": "view", "occurred_at": "2026-11-20T12:00:00Z"}
MICROSECOND = timedelta(microseconds=1)


def refused(change, context=CONTEXT):
    with pytest.raises(RowError) as refusal:
        parse_event(GOOD | change, context)
    return refusal.value


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_an_event_row_is_read_or_refused(case):
    if "code" in case:
        error = refused(case["change"])
        assert (error.code, error.column) == (case["code"], case["column"])
        with translation.override("en"):
            assert case["column"] in error.message
        return
    expected = case["row"] | {"occurred_at": datetime.fromisoformat(case["row"]["occurred_at"])}
    assert parse_event(GOOD | case["change"], CONTEXT) == EventRow(**expected)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("late", [timedelta(days=90), timedelta(0), timedelta(minutes=-10)])
def test_up_to_90_days_late_and_10_minutes_ahead_it_is_taken(late, zone):
    moment = NOW - late
    assert (
        parse_event(GOOD | {"occurred_at": moment.astimezone(ZoneInfo(zone)).isoformat()}, CONTEXT).occurred_at
        == moment
    )


def test_a_microsecond_more_than_90_days_late_is_too_late():
    assert refused({"occurred_at": (NOW - timedelta(days=90) - MICROSECOND).isoformat()}).code is Fault.TOO_LATE


def test_a_microsecond_more_than_10_minutes_ahead_is_in_the_future():
    assert refused({"occurred_at": (NOW + timedelta(minutes=10) + MICROSECOND).isoformat()}).code is Fault.IN_THE_FUTURE


def test_a_naive_time_is_the_sites_and_the_border_counts_hours_across_a_change_of_clocks():
    # New York's clocks went back on 1 November 2026: 90 days before are an hour earlier on the wall.
    new_york = EventContext(NOW, ZoneInfo("America/New_York"))
    on_the_wall = (NOW - timedelta(days=90)).astimezone(new_york.zone).replace(tzinfo=None)
    assert on_the_wall.hour == 8
    assert parse_event(GOOD | {"occurred_at": on_the_wall.isoformat()}, new_york).occurred_at == NOW - timedelta(
        days=90
    )
    assert refused({"occurred_at": (on_the_wall - MICROSECOND).isoformat()}, new_york).code is Fault.TOO_LATE


def test_an_hour_that_the_clocks_show_twice_is_the_first_of_the_two():
    new_york = EventContext(NOW, ZoneInfo("America/New_York"))
    row = parse_event(GOOD | {"occurred_at": "2026-11-01T01:30:00"}, new_york)
    assert row.occurred_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_leap_day_is_a_day():
    context = EventContext(datetime(2028, 3, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    row = parse_event(GOOD | {"occurred_at": "2028-02-29T23:59:59.999999Z"}, context)
    assert row.occurred_at == datetime(2028, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)


def test_properties_may_be_as_large_and_as_deep_as_said():
    of_the_size = {"a": "x" * (PROPERTIES_LIMIT - len('{"a":""}'))}
    assert len(parse_event(GOOD | {"properties": of_the_size}, CONTEXT).properties) == PROPERTIES_LIMIT
    assert refused({"properties": {"a": of_the_size["a"] + "x"}}).code is Fault.TOO_MANY_BYTES
    nested = {}
    for _ in range(DEPTH_LIMIT - 1):
        nested = {"a": nested}
    assert json.loads(parse_event(GOOD | {"properties": nested}, CONTEXT).properties) == nested
    assert refused({"properties": {"a": nested}}).code is Fault.TOO_DEEP


def test_many_properties_side_by_side_are_not_deep():
    wide = {f"p{number}": [] for number in range(20)}
    assert json.loads(parse_event(GOOD | {"properties": wide}, CONTEXT).properties) == wide


def test_nesting_without_end_is_refused():
    assert refused({"properties": "[" * 100_000}).code is Fault.TOO_MANY_BYTES
    assert refused({"properties": '{"a":' + "[" * 3_000}).code is Fault.NOT_AN_OBJECT


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(EVENT_COLUMNS, anything)))
def test_whatever_comes_an_event_is_read_as_what_can_be_stored_or_refused_with_a_code(raw):
    row = event_or_error(GOOD | raw)
    if isinstance(row, RowError):
        assert row.message.isprintable()
        return
    texts = (row.event_id, row.uid, row.type, row.item, row.category, row.keyword)
    assert all(text.encode() and not {"\x00", "\t", "\n"} & set(text) for text in texts if text)
    assert isinstance(json.loads(row.properties), dict)
    assert "\\u0000" not in row.properties.replace("\\\\", "")


def event_or_error(raw):
    try:
        return parse_event(raw, CONTEXT)
    except RowError as error:
        return error


WORDS = st.sampled_from(
    ["u1", "view", "a b", "", " lead", "trail ", "a|b", "a | b", "牛奶", "a\tb", "x" * 51, "x" * 101]
)
TIMES = st.sampled_from(
    ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.123456+08:00", "2026-11-20", "0001-01-01T00:00:00+14:00", "soon", ""]
    + [(NOW + shift).isoformat() for shift in (-timedelta(days=90), -timedelta(days=91), timedelta(minutes=11))]
)
FLAT = [{}, {"b": 1, "a": "x"}, {"a": "[{"}, {"a": "x" * PROPERTIES_LIMIT}, [], "", None, '{"a": 1}']
ODD = [{"a": {"b": 1}}, {"a": None}, {"a": float("nan")}, {"a": "\x00"}, {"a": "\ud800"}, {"a": 2**70}]
OBJECTS = st.sampled_from([*FLAT, *ODD])
GOOD_ROW = dict.fromkeys(EVENT_COLUMNS, "") | GOOD | {"properties": {"page": "home"}}
CHANGES = st.fixed_dictionaries(
    {},
    optional={column: st.one_of(WORDS, st.none(), st.just(7)) for column in EVENT_COLUMNS}
    | {"occurred_at": TIMES, "properties": OBJECTS, "colour": st.just("red")},
)


@settings(max_examples=400, deadline=None)
@given(
    changes=st.lists(st.one_of(st.just({}), CHANGES), min_size=1, max_size=3), left_out=st.sampled_from(["", "item"])
)
def test_rows_read_all_at_once_are_read_as_one_by_one(changes, left_out):
    raws = [{key: value for key, value in (GOOD_ROW | change).items() if key != left_out} for change in changes]

    def one_by_one():
        return [parse_event(raw, CONTEXT) for raw in raws]

    together = parse_plain(raws, CONTEXT)
    if together is not None:
        assert together == one_by_one()
        assert [type(row) for row in together] == [EventRow] * len(raws)


def test_plain_rows_are_read_all_at_once():
    raws = [GOOD_ROW | {"event_id": f"e{number}"} for number in range(3)]

    assert parse_plain(raws, CONTEXT) == [parse_event(raw, CONTEXT) for raw in raws]
    assert parse_plain([*raws, GOOD_ROW | {"uid": ""}], CONTEXT) is None
