"""The pool that a result names: ranges of scores, stages, and what is wrong with them."""

import pytest

from campaigns.kinds import find
from campaigns.result_pools import bucket_for, faults
from tests.campaigns.scenes import QUIZ

HIGH, LOW = {"from": 80, "pool": "high"}, {"from": 50, "below": 80, "pool": "low"}


@pytest.mark.parametrize(
    ("score", "bucket"),
    [(0, None), (49, None), (50, "score:low"), (79, "score:low"), (80, "score:high"), (100, "score:high")],
)
@pytest.mark.parametrize("pools", [[HIGH, LOW], [LOW, HIGH]])
def test_eighty_and_more_is_the_high_pool_fifty_and_more_the_low_one_and_below_there_is_none(pools, score, bucket):
    assert bucket_for(pools, score=score) == bucket


@pytest.mark.parametrize(
    ("stage", "bucket"), [(0, None), (2, None), (3, "stage:low"), (9, "stage:low"), (10, "stage:high")]
)
def test_all_stages_name_the_high_pool_and_some_the_low_one(stage, bucket):
    assert bucket_for([{"stage": 10, "pool": "high"}, {"stage": 3, "pool": "low"}], stage=stage) == bucket


@pytest.mark.parametrize(
    ("pools", "path", "words"),
    [
        ([], "pools", "1 to 20"),
        ({}, "pools", "1 to 20"),
        ([HIGH] * 21, "pools", "1 to 20"),
        ([1], "pools[0]", "object"),
        ([{"from": 80}], "pools[0].pool", "key"),
        ([{"from": 80, "pool": ""}], "pools[0].pool", "key"),
        ([{"pool": "high"}], "pools[0].from", "0 to 100"),
        ([{"from": 101, "pool": "high"}], "pools[0].from", "0 to 100"),
        ([{"from": True, "pool": "high"}], "pools[0].from", "0 to 100"),
        ([{"from": 0, "below": "80", "pool": "high"}], "pools[0].below", "0 to 100"),
        ([HIGH | {"stage": 3}], "pools[0].stage", "no such setting"),
        ([HIGH, {"from": 50, "below": 81, "pool": "low"}], "pools", "From 80 on two ranges overlap"),
        ([HIGH, {"from": 50, "pool": "low"}], "pools", "From 80 on two ranges overlap"),
        ([HIGH, HIGH], "pools", "overlap"),
        ([HIGH, {"from": 50, "below": 70, "pool": "low"}], "pools", "from 70 below 80 has no pool"),
        ([LOW], "pools", "80 and more has no pool"),
        ([HIGH, {"from": 50, "below": 50, "pool": "low"}], "pools", "below 50 is empty"),
    ],
)
def test_each_fault_of_ranges_is_named_by_its_place(settings, pools, path, words):
    settings.LANGUAGE_CODE = "en"
    found = faults(pools, by="score")

    assert (found[0].path, words in str(found[0].message)) == (path, True), found[0].message


def test_ranges_that_join_have_no_fault():
    assert faults([HIGH, LOW], by="score") == []
    assert faults([{"from": 0, "pool": "all"}], by="score") == []
    assert faults([{"stage": 3, "pool": "low"}, {"stage": 10, "pool": "high"}], by="stage") == []


@pytest.mark.parametrize(
    ("pools", "path"),
    [
        ([{"stage": 0, "pool": "low"}], "pools[0].stage"),
        ([{"stage": 3, "pool": "a"}, {"stage": 3, "pool": "b"}], "pools"),
        ([{"from": 3, "pool": "a"}], "pools[0].from"),
    ],
)
def test_each_fault_of_stages_is_named_by_its_place(pools, path):
    assert faults(pools, by="stage")[0].path == path


def test_a_kind_without_a_result_names_no_pool():
    assert [fault.path for fault in find("checkin").faults({"pools": [HIGH]})] == ["pools"]
    assert find("quiz").faults(QUIZ | {"pools": [HIGH, LOW]}) == []


@pytest.mark.parametrize(
    ("data", "score"),
    [({"score": 1, "percent": 50}, 50), ({"score": 1}, 50), ({"score": 9}, 100), ({"score": 1, "percent": 33}, 33)],
)
def test_the_score_of_a_quiz_is_the_percentage_when_it_was_done(data, score):
    assert find("quiz").score(QUIZ, data) == score
