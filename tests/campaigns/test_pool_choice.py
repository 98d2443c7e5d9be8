"""Which pool a draw is from: the table `tests/cases/pools.json`, and a slow, plain reading of the same rules."""

import json
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.definition import Audience, Campaign, Pool, as_json, parse, parse_audience
from campaigns.eligibility import Decider, Subject, decide, refusal_by
from campaigns.pool_choice import PoolKind, Why, asked_for, in_choosing_order, kind_of
from campaigns.refusals import Refusal, Refused
from tests.campaigns.scenes import CLOSES, NOW, OPENS

CASES = json.loads((Path(__file__).parents[1] / "cases" / "pools.json").read_text())
ANN = Subject(member_id=1, uid="ann", now=NOW, level=None, tags=frozenset(), segments=frozenset())
TEXTS = dict.fromkeys(("name", "tagline", "rules", "organiser", "colour"), "x")


def campaign(*pools, audience=Audience()):  # noqa: B008  an audience is frozen
    window = {"opens_at": OPENS, "closes_at": CLOSES}
    return Campaign("autumn", revision=1, audience=audience, tasks=(), chains=(), pools=pools, **TEXTS, **window)


def pool(slug, named_only=False, **audience):
    return Pool(slug, slug.title(), 1, parse_audience(audience), named_only=named_only)


def subject(**facts):
    sets = {key: frozenset(facts.pop(key, ())) for key in ("tags", "segments")}
    return replace(ANN, tag_groups=None, **sets, **facts)


def pools_of(case):
    return [pool(each["slug"], each.get("named_only", False), **each["audience"]) for each in case["pools"]]


def choice_in(definition, member, bucket):
    """What the chances of a bucket are for, for a member who has one there."""
    decision = decide(definition, replace(member, chances=1, chances_by_bucket={bucket: 1}))
    (choice,) = decision.draws
    assert (choice.bucket, choice.chances) == (bucket, 1)
    return choice


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_precedence_and_each_refusal(case):
    definition = campaign(*pools_of(case), audience=parse_audience(case.get("campaign", {})))

    choice = choice_in(definition, subject(**case["member"]), case["bucket"])

    assert {
        "pool": choice.pool.slug if choice.pool else None,
        "why": choice.why,
        "by": dict(choice.by),
        "refusal": choice.refusal,
        "refusals": {pool.slug: refusal for pool, refusal in choice.refusals},
        "passed_over": choice.passed_over,
        "score_needed": choice.score_needed,
    } == case["expected"]


def test_the_table_has_every_reason_and_every_refusal_of_a_pool():
    reasons = {case["expected"]["why"] for case in CASES} - {None}
    refusals = {refusal for case in CASES for refusal in case["expected"]["refusals"].values()}

    assert reasons == {*Why} - {Why.NAMED_ONLY}
    assert refusals >= {"level", "tag_group", "tags_any", "tags_all", "tags_none", "segment_in", "segment_not_in"}
    assert refusals >= {"score", "score_gate", "profiling_refused"}


# A slow, plain reading of the rules


def read_plainly(pools, member, bucket):
    """Return (pool, refusal, why) by the letter of the rules, asking each audience anew."""
    ordinary = [each for each in pools if not each.named_only]
    identity = [each for each in ordinary if asks_who_one_is(each.audience)]
    others = [each for each in ordinary if not asks_who_one_is(each.audience)]
    source, _, name = bucket.partition(":")
    named = next((each for each in pools if each.slug == name), None)
    if source in {"task", "stage"} and named and refusal_by(named.audience, member) is None:
        return named, None, source
    if source == "score":
        for each in identity:
            if refusal_by(each.audience, member) is None:
                return each, None, "identity"
        if named and refusal_by(replace(named.audience, score_from=None, score_below=None), member) is None:
            return named, None, "result"
    if others and not any(holds(each.audience, member.score) for each in others):
        return None, Refusal.SCORE_GATE, None
    for each in [*identity, *others]:
        if refusal_by(each.audience, member) is None:
            return each, None, kind_of(each).value
    return None, Refusal.NO_POOL, None


def asks_who_one_is(audience):
    asked = (audience.levels, audience.tag_groups, audience.tags_any, audience.tags_all, audience.segments_in)
    return any(len(names) > 0 for names in asked)


def holds(audience, score):
    above = audience.score_from is None or score >= audience.score_from
    return above and (audience.score_below is None or score < audience.score_below)


few = st.frozensets(st.sampled_from(["a.a", "a.b", "b.a"]), max_size=2)
names = st.frozensets(st.sampled_from(["a", "b"]), max_size=2)
bounds = st.none() | st.sampled_from([0, 50, 80])
audiences = st.builds(
    Audience,
    levels=names,
    tag_groups=names | st.just(frozenset()),
    tags_any=few,
    tags_all=st.just(frozenset()) | few,
    tags_none=st.just(frozenset()) | few,
    segments_in=st.just(frozenset()) | names,
    segments_not_in=st.just(frozenset()) | names,
    score_from=bounds,
    score_below=bounds,
) | st.builds(Audience, score_from=bounds, score_below=bounds)
offers = st.lists(audiences, max_size=6).flatmap(
    lambda asked: st.tuples(
        *(
            st.builds(Pool, st.just(f"p{place}"), st.just("P"), st.just(1), st.just(each), named_only=st.booleans())
            for place, each in enumerate(asked)
        )
    )
)
members = st.builds(
    Subject,
    member_id=st.just(1),
    uid=st.just("ann"),
    now=st.just(NOW),
    level=st.none() | st.sampled_from(["a", "b"]),
    tags=few,
    segments=names,
    score=st.sampled_from([0, 49, 50, 79, 80, 81]),
    profiling_refused=st.booleans(),
)
buckets = st.sampled_from(["", "task:p0", "task:p1", "score:p0", "score:p2", "stage:p1", "task:gone", "moon:p0"])


@settings(max_examples=300, deadline=None)
@given(offers, members, buckets)
def test_the_compiled_choice_is_that_of_a_plain_reading(pools, member, bucket):
    choice = choice_in(campaign(*pools), member, bucket)

    assert (choice.pool, choice.refusal, choice.why) == read_plainly(pools, member, bucket)


@settings(deadline=None)
@given(offers, members)
def test_who_has_nothing_yet_is_told_the_same_as_who_has(pools, member):
    blank = replace(member, score=0)
    definition = campaign(*pools)

    kept = decide(definition, blank)

    assert kept is decide(definition, replace(blank, uid="bob", member_id=2))
    assert kept.draw == Decider(definition).decide(replace(blank, enrolled=True)).draw
    assert kept.draws == ()


# What is drawn first


SECRET, HIGH, ALL = pool("secret", named_only=True), pool("high", named_only=True), pool("all")


def decision_with(**chances):
    held = {bucket.replace("_", ":"): count for bucket, count in chances.items()}
    held |= {"": held.pop("ordinary")} if "ordinary" in held else {}
    return decide(campaign(ALL, HIGH, SECRET), replace(ANN, chances=sum(held.values()), chances_by_bucket=held))


def test_chances_of_named_pools_are_drawn_first_and_in_a_fixed_order():
    decision = decision_with(ordinary=3, stage_high=1, score_high=1, task_secret=1, task_high=2)

    buckets = ["task:high", "task:secret", "score:high", "stage:high", ""]
    assert [choice.bucket for choice in decision.draws] == buckets
    assert (decision.draw.bucket, decision.pool, decision.chances) == ("task:high", HIGH, 8)


def test_who_has_no_chance_left_is_told_of_the_ordinary_pool():
    decision = decision_with()

    assert (decision.draws, decision.draw.bucket, decision.pool, decision.draw.chances) == ((), "", ALL, 0)


@pytest.mark.parametrize(
    ("asked", "bucket"), [(None, "task:secret"), ("secret", "task:secret"), ("high", "score:high"), ("all", "")]
)
def test_a_request_may_name_the_pool_of_any_chance_that_is_left(asked, bucket):
    decision = decision_with(ordinary=1, score_high=1, task_secret=1)

    assert asked_for(decision.ordinary, decision.draws, asked).bucket == bucket


@pytest.mark.parametrize("asked", ["high", "nothing"])
def test_a_pool_for_which_there_is_no_chance_is_refused(asked):
    decision = decision_with(ordinary=1, task_secret=1)

    with pytest.raises(Refused, match="no_pool"):
        asked_for(decision.ordinary, decision.draws, asked)


def test_chances_that_the_gate_keeps_shut_wait_behind_those_that_are_named():
    definition = campaign(pool("low", score_from=50), SECRET)

    decision = decide(definition, replace(ANN, chances=2, chances_by_bucket={"": 1, "task:secret": 1}))

    assert decision.pool == SECRET
    assert [choice.refusal for choice in decision.draws] == [None, Refusal.SCORE_GATE]


def test_members_alike_are_each_told_their_own_tag():
    definition = campaign(pool("food", tags_any=["food.milk", "food.tea"]))

    def by(*tags):
        return dict(decide(definition, subject(tags=tags)).draw.by)["tags_any"]

    assert (by("food.tea"), by("food.milk"), by("food.milk", "food.tea")) == ("food.tea", "food.milk", "food.milk")


# Kinds and form


@pytest.mark.parametrize(
    ("audience", "kind"),
    [
        ({}, PoolKind.EVERYONE),
        ({"tags_none": ["risk.cheat"]}, PoolKind.EVERYONE),
        ({"segments_not_in": ["lapsed"]}, PoolKind.EVERYONE),
        ({"score_from": 0}, PoolKind.SCORE),
        ({"score_below": 9, "tags_none": ["risk.cheat"]}, PoolKind.SCORE),
        ({"levels": ["paid"], "score_from": 80}, PoolKind.IDENTITY),
    ],
)
def test_the_kind_of_a_pool_follows_from_what_it_asks_for(audience, kind):
    assert kind_of(pool("p", **audience)) is kind
    assert kind_of(pool("p", named_only=True, **audience)) is PoolKind.NAMED_ONLY


def test_identity_pools_are_asked_first_whatever_stands_before_them():
    pools = [pool("all"), pool("vip", levels=["paid"]), SECRET, pool("milk", tags_any=["food.milk"])]

    assert [each.slug for each in in_choosing_order(pools)] == ["vip", "milk", "all"]


def test_a_pool_keeps_its_own_order_in_a_revision():
    listed = campaign(pool("p", named_only=True, tags_any=["food.tea", "food.milk"], levels=["z", "a"]))
    text = as_json(listed)

    assert text["pools"][0]["audience"] == {"levels": ["z", "a"], "tags_any": ["food.tea", "food.milk"]}
    assert text["pools"][0]["named_only"] is True
    assert parse(text) == listed
    assert as_json(parse(text)) == text


def test_twenty_pools_are_decided_in_microseconds():
    identity = [pool(f"p{place}", levels=[f"level-{place}"], tags_any=[f"a.{place}"]) for place in range(18)]
    definition = campaign(*identity, pool("low", score_from=50, score_below=80), pool("high", score_from=80))
    last = subject(level="level-17", tags=["a.17"], score=60, enrolled=True, chances=1)
    assert decide(definition, last).pool.slug == "p17"

    started = perf_counter()
    for _ in range(1_000):
        decide(definition, last)

    assert (perf_counter() - started) / 1_000 < 0.000_5, "a decision over 20 pools took more than 500 µs"
