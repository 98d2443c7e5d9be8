"""Whom a rehearsal says that a campaign reaches: the very members whom the eligibility engine admits."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.admission import Subject, compiled
from campaigns.definition import EVERYONE, Audience, Campaign, Chain, Pool, Reward, Skip, Task
from campaigns.eligibility import Decider, TaskState
from campaigns.rehearsal.population import Population
from campaigns.rehearsal.reach import reach_of
from members.models import Member
from segmentation import member_sets
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from tests.campaigns.scenes import CLOSES, NOW, OPENS, make_level

pytestmark = pytest.mark.django_db
TAGS, SEGMENTS, LEVELS = ("g.x", "g.y", "h.z"), ("s", "t"), ("a", "b")
OPEN = (TaskState.OPEN, TaskState.OFFERED)


@pytest.fixture
def subjects():
    """Members of every kind in the database, and what the engine is told of them."""
    groups = {slug: TagGroup.objects.create(slug=slug, name=slug) for slug in "gh"}
    tags = {each: Tag.objects.create(group=groups[each[0]], slug=each[2:], name=each) for each in TAGS}
    levels = {slug: make_level(slug, rank) for rank, slug in enumerate(LEVELS, 1)} | {None: None}
    found = []
    for number in range(48):
        level = (*LEVELS, None)[number % 3]
        carried = frozenset(tag for place, tag in enumerate(TAGS) if number >> place & 1)
        inside = frozenset(slug for place, slug in enumerate(SEGMENTS) if number // 3 >> place & 1)
        refused = number % 11 == 0
        member = Member.objects.create(
            uid=f"m{number}", level=levels[level], profiling_refused_at=NOW if refused else None
        )
        MemberTag.objects.bulk_create(
            MemberTag(member=member, tag=tags[tag], source="hand", set_at=NOW) for tag in carried
        )
        found.append(Subject(member.pk, member.uid, NOW, level, carried, inside, profiling_refused=refused))
    for slug in SEGMENTS:
        members = member_sets.store(member_sets.BitMap(each.member_id for each in found if slug in each.segments))
        Segment.objects.create(slug=slug, name=slug, rule={}, members=members)
    Member.objects.create(uid="gone", level=levels["a"], erased_at=NOW)
    return found


def some(of):
    return st.frozensets(st.sampled_from(of), max_size=2) | st.just(frozenset())


identities = st.builds(
    Audience,
    levels=some(LEVELS),
    tag_groups=some(("g", "h")),
    tags_any=some(TAGS),
    tags_all=some(TAGS),
    tags_none=some(TAGS),
    segments_in=some(SEGMENTS),
    segments_not_in=some(SEGMENTS),
) | st.just(EVERYONE)
bounds = st.sampled_from([(None, None), (None, None), (10, None), (None, 10), (10, 20), (20, None)])
audiences = st.builds(lambda who, ends: replace(who, score_from=ends[0], score_below=ends[1]), identities, bounds)
slots = st.sampled_from(["", "", "place"])


def make_task(key, audience, slot=""):
    return Task(key, key, "", "checkin", {}, "once", "automatic", audience, Reward(), slot=slot)


@st.composite
def campaigns(draw):
    alone = [make_task(f"alone-{n}", draw(audiences), draw(slots)) for n in range(draw(st.integers(0, 3)))]
    steps = [make_task(f"step-{n}", draw(identities)) for n in range(draw(st.integers(1, 3)))]
    skips = [Skip(task.key, draw(identities)) for task in steps[1:] if draw(st.booleans())]
    chain = Chain(
        "path",
        "",
        draw(identities),
        Reward(),
        tuple(task.key for task in steps),
        slot=draw(slots),
        skips=tuple(skips),
    )
    pools = tuple(Pool(f"p{n}", "", 1, draw(audiences)) for n in range(draw(st.integers(0, 4))))
    tasks = (*alone, *steps)
    return Campaign(
        slug="c",
        name="C",
        revision=1,
        opens_at=OPENS,
        closes_at=CLOSES,
        tagline="",
        rules="",
        organiser="",
        colour="",
        audience=draw(identities),
        tasks=tasks,
        chains=(chain,),
        pools=pools,
        by_key={task.key: task for task in tasks},
    )


def rehearsed(definition):
    population = Population((part.audience for part in definition.asking), now=NOW)
    return reach_of(definition, population.everyone, population.admitted, most_score=None)


SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=40, **SLOW)
@given(identities)
def test_who_is_in_an_audience_is_who_the_engine_admits(subjects, audience):
    admits = compiled(audience)

    admitted = Population([audience], now=NOW).admitted(audience)

    assert set(admitted) == {each.member_id for each in subjects if admits(each) is None}


@settings(max_examples=40, **SLOW)
@given(campaigns())
def test_reach_is_the_members_whom_the_engine_admits_at_some_score(subjects, definition):
    reach, decider = rehearsed(definition), Decider(definition)
    for subject in subjects:
        decisions = {score: decider.decide(replace(subject, score=score)) for score in reach.scores}
        let_in = decisions[0].refusal is None
        assert (subject.member_id in reach.campaign) == let_in
        for task in definition.tasks:
            if task.key.startswith("alone"):
                open_to = any(each.task(task.key).state in OPEN for each in decisions.values())
                assert (subject.member_id in reach.tasks[task.key]) == open_to
        for score, decision in decisions.items():
            chosen = {slug for slug, members in reach.ordinary[score].items() if subject.member_id in members}
            pool = decision.ordinary.pool
            assert chosen == ({pool.slug} if pool else set())


@settings(max_examples=40, **SLOW)
@given(campaigns())
def test_a_chain_is_walked_as_far_as_the_engine_lets_a_member_go(subjects, definition):
    reach, decider = rehearsed(definition), Decider(definition)
    steps = reach.chains["path"].steps
    for subject in subjects:
        done = 0
        for number, step in enumerate(steps, 1):
            standing = [
                decider.decide(replace(subject, score=score, enrolled=done > 0, chains={"path": done})).task(
                    step.task.key
                )
                for score in reach.scores
            ]
            states = {each.state for each in standing if each}
            comes = subject.member_id in step.before
            assert (subject.member_id in step.here) == (comes and bool(states & {*OPEN}))
            assert (subject.member_id in step.after) == (comes and bool(states & {*OPEN, TaskState.SKIPPED}))
            if states & {*OPEN}:
                done = number


def test_a_score_that_nobody_can_earn_reaches_nobody(subjects):
    gold = Pool("gold", "", 1, Audience(score_from=50))
    definition = Campaign(
        slug="c",
        name="C",
        revision=1,
        opens_at=OPENS,
        closes_at=CLOSES,
        tagline="",
        rules="",
        organiser="",
        colour="",
        audience=EVERYONE,
        tasks=(),
        chains=(),
        pools=(gold,),
    )
    population = Population([EVERYONE], now=NOW)

    def reached(most):
        return reach_of(definition, population.everyone, population.admitted, most_score=most).pools["gold"].chosen

    assert len(reached(50)) == len(subjects)
    assert not reached(49)


def test_the_statements_do_not_grow_with_members(subjects, django_assert_max_num_queries):
    named = Audience(levels=frozenset("ab"), tags_any=frozenset({"g.x", "h.z"}), segments_in=frozenset("st"))

    with django_assert_max_num_queries(10):
        Population([named], now=NOW).admitted(named)
