"""A whole rule reads as one sentence, with names in place of keys."""

import pytest
from django.utils import translation
from hypothesis import given, settings

from segmentation import rules, wording
from segmentation.naming import Names
from segmentation.sentences import sentence
from segmentation.wording import FamilyWords
from tests.segmentation import rule_strategies

NAMES = Names(
    {
        "level": {"growth": "Growth", "paid": "Plus"},
        "tag_group": {"power": "Spending power"},
        "tag.power": {"high": "High", "low": "Low"},
        "segment": {"lapsed": "Lapsed"},
        "attribute": {"city": "City", "size": "Size"},
        "attribute.size": {"m": "Medium"},
        "rfm_model": {"default": "RFM"},
        "category": {"milk": "Milk"},
        "type": {"favourite": "favourite", "cart": "cart", "search": "search"},
    }
)
MILK = {"field": "orders.count", "operator": ">=", "value": 3, "where": {"category": ["milk"]}}
LEVEL = {"field": "level", "operator": "in", "value": ["growth", "paid"]}
LAPSED = {"field": "segment", "operator": "not_in", "value": ["lapsed"]}
CITY = {"field": "attribute.city", "operator": "contains", "value": "Shang"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def whole(*parts: dict, combinator: str = "and", **more: object) -> dict:
    return {"version": 1, "combinator": combinator, "rules": list(parts)} | more


def group(*parts: dict, combinator: str = "or", **more: object) -> dict:
    return {"combinator": combinator, "rules": list(parts)} | more


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            whole(LEVEL, MILK | {"window": {"last_days": 90}}, LAPSED),
            "level is Growth or Plus, and at least 3 orders of Milk in the last 90 days, and not in Lapsed",
        ),
        (whole(LEVEL, LAPSED, combinator="or"), "level is Growth or Plus, or not in Lapsed"),
        (whole(group(LEVEL, CITY), LAPSED), "(level is Growth or Plus or City contains “Shang”), and not in Lapsed"),
        (whole(group(LEVEL, CITY, **{"not": True})), "not (level is Growth or Plus or City contains “Shang”)"),
        (whole(MILK, **{"not": True}), "not (at least 3 orders of Milk)"),
        (whole(group(group(group(MILK)))), "at least 3 orders of Milk"),
        (whole(MILK | {"operator": "=", "value": 0}), "no orders of Milk"),
        (whole(MILK | {"operator": "=", "value": 1}), "exactly 1 order of Milk"),
        (whole(MILK | {"operator": "between", "value": [1, 3]}), "between 1 and 3 orders of Milk"),
        (whole(MILK | {"operator": "is_not_null", "value": None}), "number of orders of Milk is known"),
        (
            whole({"field": "orders.amount.sum", "operator": ">", "value": "500.50", "where": {"channel": ["app"]}}),
            "amount of orders through app is more than 500.50",
        ),
        (
            whole({"field": "tag.power", "operator": "=", "value": "high"}),
            "tag of Spending power is High",
        ),
        (
            whole({"field": "rfm.default.class", "operator": "not_in", "value": ["important_value", "general_keep"]}),
            "RFM class of RFM is none of important: value, general: keep",
        ),
        (whole({"field": "attribute.size", "operator": "=", "value": "m"}), "Size is Medium"),
        (whole({"field": "profile.birthday", "operator": "is_null"}), "birthday is missing"),
        (
            whole({"field": "profile.birthday", "operator": ">=", "value": "1990-01-31"}),
            "birthday is not before 1990-01-31",
        ),
        (
            whole({"field": "events.count", "operator": ">=", "value": 1, "where": {"type": ["favourite", "cart"]}}),
            "at least 1 favourite or cart",
        ),
        (
            whole({"field": "participation.joined", "operator": "not_in", "value": ["autumn", "fair"]}),
            "did not join autumn or fair",
        ),
        (
            whole({"field": "participation.wins.count", "operator": "<", "value": 2, "window": {"last_days": 1}}),
            "fewer than 2 prizes won in the last 1 day",
        ),
        (whole({"field": "points.points.balance", "operator": ">", "value": 9}), "balance of points is more than 9"),
        (
            whole({"field": "lifecycle.default", "operator": "=", "value": "new"}),
            "lifecycle stage of default is new customer",
        ),
        (
            whole({"field": "value.default.tier", "operator": "in", "value": ["core"]}),
            "value tier of default is core",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, told):
    assert sentence(rules.parse(rule), NAMES) == told


def test_a_long_list_is_counted():
    rule = whole({"field": "profile.uid", "operator": "in", "value": [f"u{n}" for n in range(12)]})
    assert sentence(rules.parse(rule)) == "uid is u0, u1, u2, u3, u4 or 7 more"


def test_what_does_not_fit_is_counted():
    rule = whole(LEVEL, *[MILK] * 40, group(*[LAPSED] * 3))
    told = sentence(rules.parse(rule), NAMES, longest=120)
    assert told.startswith("level is Growth or Plus, and at least 3 orders of Milk")
    assert told.endswith("… and 40 more conditions")


def test_one_endless_clause_is_cut():
    rule = whole({"field": "profile.name", "operator": "contains", "value": "x" * 200})
    assert len(sentence(rules.parse(rule), longest=80)) == 80


@settings(max_examples=200, deadline=None)
@given(rule_strategies.rules())
def test_every_rule_has_a_sentence_of_bounded_length(rule):
    for longest in (60, 600):
        told = sentence(rules.parse(rule), longest=longest)
        assert told
        assert len(told) <= longest + 40
        assert told.count("(") == told.count(")") or "…" in told


def test_a_family_brings_its_own_words(monkeypatch):
    monkeypatch.setattr(wording, "_families", {})
    stages = {"rfm_class": {"important_value": "the best"}}
    own = FamilyWords(field=lambda parts, _names: f"class by {parts[0]}", values=lambda: stages)
    wording.register("rfm", own)
    rule = whole({"field": "rfm.default.class", "operator": "in", "value": ["important_value", "general_keep"]})
    assert sentence(rules.parse(rule)) == "class by default is the best or general: keep"
