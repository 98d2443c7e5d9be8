"""An explanation says the member's own value and what was needed, and what would be enough."""

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Attribute, Level, Member, Order
from segmentation import recomputing, rfm, world
from segmentation.counting import read_rule
from segmentation.definitions import save_rule
from segmentation.evaluation import members_of
from segmentation.explaining import _judged, explanation, nearest
from segmentation.models import RfmModel, Segment, Tag, TagGroup
from segmentation.rules import All, Any, Leaf, Not
from segmentation.standing import standing
from segmentation.tagging import set_tag
from tests.segmentation import people, rule_strategies
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def member() -> Member:
    """Normal level, no birthday, two orders of late, the tag “low”."""
    for slug, name in (("normal", "Normal"), ("growth", "Growth"), ("paid", "Plus")):
        Level.objects.create(slug=slug, name=name, kind="paid", rank={"normal": 7, "growth": 8, "paid": 9}[slug])
    Attribute.objects.create(slug="city", label="城市", label_en="City", kind="text")
    member = Member.objects.create(uid="ann", level=Level.objects.get(slug="normal"))
    for number in (1, 2):
        paid = NOW - timedelta(days=number)
        Order.objects.create(member=member, order_id=f"o{number}", paid_at=paid, amount=50, quantity=1, currency="CNY")
    group = TagGroup.objects.create(slug="power", name="Power")
    low, _high = (Tag.objects.create(group=group, slug=slug, name=slug.title()) for slug in ("low", "high"))
    set_tag([member.pk], low, source="api", now=NOW)
    save_rule(Segment(slug="base", name="Base"), whole({"field": "level", "operator": "is_null"}), by=None, now=NOW)
    recomputing.recompute(Segment.objects.get(), now=NOW)
    return member


def whole(*parts: dict, combinator: str = "and", **more: object) -> dict:
    return {"version": 1, "combinator": combinator, "rules": list(parts)} | more


def explained(member: Member, rule: dict):
    return explanation(Segment(slug="asked", name="Asked", rule=rule), member, now=NOW + timedelta(minutes=5))


RECENT = {"field": "orders.count", "operator": ">=", "value": 3, "window": {"last_days": 90}}


@pytest.mark.parametrize(
    ("leaf", "told"),
    [
        (RECENT, "orders in the last 90 days: 2, needed ≥ 3"),
        (RECENT | {"value": 1, "operator": "<"}, "orders in the last 90 days: 2, needed < 1"),
        (RECENT | {"value": [3, 5], "operator": "between"}, "orders in the last 90 days: 2, needed 3 to 5"),
        (
            {"field": "orders.amount.sum", "operator": "not_between", "value": [50, 150]},
            "amount of orders: 100, needed less than 50 or more than 150",
        ),
        (
            {"field": "orders.amount.avg", "operator": ">", "value": 1, "where": {"channel": ["app"]}},
            "average amount of an order with channel app: none, needed > 1",
        ),
        ({"field": "level", "operator": "in", "value": ["growth", "paid"]}, "level: Normal, needed Growth or Plus"),
        ({"field": "level", "operator": "not_in", "value": ["growth"]}, "level: Normal, needed none of Growth"),
        ({"field": "level", "operator": "!=", "value": "paid"}, "level: Normal, needed not Plus"),
        ({"field": "profile.birthday", "operator": "is_not_null"}, "no birthday known, needed known"),
        ({"field": "profile.age", "operator": "<", "value": 30}, "no age known, needed < 30"),
        ({"field": "attribute.city", "operator": "contains", "value": "Su"}, "no City known, needed contains “Su”"),
        ({"field": "tag.power", "operator": "in", "value": ["high"]}, "tag of Power: Low, needed High"),
        ({"field": "segment", "operator": "in", "value": ["base"]}, "not in Base; needed: in Base"),
        ({"field": "segment", "operator": "not_in", "value": ["base"]}, "not in Base; needed: not in Base"),
    ],
)
def test_each_clause_tells_the_own_value_and_the_needed_one(member, leaf, told):
    assert explained(member, whole(leaf)).clauses[1].told == told


def test_groups_tell_how_many_of_their_parts_hold(member):
    hold, fail = {"field": "level", "operator": "is_not_null"}, {"field": "level", "operator": "is_null"}
    either = {"combinator": "or", "rules": [hold, fail]}
    found = explained(member, whole(hold, fail, either, either | {"not": True}))
    assert [each.told for each in found.clauses if each.value is None] == [
        "2 of 4 hold, needed: all",
        "1 of 2 holds, needed: at least one",
        "1 of 2 holds, needed: none of them",
    ]


def test_a_score_tells_the_facts_that_it_was_given_for(member):
    rfm.recompute(RfmModel.objects.get(), at=NOW.date(), now=NOW)
    clause = explained(member, whole({"field": "rfm.default.r", "operator": ">=", "value": 9})).clauses[1]
    assert clause.told.startswith("recency score of RFM: ")
    assert clause.behind == "2 orders for 100.00 up to 2026-11-21, the last 1 days before"


def test_a_segment_tells_its_version_and_age(member):
    clause = explained(member, whole({"field": "segment", "operator": "=", "value": "base"})).clauses[1]
    assert clause.behind.replace("\xa0", " ") == "Base was computed 5 minutes ago, by version 1 of its rule"


def test_the_nearest_way_in_is_the_least_that_has_to_change(member):
    city = {"field": "attribute.city", "operator": "=", "value": "Suzhou"}
    paid = {"field": "level", "operator": "=", "value": "paid"}
    normal = {"field": "level", "operator": "=", "value": "normal"}
    two_ways = {"combinator": "or", "rules": [{"combinator": "and", "rules": [city, paid]}, RECENT]}
    assert explained(member, whole(two_ways, normal)).nearest == ["at least 3 orders in the last 90 days"]
    assert explained(member, whole(normal, **{"not": True})).nearest == ["no longer: level is Normal"]
    assert explained(member, whole(normal)).nearest == []


def judge(rule, turned: dict[str, bool], held: dict[str, bool]) -> bool:
    match rule:
        case Leaf():
            return turned.get(rule.path, held[rule.path])
        case All(parts):
            return all(judge(each, turned, held) for each in parts)
        case Any(parts):
            return any(judge(each, turned, held) for each in parts)
        case Not(inner):
            return not judge(inner, turned, held)


def leaves_of(judged):
    return [judged] if isinstance(judged.rule, Leaf) else [each for part in judged.parts for each in leaves_of(part)]


def test_the_nearest_way_in_suffices_for_any_rule():
    shop = people.invent(5, size=20)
    people.write(shop)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(rule_strategies.rules(), st.sampled_from(shop))
    def suffices(rule_json, person):
        rule, few = read_rule(rule_json), world.only([person.id], now=NOW)
        judged = _judged(rule, "", person.id, few)
        assert judged.held is (person.id in members_of(rule, few))
        held = {each.rule.path: each.held for each in leaves_of(judged)}
        turns = nearest(judged)
        assert bool(turns) is not judged.held
        assert judge(rule, {each.rule.path: becomes for each, becomes in turns}, held)
        assert all(each.held is not becomes for each, becomes in turns)

    suffices()


def computed(rule: dict, *, saved_at) -> Segment:
    segment = Segment(slug="asked", name="Asked")
    save_rule(segment, rule, by=None, now=saved_at)
    recomputing.recompute(segment, now=NOW)
    segment.refresh_from_db()
    return segment


@pytest.mark.parametrize(
    ("holds_now", "told"),
    [
        (True, "Last computed 5 minutes ago."),
        (False, "Left since the last computation 5 minutes ago. The next one follows."),
        (None, "Last computed 5 minutes ago."),
    ],
)
def test_what_is_published_is_set_against_what_holds_now(member, holds_now, told):
    segment = computed(whole({"field": "level", "operator": "is_not_null"}), saved_at=NOW)
    stands = standing(segment, member, holds_now=holds_now, now=NOW + timedelta(minutes=5))
    assert (stands.published, stands.told.replace("\xa0", " ")) == (True, told)


def test_a_member_may_have_joined_by_facts_or_by_the_rule(member):
    segment = computed(whole({"field": "level", "operator": "is_null"}), saved_at=NOW)
    now = NOW + timedelta(minutes=5)
    told = standing(segment, member, holds_now=True, now=now).told.replace("\xa0", " ")
    assert told == "Joined since the last computation 5 minutes ago. The next one follows."
    save_rule(segment, whole(RECENT), by=None, now=NOW + timedelta(minutes=2))
    told = standing(segment, member, holds_now=True, now=now).told.replace("\xa0", " ")
    assert told.startswith("The rule was saved 3 minutes ago, after the last computation 5 minutes ago.")


def test_of_the_erased_it_is_said_that_they_are(member):
    segment = computed(whole({"field": "level", "operator": "is_null"}), saved_at=NOW)
    member.erased_at = NOW
    assert standing(segment, member, holds_now=False, now=NOW).told.startswith("The member was erased")
