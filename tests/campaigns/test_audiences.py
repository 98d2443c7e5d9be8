"""Who an audience admits: the table `tests/cases/audiences.json`, by which any evaluator can be judged."""

import json
from pathlib import Path

import pytest

from campaigns.definition import AUDIENCE_BOUNDS, AUDIENCE_SETS, DefinitionError, audience_as_json, parse_audience
from campaigns.eligibility import Subject, compiled_for_begun, refusal_by
from tests.campaigns.scenes import NOW

CASES = json.loads((Path(__file__).parents[1] / "cases" / "audiences.json").read_text())


def subject_of(member):
    return Subject(
        member_id=1,
        uid="ann",
        now=NOW,
        level=member["level"],
        tags=frozenset(member["tags"]),
        segments=frozenset(member["segments"]),
        score=member["score"],
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_audience_admits_or_names_why_not(case):
    audience, subject = parse_audience(case["audience"]), subject_of(case["member"])

    assert refusal_by(audience, subject) == case["refusal"]
    assert compiled_for_begun(audience)(subject) == case["refusal_once_begun"]


def test_the_table_has_a_case_that_refuses_by_each_part():
    asked_alone = {next(iter(case["audience"])) for case in CASES if case["refusal"] and len(case["audience"]) == 1}

    assert asked_alone == {*AUDIENCE_SETS, *AUDIENCE_BOUNDS}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_audience_is_written_as_it_was_read(case):
    audience = parse_audience(case["audience"])

    assert parse_audience(audience_as_json(audience)) == audience


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([], ""),
        ({"level": ["paid"]}, "level"),
        ({"levels": "paid"}, "levels"),
        ({"levels": [1]}, "levels[0]"),
        ({"levels": [""]}, "levels[0]"),
        ({"levels": ["paid", "paid"]}, "levels"),
        ({"score_from": "80"}, "score_from"),
        ({"score_from": True}, "score_from"),
        ({"score_below": -1}, "score_below"),
    ],
)
def test_an_audience_that_cannot_be_read_names_the_place(data, path):
    with pytest.raises(DefinitionError) as error:
        parse_audience(data)

    assert error.value.path == path
