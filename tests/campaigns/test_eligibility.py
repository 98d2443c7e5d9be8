"""What one member gets in a campaign, decided from facts: states, reasons and their order. No database."""

from dataclasses import replace

import pytest

from campaigns.definition import Audience, Campaign, Chain, Pool, Reward, Task
from campaigns.eligibility import Subject, TaskFacts, TaskState, decide
from campaigns.refusals import Refusal
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS

PAID = Audience(levels=frozenset({"paid"}))
MINUTE = DAY / 1440
DONE = TaskFacts(count=1, completed=True, rewarded=True)
CLAIMABLE = TaskFacts(count=1, completed=True)


def task(key, audience=Audience()):  # noqa: B008  an audience is frozen
    return Task(key, key, "", "checkin", {}, "once", "automatic", audience, Reward())


def campaign(*tasks, chains=(), pools=(), audience=Audience()):  # noqa: B008
    return Campaign(
        slug="autumn",
        name="Autumn",
        revision=1,
        opens_at=OPENS,
        closes_at=CLOSES,
        tagline="",
        rules="",
        organiser="The shop",
        colour="#000000",
        audience=audience,
        tasks=tasks,
        chains=chains,
        pools=pools,
        by_key={each.key: each for each in tasks},
    )


ANN = Subject(member_id=1, uid="ann", now=NOW, level="new", tags=frozenset(), segments=frozenset())


def path(*steps, audience=Audience()):  # noqa: B008
    return Chain("path", "Path", audience, Reward(), steps)


def state_of(definition, subject, key="one"):
    decision = decide(definition, subject).task(key)
    return decision.state, decision.refusal


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"now": OPENS - MINUTE}, Refusal.NOT_OPEN),
        ({"now": OPENS}, None),
        ({"now": CLOSES - MINUTE}, None),
        ({"now": CLOSES}, Refusal.CLOSED),
        ({"paused": True}, Refusal.PAUSED),
        ({"ended": True}, Refusal.CLOSED),
        ({"paused": True, "now": CLOSES}, Refusal.CLOSED),
        ({"paused": True, "now": OPENS - MINUTE}, Refusal.NOT_OPEN),
    ],
)
def test_a_campaign_is_open_from_its_opening_until_before_its_closing(changes, refusal):
    decision = decide(campaign(task("one"), pools=(Pool("all", "All", 1, Audience()),)), replace(ANN, **changes))

    assert decision.refusal is refusal
    assert decision.tasks[0].state is (TaskState.REFUSED if refusal else TaskState.OPEN)
    assert decision.tasks[0].refusal is refusal
    assert (decision.pool is None) == (refusal is not None)


def test_the_window_is_named_before_the_audience():
    definition = campaign(task("one"), audience=PAID)

    assert decide(definition, ANN).refusal is Refusal.LEVEL
    assert decide(definition, replace(ANN, now=CLOSES)).refusal is Refusal.CLOSED


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (None, (TaskState.OPEN, None)),
        (TaskFacts(count=0), (TaskState.OPEN, None)),
        (CLAIMABLE, (TaskState.CLAIMABLE, None)),
        (DONE, (TaskState.DONE, Refusal.DONE)),
    ],
)
def test_the_state_of_a_task_follows_its_facts(facts, expected):
    subject = replace(ANN, enrolled=True, tasks={"one": facts} if facts else {})

    assert state_of(campaign(task("one")), subject) == expected


@pytest.mark.parametrize(
    ("facts", "state"), [(DONE, TaskState.DONE), (CLAIMABLE, TaskState.REFUSED), (None, TaskState.REFUSED)]
)
def test_a_closed_campaign_still_shows_what_was_done_and_lets_nothing_be_claimed(facts, state):
    subject = replace(ANN, now=CLOSES, enrolled=True, tasks={"one": facts} if facts else {})

    assert state_of(campaign(task("one")), subject)[0] is state


def test_a_tasks_own_audience_refuses_that_task_alone():
    definition = campaign(task("one", PAID), task("two"))

    assert state_of(definition, ANN) == (TaskState.REFUSED, Refusal.LEVEL)
    assert state_of(definition, ANN, "two") == (TaskState.OPEN, None)


def test_a_step_is_shown_in_its_chain_only_and_locked_until_the_one_before_is_done():
    definition = campaign(task("one"), task("two"), task("three"), task("alone"), chains=(path("one", "two", "three"),))

    decision = decide(definition, replace(ANN, enrolled=True, chains={"path": 1}, tasks={"one": DONE}))

    assert [each.task.key for each in decision.tasks] == ["alone"]
    assert [(step.task.key, step.state, step.refusal) for step in decision.chains[0].steps] == [
        ("one", TaskState.DONE, Refusal.DONE),
        ("two", TaskState.OPEN, None),
        ("three", TaskState.LOCKED, Refusal.STEP_LOCKED),
    ]
    assert (decision.chains[0].done, decision.chains[0].finished) == (1, False)


def test_the_reward_of_a_step_can_be_claimed_while_the_chain_goes_on():
    definition = campaign(task("one"), task("two"), chains=(path("one", "two"),))

    chain = decide(definition, replace(ANN, enrolled=True, chains={"path": 1}, tasks={"one": CLAIMABLE})).chains[0]

    assert [step.state for step in chain.steps] == [TaskState.CLAIMABLE, TaskState.OPEN]


def test_a_finished_chain_says_so_also_when_a_revision_took_a_step_away():
    definition = campaign(task("one"), task("two"), chains=(path("one", "two"),))

    chain = decide(definition, replace(ANN, enrolled=True, chains={"path": 3})).chains[0]

    assert (chain.done, chain.finished) == (2, True)
    assert [step.state for step in chain.steps] == [TaskState.DONE, TaskState.DONE]


def test_a_chain_whose_audience_refuses_locks_its_steps_with_that_reason():
    definition = campaign(task("one"), task("two"), chains=(path("one", "two", audience=PAID),))

    chain = decide(definition, ANN).chains[0]

    assert chain.refusal is Refusal.LEVEL
    assert {(step.state, step.refusal) for step in chain.steps} == {(TaskState.LOCKED, Refusal.LEVEL)}


def test_who_has_begun_stays_in_a_task_a_chain_and_the_campaign():
    definition = campaign(
        task("one"), task("two"), task("alone", PAID), chains=(path("one", "two", audience=PAID),), audience=PAID
    )
    begun = replace(ANN, enrolled=True, chains={"path": 1}, tasks={"one": DONE, "alone": TaskFacts()})

    assert decide(definition, begun).refusal is None
    assert state_of(definition, begun, "two") == (TaskState.OPEN, None)
    assert state_of(definition, begun, "alone") == (TaskState.OPEN, None)
    assert decide(definition, replace(begun, enrolled=False)).refusal is Refusal.LEVEL


def test_an_excluded_tag_shuts_out_who_has_begun():
    definition = campaign(task("one"), audience=Audience(tags_none=frozenset({"risk.cheat"})))
    cheat = replace(ANN, enrolled=True, tags=frozenset({"risk.cheat"}), tag_groups=None)

    assert decide(definition, cheat).refusal is Refusal.TAGS_NONE


def test_the_first_pool_that_admits_is_the_members():
    score = Audience(score_from=50, score_below=80)
    pools = (Pool("paid", "Paid", 1, PAID), Pool("score", "Score", 1, score), Pool("all", "All", 1, Audience()))
    definition = campaign(task("one"), pools=pools)

    def pool_of(**changes):
        return decide(definition, replace(ANN, enrolled=True, **changes)).pool.slug

    assert pool_of() == "all"
    assert pool_of(score=49) == "all"
    assert pool_of(score=50) == "score"
    assert pool_of(score=79) == "score"
    assert pool_of(score=80) == "all"
    assert pool_of(level="paid", score=50) == "paid"


def test_without_a_pool_that_admits_there_is_none():
    assert decide(campaign(task("one"), pools=(Pool("paid", "Paid", 1, PAID),)), ANN).pool is None


def test_members_alike_share_one_decision_and_others_do_not():
    definition = campaign(task("one", PAID))

    decision = decide(definition, ANN)

    assert decide(definition, replace(ANN, member_id=2, uid="bob")) is decision
    assert decide(definition, replace(ANN, level="paid")).tasks[0].state is TaskState.OPEN
    assert decide(definition, replace(ANN, now=CLOSES)).refusal is Refusal.CLOSED
    assert decide(definition, replace(ANN, chances=2)).chances == 2
    assert decide(definition, ANN) is decision
