"""Each clause is explained by the member's own value, and holds exactly when the member is in the set."""

import pytest
from django.core.management import call_command
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Member
from segmentation.counting import read_rule
from segmentation.explaining import explain
from segmentation.models import Segment
from segmentation.wording import rule_words
from tests.segmentation import oracle, people, rule_strategies

pytestmark = pytest.mark.django_db


@pytest.fixture
def _english():
    with translation.override("en"):
        yield


def nodes(node: dict) -> list[dict]:
    return [node, *(each for rule in node.get("rules", []) for each in nodes(rule))]


def test_every_clause_tells_the_members_own_value_and_whether_it_held():
    shop = people.invent(11, size=20)
    people.write(shop)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(rule_strategies.rules(), st.sampled_from(shop))
    def agree(rule_json, person):
        segment = Segment(slug="asked", name="Asked", rule=rule_json)
        clauses = explain(segment, Member.objects.get(pk=person.id), now=people.NOW)
        written = nodes(rule_json)
        assert [clause.held for clause in clauses] == [oracle.admits(node, person) for node in written]
        for clause, node in zip(clauses, written, strict=True):
            if "rules" in node:
                assert clause.value is None
            else:
                own = {value for value in oracle.values_of(node, person) if value is not None}
                if node["field"] == "segment":
                    own &= {*node["value"]} if isinstance(node["value"], list) else {node["value"]}
                assert set(clause.value) == own
        assert len(clauses) == len(list(rule_words(read_rule(rule_json))))

    agree()


@pytest.mark.usefixtures("_english")
def test_the_command_prints_a_line_for_each_clause(capsys):
    people.write(people.invent(3))
    Segment.objects.create(
        slug="buyers",
        name="Buyers",
        rule={
            "version": 1,
            "combinator": "or",
            "rules": [
                {"field": "orders.count", "operator": ">=", "value": 0, "window": {"last_days": 90}},
                {"field": "profile.uid", "operator": "begins_with", "value": "x"},
            ],
        },
    )
    call_command("explain_segment", "buyers", Member.objects.first().uid)
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines[:3]] == ["✓", "✓", "✗"]
    assert lines[0].endswith("1 of 2 holds, needed: at least one")
    assert lines[2].endswith(f"uid: {Member.objects.first().uid}, needed begins with “x”")
    assert lines[3:] == ["In the last good version: no. The segment has not been computed yet."]
