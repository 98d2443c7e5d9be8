"""The ladder without a database: where growth reaches, when a validity ends, and what a review does."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import ladder
from members.ladder import Standing, Step

CASES = json.loads((Path(__file__).parents[1] / "cases" / "levels.json").read_text())
STEPS = [
    Step(number, each["rank"], each["needed"], each.get("valid_months"), each.get("downgrade", ladder.KEEP))
    for number, each in enumerate(CASES["ladder"], start=100)
]
BY_SLUG = {each["slug"]: step for each, step in zip(CASES["ladder"], STEPS, strict=True)}
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def named(table):
    return pytest.mark.parametrize("case", CASES[table], ids=[case["name"] for case in CASES[table]])


def moment(text, zone):
    return text and datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@named("reached")
def test_the_level_is_the_highest_that_growth_reaches(case):
    assert ladder.level_reached(STEPS, case["counted"]) is BY_SLUG[case["level"]]


def test_below_the_first_level_there_is_none():
    assert ladder.level_reached(STEPS[1:], 999) is None
    assert ladder.level_reached([], 5) is None


@named("validity")
def test_a_validity_ends_at_a_local_midnight(case):
    zone = ZoneInfo(case["zone"])
    until = ladder.valid_until(moment(case["from"], case["zone"]), case["months"], zone)
    assert until == moment(case["until"], case["zone"])


@named("years")
def test_the_year_before_begins_on_the_same_date(case):
    assert ladder.year_before(moment(case["moment"], case["zone"]), ZoneInfo(case["zone"])) == moment(
        case["since"], case["zone"]
    )


@named("reviews")
def test_a_review_follows_the_policy_of_the_level(case):
    held = Standing(BY_SLUG[case["level"]].id, case["growth"], 0, NOW - timedelta(days=365), until=NOW)
    after = ladder.reviewed(STEPS, held, case["last_year"], zone=SHANGHAI)
    assert (after.step_id, after.counted) == (BY_SLUG[case["after"]].id, case["counted"])
    assert after.until is None or after.until > NOW


def test_from_the_lowest_level_that_needs_growth_a_member_falls_off_the_ladder():
    silver = BY_SLUG["silver"]
    held = Standing(silver.id, 3000, 0, NOW, until=NOW)
    after = ladder.reviewed(STEPS[1:], held, 0, zone=SHANGHAI)
    assert (after.step_id, after.counted, after.until) == (None, 0, None)


def test_the_next_step_is_the_nearest_above():
    at_silver = Standing(BY_SLUG["silver"].id, 3000, 0, NOW)
    assert ladder.next_step(STEPS, at_silver) is BY_SLUG["gold"]
    assert ladder.next_step(STEPS, Standing(None, 0, 0, NOW)) is BY_SLUG["silver"]
    assert ladder.next_step(STEPS, Standing(BY_SLUG["crown"].id, 50000, 0, NOW)) is None


def test_what_counts_is_never_below_nothing():
    assert Standing(None, growth=100, base=4000, since=NOW).counted == 0


steps = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([None, 1, 12]), st.sampled_from(["keep", "one_step", "last_year"])),
    max_size=5,
).map(lambda drawn: [Step(rank, rank, *each) for rank, each in enumerate(drawn)])
moves = st.lists(st.tuples(st.sampled_from(["follow", "review", "place"]), st.integers(0, 90)), max_size=12)


@given(steps, moves)
def test_whatever_happens_a_member_stands_on_what_counts(ladder_of, happening):
    """Any ladder, even one whose ranks and needs disagree: the level is always the one that counted growth reaches."""
    standing = ladder.beginning(ladder_of, NOW)
    for kind, number in happening:
        before = ladder.step_of(ladder_of, standing.step_id)
        if kind == "follow":
            standing = ladder.followed(ladder_of, standing, number, now=NOW, zone=SHANGHAI)
        elif kind == "place" and ladder_of:
            standing = ladder.placed(ladder_of, standing, ladder_of[number % len(ladder_of)], now=NOW, zone=SHANGHAI)
        elif kind == "review" and standing.until:
            due = standing.until
            standing = ladder.reviewed(ladder_of, standing, number, zone=SHANGHAI)
            after = ladder.step_of(ladder_of, standing.step_id)
            assert after is None or (before and after.rank <= before.rank)
            assert standing.until is None or standing.until > due
        reached = ladder.level_reached(ladder_of, standing.counted)
        assert standing.step_id == (reached.id if reached else None)
