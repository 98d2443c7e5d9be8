"""Scores, classes and sets of RFM, over invented orders and over real ones."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy
import pandas
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from members import metrics
from members.models import Member, Order
from segmentation import member_sets, rfm, rfm_facts, rfm_scale
from segmentation.facts import clock
from segmentation.models import MemberSet, RfmModel, RfmVersion
from segmentation.rfm_facts import Terms
from segmentation.rfm_scale import Facts
from segmentation.rule_errors import RuleError
from tests.segmentation.people import NOW, ZONE

AT = date(2026, 11, 21)
PARTS = {"r": 5, "f": 5, "m": 5}


def facts(recency: list, frequency: list, monetary: list) -> Facts:
    return Facts(numpy.array(recency), numpy.array(frequency), numpy.array(monetary, dtype=float))


@given(st.lists(st.integers(0, 10_000), min_size=5, unique=True), st.integers(2, 5))
def test_quantiles_score_as_pandas_cuts(values, parts):
    scale = rfm_scale.Dimension(rfm_scale.quantile_cuts(numpy.array(values), parts), parts)
    scores = 1 + numpy.searchsorted(scale.cuts, values, side="left")
    assert scores.tolist() == (pandas.qcut(values, parts, labels=False) + 1).tolist()


CASES = json.loads((Path(__file__).parent.parent / "cases" / "rfm_scores.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_scores_are_those_of_a_public_peer(case):
    values = numpy.array(case["values"])
    crowd = facts(values.max() - values, values, values)
    scores = rfm_scale.score(rfm_scale.scale_by_quantiles(crowd, dict.fromkeys("rfm", case["parts"])), crowd)
    assert scores.f.tolist() == scores.m.tolist() == case["scores"]
    codes = pandas.qcut(crowd.recency, case["parts"], labels=False)
    assert scores.r.tolist() == (case["parts"] - codes).tolist()


def test_a_score_is_one_more_than_the_cut_points_below_the_value():
    scale = rfm_scale.scale_by_quantiles(facts([0, 1, 2, 3, 4], [1, 2, 3, 4, 5], [10, 20, 30, 40, 50]), PARTS)
    assert scale.f.cuts == (1.8, 2.6, 3.4, 4.2)
    scores = rfm_scale.score(scale, facts([0, 4], [1, 5], [10, 50]))
    assert (scores.r.tolist(), scores.f.tolist(), scores.m.tolist()) == ([5, 1], [1, 5], [1, 5])


def test_where_cut_points_coincide_the_parts_are_fewer():
    frequency = [1] * 50 + [2] * 20 + [3] * 10 + [5] * 10 + [9] * 10
    many = len(frequency)
    scale = rfm_scale.scale_by_quantiles(facts(list(range(many)), frequency, list(range(many))), PARTS)
    assert scale.f.cuts == pytest.approx((1.0, 2.0, 3.4))
    scores = rfm_scale.score(scale, facts([1] * 5, [1, 2, 3, 5, 9], [1] * 5))
    assert scores.f.tolist() == [1, 2, 3, 4, 4]


@given(st.lists(st.sampled_from([1, 1, 2, 3, 10]), min_size=1))
def test_equal_values_score_alike_and_one_member_scores_alone_as_in_the_crowd(values):
    crowd = facts(values, values, values)
    scale = rfm_scale.from_json(rfm_scale.as_json(rfm_scale.scale_by_quantiles(crowd, PARTS)))
    scores = rfm_scale.score(scale, crowd)
    for index, value in enumerate(values):
        alone = rfm_scale.score(scale, facts([value], [value], [value]))
        assert [alone.r[0], alone.f[0], alone.m[0]] == [scores.r[index], scores.f[index], scores.m[index]]
        assert alone.classes[0] == scores.classes[index]


@pytest.mark.parametrize(("days", "score"), [(0, 3), (29, 3), (30, 2), (89, 2), (90, 1), (900, 1)])
def test_a_threshold_belongs_to_the_part_above_it(days, score):
    thresholds = {"r": [30, 90], "f": [2], "m": [100]}
    scale = rfm_scale.scale_by_thresholds(facts([1], [1], [1]), thresholds)
    assert rfm_scale.score(scale, facts([days], [1], [1])).r.tolist() == [score]


@pytest.mark.parametrize(("amount", "score"), [(99.99, 1), (100, 2), (500, 2)])
def test_money_on_a_threshold_scores_above_it(amount, score):
    scale = rfm_scale.scale_by_thresholds(facts([1], [1], [1]), {"r": [30], "f": [2], "m": [100]})
    assert rfm_scale.score(scale, facts([1], [1], [amount])).m.tolist() == [score]


CLASSES = {
    (1, 1, 1): "important_value",
    (1, 0, 1): "important_develop",
    (0, 1, 1): "important_keep",
    (0, 0, 1): "important_winback",
    (1, 1, 0): "general_value",
    (1, 0, 0): "general_develop",
    (0, 1, 0): "general_keep",
    (0, 0, 0): "general_winback",
}


@pytest.mark.parametrize(("highs", "name"), CLASSES.items())
def test_eight_classes_by_what_is_above_the_mean(highs, name):
    scale = rfm_scale.scale_by_thresholds(facts([1, 99], [1, 9], [1, 999]), {"r": [30], "f": [2], "m": [100]})
    r, f, m = highs
    one = facts([1 if r else 99], [9 if f else 1], [999 if m else 1])
    assert rfm_scale.CLASS_BY_LOWS[rfm_scale.score(scale, one).classes[0]] == name


@pytest.mark.parametrize(
    ("thresholds", "path"),
    [
        ([], ""),
        ({"r": [1], "f": [1]}, ""),
        ({"r": [], "f": [1], "m": ["1"]}, "r"),
        ({"r": [1], "f": [2, 2], "m": ["1"]}, "f[1]"),
        ({"r": [1], "f": [1.5], "m": ["1"]}, "f[0]"),
        ({"r": [1], "f": [1], "m": ["1", "NaN"]}, "m[1]"),
        ({"r": [1, 2, 3, 4, 5], "f": [1], "m": ["1"]}, "r"),
    ],
)
def test_faulty_thresholds_are_refused_with_their_path(thresholds, path):
    with pytest.raises(RuleError) as refused:
        rfm_scale.read_thresholds(thresholds)
    assert refused.value.path == path


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/Berlin"])
def test_days_are_calendar_days_of_the_site(zone):
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(0, 24 * 320, 7)]
    micros = numpy.array([clock.moment(hour) for hour in hours])
    expected = [(AT - hour.astimezone(ZoneInfo(zone)).date()).days for hour in hours]
    assert (clock.day(AT) - clock.days(micros, ZoneInfo(zone))).tolist() == expected


@pytest.fixture
def shop(db) -> list[Member]:
    """Forty members, each with one to four orders on the days before AT, one of them refunded in part."""
    members = Member.objects.bulk_create(Member(uid=f"u{n:02}") for n in range(40))
    Order.objects.bulk_create(
        Order(
            member=member,
            order_id=f"{n}-{k}",
            paid_at=datetime(2026, 11, 21, 23, 59, tzinfo=ZONE) - timedelta(days=n + 40 * k),
            amount=Decimal(10 + n),
            refunded_amount=Decimal(1) if n % 7 == 0 else Decimal(0),
            currency="CNY",
        )
        for n, member in enumerate(members)
        for k in range(n % 4 + 1)
    )
    Order.objects.create(
        member=members[0],
        order_id="gone",
        paid_at=NOW,
        amount=999,
        refunded_amount=999,
        currency="CNY",
        status="refunded",
    )
    Member.objects.create(uid="never")
    metrics.rebuild()
    return members


@pytest.fixture
def model(db) -> RfmModel:
    return RfmModel.objects.get(slug="default")


def same(one: rfm_facts.Scored, other: rfm_facts.Scored) -> bool:
    return all(
        numpy.array_equal(a, b)
        for a, b in [
            (one.ids, other.ids),
            (one.facts.recency, other.facts.recency),
            (one.facts.frequency, other.facts.frequency),
            (one.facts.monetary, other.facts.monetary),
        ]
    )


def test_running_totals_and_orders_give_the_same_facts(shop, django_assert_num_queries):
    with django_assert_num_queries(2):
        fast = rfm_facts.read_facts(Terms(AT, None))
    assert len(fast.ids) == 40
    assert fast.facts.recency[:3].tolist() == [0, 1, 2]
    assert fast.facts.monetary[0] == 9.0
    assert same(fast, rfm_facts.aggregate_orders(Terms(AT, None)))


def test_orders_after_the_day_do_not_count(shop):
    before = rfm_facts.read_facts(Terms(AT - timedelta(days=2), None))
    assert same(before, rfm_facts.aggregate_orders(Terms(AT - timedelta(days=2), None)))
    assert before.facts.recency.min() == 0
    assert shop[0].pk not in before.ids


def test_a_window_counts_its_days_with_the_last_one(shop):
    week = rfm_facts.read_facts(Terms(AT, 7))
    assert week.facts.recency.tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("window_days", [None, 7])
def test_erased_members_count_for_nobody_though_their_orders_stay(shop, window_days):
    before = rfm_facts.read_facts(Terms(AT, window_days))
    first = int(before.ids[0])
    Member.objects.filter(pk=first).update(erased_at=NOW)
    after = rfm_facts.read_facts(Terms(AT, window_days))
    assert after.ids.tolist() == before.ids.tolist()[1:]
    assert after.facts.monetary.tolist() == before.facts.monetary.tolist()[1:]


def test_a_version_stores_a_set_for_every_score_and_class(shop, model):
    version = rfm.recompute(model, at=AT, now=NOW)
    assert version.size == 40
    everyone = {member.pk for member in shop}
    for dimension in ("r", "f", "m", "class"):
        sets = [set(member_sets.load(each.members_id)) for each in version.sets.filter(dimension=dimension)]
        assert sum(map(len, sets)) == 40
        assert set().union(*sets) == everyone
    assert sum(version.summary["classes"].values()) == sum(cell[3] for cell in version.summary["cells"]) == 40
    assert rfm.parts_lost(version) == {"f": (5, 4)}


def test_no_orders_make_an_empty_version(model):
    version = rfm.recompute(model, at=AT, now=NOW)
    assert (version.size, version.summary["cells"]) == (0, [])


def test_old_versions_go_with_their_sets(shop, model):
    for days in range(rfm.KEPT_VERSIONS + 2):
        rfm.recompute(model, at=AT - timedelta(days=days), now=NOW)
    assert RfmVersion.objects.count() == rfm.KEPT_VERSIONS
    held = sum(version.sets.count() for version in RfmVersion.objects.all())
    assert MemberSet.objects.count() == held


def test_the_export_is_what_the_sets_hold(shop, model, capsys):
    call_command("recompute_rfm", "default", "--at", "2026-11-21")
    capsys.readouterr()
    call_command("export_rfm", "default")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == ["uid", "recency_days", "frequency", "monetary", "r", "f", "m", "class"]
    assert rows[0] | {"r": "5", "m": "1"} == rows[0]
    assert [row["uid"] for row in rows] == sorted(member.uid for member in shop)
    ids = {member.uid: member.pk for member in shop}
    for each in RfmVersion.objects.get().sets.all():
        exported = {ids[row["uid"]] for row in rows if row[each.dimension] == each.value}
        assert exported == set(member_sets.load(each.members_id))


def test_no_spreadsheet_finds_a_formula_in_the_export(shop, model, capsys):
    Member.objects.filter(pk=shop[0].pk).update(uid="=1+1")
    call_command("recompute_rfm", "default", "--at", "2026-11-21")
    capsys.readouterr()
    call_command("export_rfm", "default")
    uids = [row["uid"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert "'=1+1" in uids
    assert "=1+1" not in uids


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["recompute_rfm", "gone"], "no RFM model is called gone"),
        (["recompute_rfm", "default", "--at", "31.1.2026"], "31.1.2026 is not a day"),
        (["export_rfm", "gone"], "no RFM model is called gone"),
        (["export_rfm", "default"], "has not been computed yet"),
    ],
)
def test_a_command_says_what_is_wrong(model, arguments, said):
    with pytest.raises(CommandError, match=said):
        call_command(*arguments)


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["soon", "2024-13-01", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(CommandError, match=day):
        call_command("recompute_rfm", "--at", day)
