"""The pools of a draft: which faults keep it from being published, and of what an operator is warned."""

import pytest
from django.utils import translation

from campaigns import publishing
from campaigns.definition import Audience
from campaigns.drafts import Draft
from campaigns.pool_faults import gaps, warnings
from rewards.models import PrizePool
from tests.campaigns.scenes import NOW, QUIZ, chain, draft, make_level, pool, task

pytestmark = pytest.mark.django_db
BY_RESULT = QUIZ | {"pools": [{"from": 100, "pool": "high"}, {"from": 50, "below": 100, "pool": "low"}]}
POOLS = [pool("high", named_only=True), pool("low", named_only=True), pool("everyone")]


def quiz_for(slug):
    """A quiz whose every result names the pool."""
    return task("q", "quiz", config=QUIZ | {"pools": [{"from": 0, "pool": slug}]}, reward={"chances": 1})


def codes(campaign):
    return [fault.code for fault in publishing.faults(campaign, now=NOW)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tasks": [task("a", reward={"chances": 1, "pool": "elsewhere"})]}, "pool_not_offered"),
        (
            {"tasks": [task("a")], "chains": [chain("c", "a", reward={"chances": 1, "pool": "elsewhere"})]},
            "pool_not_offered",
        ),
        ({"tasks": [task("a", reward={"points": 1, "pool": "high"})]}, "pool_without_chances"),
        ({"tasks": [task("q", "quiz", config=BY_RESULT, reward={"points": 1})]}, "pool_without_chances"),
        (
            {"tasks": [task("q", "quiz", config=BY_RESULT, reward={"chances": 1, "pool": "high"})]},
            "pool_named_twice",
        ),
        (
            {"tasks": [quiz_for("gone")]},
            "pool_unknown",
        ),
        (
            {"tasks": [quiz_for("elsewhere")]},
            "pool_not_offered",
        ),
        ({"tasks": [task("a", reward={"chances": 1})], "pools": POOLS[:1]}, "no_pool"),
    ],
)
def test_each_fault_of_a_named_pool_is_found(changes, code):
    PrizePool.objects.create(slug="elsewhere", name="Elsewhere")

    assert codes(draft(**({"pools": POOLS} | changes))) == [code]


def test_an_identity_pool_after_a_pool_for_everyone_is_not_shadowed_and_one_after_it_may_be():
    make_level("paid")
    vip = pool("vip", audience={"levels": ["paid"]})
    assert codes(draft(pools=[pool("everyone"), vip])) == []
    after_it = pool("vip-high", audience={"levels": ["paid"], "score_from": 80})
    assert codes(draft(pools=[pool("everyone"), vip, after_it])) == ["pool_shadowed"]


def test_a_shadowed_pool_that_a_task_names_is_reached_by_that():
    campaign = draft(tasks=[task("a", reward={"chances": 1, "pool": "second"})], pools=[pool("all"), pool("second")])

    assert codes(campaign) == []


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([], []),
        ([(None, None)], []),
        ([(80, None), (50, 80)], []),
        ([(50, 80)], [(80, None)]),
        ([(90, None), (50, 80)], [(80, 90)]),
        ([(50, 60), (55, 90), (95, None)], [(90, 95)]),
        ([(None, 10), (20, 30), (5, 12)], [(12, 20), (30, None)]),
    ],
)
def test_gaps_between_the_ranges_of_the_score_are_found(ranges, found):
    assert gaps([Audience(score_from=least, score_below=below) for least, below in ranges]) == found


def test_an_operator_is_warned_of_gaps_and_of_pools_that_nothing_names():
    ranges = [pool("low", audience={"score_from": 50, "score_below": 80}), pool("secret", named_only=True)]
    campaign = draft(pools=ranges)

    with translation.override("en"):
        assert list(warnings(Draft(campaign))) == [
            "No task and no result names “Pool secret”, so nobody draws from it.",
            "Members with a campaign score of 80 and more have no draw.",
        ]
    assert codes(campaign) == []
