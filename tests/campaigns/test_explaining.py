"""An explanation says clause by clause what the decision says in one word: the two never differ. No database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.admission import checks_of
from campaigns.definition import (
    AUDIENCE_BOUNDS,
    AUDIENCE_SETS,
    Audience,
    Campaign,
    Chain,
    Pool,
    Quota,
    Reward,
    Skip,
    Task,
)
from campaigns.eligibility import Subject, TaskFacts, TaskState, compiled_for_begun, decide, refusal_by
from campaigns.explaining import GATES, clauses_of, explain
from campaigns.listed import Listed
from campaigns.refusals import Refusal
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS

LEVELS = ("new", "old", "paid")
TAGS = ("taste.sweet", "taste.sour", "size.big", "risk.cheat")
SEGMENTS = ("loyal", "lapsed")
MINUTE = timedelta(minutes=1)


def some(names, most=3):
    return st.sets(st.sampled_from(names), max_size=most).map(frozenset)


def mostly(usual, other):
    return st.one_of(usual, usual, usual, other)


scores = st.integers(0, 3)
audiences = st.one_of(
    st.just(Audience()),
    st.builds(Audience, levels=some(LEVELS)),
    st.builds(
        Audience,
        levels=some(LEVELS),
        tag_groups=some(("taste", "size")),
        tags_any=some(TAGS),
        tags_all=some(TAGS, 2),
        tags_none=some(TAGS, 1),
        segments_in=some(SEGMENTS),
        segments_not_in=some(SEGMENTS, 1),
        score_from=st.none() | scores,
        score_below=st.none() | scores,
    ),
)
moments = st.sampled_from([None, None, NOW - MINUTE, NOW, NOW + MINUTE])


@st.composite
def facts(draw):
    completed = draw(st.booleans())
    return TaskFacts(
        count=int(completed),
        completed=completed,
        rewarded=completed and draw(st.booleans()),
        begun=completed or draw(st.booleans()),
        finish_until=draw(moments),
        claim_until=draw(moments),
        held=completed and draw(st.booleans()),
        denied=completed and draw(st.booleans()),
    )


@st.composite
def definitions(draw):
    keys = [f"t{number}" for number in range(draw(st.integers(1, 5)))]
    chained = keys[: draw(st.integers(0, len(keys)))]
    tasks = tuple(
        Task(
            key, key, "", "checkin", {}, "once", draw(st.sampled_from(["automatic", "accept_first"])), draw(audiences),
            Reward(), slot=draw(st.sampled_from(["", "place"])),
            quotas=tuple(draw(st.lists(st.builds(Quota, st.integers(1, 2), st.just("all"), audiences), max_size=2))),
        )
        for key in keys
    )  # fmt: skip
    skips = tuple(Skip(step, draw(audiences)) for step in chained[1:] if draw(st.booleans()))
    chain = Chain(
        "path", "Path", draw(audiences), Reward(), tuple(chained),
        within=draw(st.sampled_from([0, 24])), slot=draw(st.sampled_from(["", "place"])), skips=skips,
    )  # fmt: skip
    pools = tuple(
        Pool(f"p{number}", "Pool", 1, draw(audiences), named_only=draw(mostly(st.just(False), st.just(True))))
        for number in range(draw(st.integers(0, 3)))
    )
    return Campaign(
        slug="autumn", name="Autumn", revision=1, opens_at=OPENS, closes_at=CLOSES, tagline="", rules="",
        organiser="Shop", colour="#000000", audience=draw(mostly(st.just(Audience()), audiences)), tasks=tasks,
        chains=(chain,) if chained else (), pools=pools, by_key={task.key: task for task in tasks},
    )  # fmt: skip


@st.composite
def subjects_of(draw, definition):
    keys = [task.key for task in definition.tasks]
    done = draw(st.integers(0, 5))
    full = {
        (task.key, quota.key): draw(st.integers(0, 2)) for task in definition.tasks for quota in task.quotas
    }  # fmt: skip
    return Subject(
        member_id=1,
        uid="ann",
        now=draw(mostly(st.just(NOW), st.sampled_from([OPENS - MINUTE, OPENS, CLOSES - MINUTE, CLOSES]))),
        level=draw(st.none() | st.sampled_from(LEVELS)),
        tags=draw(some(TAGS)),
        segments=draw(some(SEGMENTS)),
        score=draw(scores),
        chances=draw(st.integers(0, 1)),
        tasks={key: draw(facts()) for key in draw(some(keys, 5))},
        chains={"path": done} if done else None,
        chains_since={"path": NOW - draw(st.sampled_from([DAY, DAY / 2]))} if done else None,
        full={key: taken for key, taken in full.items() if taken},
        enrolled=draw(st.booleans()),
        paused=draw(mostly(st.just(False), st.just(True))),
        ended=draw(mostly(st.just(False), st.just(True))),
        profiling_refused=draw(mostly(st.just(False), st.just(True))),
    )


pairs = definitions().flatmap(lambda definition: st.tuples(st.just(definition), subjects_of(definition)))
anybody = definitions().flatmap(subjects_of)


@settings(max_examples=150, deadline=None)
@given(audience=audiences, subject=anybody)
def test_all_clauses_together_are_the_answer_of_the_audience(audience, subject):
    clauses = clauses_of(audience, subject)

    refusals = [each.refusal for each in clauses if each.refusal]
    assert (not refusals) == (refusal_by(audience, subject) is None)
    assert next(iter(refusals), None) is refusal_by(audience, subject)
    asked_again = [each.refusal for each in clauses_of(audience, subject, begun=True) if not each.waived]
    assert next(filter(None, asked_again), None) is compiled_for_begun(audience)(subject)


@settings(max_examples=150, deadline=None)
@given(pair=pairs)
def test_the_first_clause_that_refuses_is_the_reason_of_the_decision(pair):
    definition, subject = pair
    decision, explained = decide(definition, subject), explain(definition, subject)

    assert explained.campaign.first_refusal is explained.campaign.refusal is decision.refusal
    for task in explained.tasks:
        decided = decision.task(task.part.key)
        assert (task.state, task.refusal) == (decided.state, decided.refusal)
        assert task.first_refusal is decided.refusal
        assert (task.state in {TaskState.OPEN, TaskState.OFFERED, TaskState.CLAIMABLE}) == (task.first_refusal is None)
    assert [chain.first_refusal for chain in explained.chains] == [each.refusal for each in decision.chains]
    refused = dict(decision.ordinary.refusals)
    for pool in explained.pools:
        assert pool.first_refusal is pool.refusal
        if decision.refusal is None and not pool.part.named_only:
            assert pool.refusal is refused.get(pool.part)


def test_every_part_of_an_audience_has_a_clause_and_every_clause_a_name_of_its_own():
    sets = {part: frozenset({"a.b"}) for part in AUDIENCE_SETS}
    everything = Audience(**sets, **dict.fromkeys(AUDIENCE_BOUNDS, 1))

    asked = [part for part, _ in checks_of(everything)]

    assert sorted(asked) == sorted([*AUDIENCE_SETS, *AUDIENCE_BOUNDS])
    assert not set(asked) & set(GATES)


ANN = Subject(1, "ann", NOW, "new", frozenset({"taste.sweet", "size.big"}), frozenset({"loyal"}), score=4)


def the_clause(audience, subject=ANN):
    (clause,) = clauses_of(audience, subject)
    return clause.needed, clause.value, clause.refusal


@pytest.mark.parametrize(
    ("audience", "needed", "value", "refusal"),
    [
        (Audience(levels=Listed(["paid", "old"])), ("paid", "old"), ("new",), Refusal.LEVEL),
        (Audience(tag_groups=Listed(["taste"])), ("taste",), ("taste.sweet",), None),
        (Audience(tags_any=Listed(["taste.sour"])), ("taste.sour",), ("taste.sweet",), Refusal.TAGS_ANY),
        (Audience(segments_in=Listed(["lapsed", "loyal"])), ("lapsed", "loyal"), ("loyal",), None),
        (Audience(score_from=5), 5, 4, Refusal.SCORE),
        (Audience(score_below=5), 5, 4, None),
    ],
)
def test_a_clause_says_what_is_needed_and_what_the_member_has_of_it(audience, needed, value, refusal):
    assert the_clause(audience) == (needed, value, refusal)


def test_who_has_refused_profiling_is_not_looked_at_but_for_the_tags_that_keep_cheats_out():
    refused = replace(ANN, profiling_refused=True)

    any_of = Audience(tags_any=Listed(["taste.sweet"]))
    assert the_clause(any_of, refused) == (("taste.sweet",), None, Refusal.PROFILING_REFUSED)
    assert the_clause(Audience(tags_none=Listed(["size.big"])), refused)[1:] == (("size.big",), Refusal.TAGS_NONE)
