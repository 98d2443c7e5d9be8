"""Random members play random campaigns: whatever they do in whatever order, each reward is given once and to the point.

After every step: a reward once for each (member, task, period), quotas exactly counted and never exceeded, chains in
their order, score and balances those of what was done, and the books in order. A move that is refused changes nothing,
and what a member is told is what was given.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns import campaign_files, held_rewards, playing, published
from campaigns.books import INVARIANTS as OF_CAMPAIGNS
from campaigns.eligibility import decide
from campaigns.entering import Origin
from campaigns.models import ChainProgress, Completion, Enrolment, HeldCompletion, Progress, TaskQuota
from campaigns.refusals import BadSubmission, Refused
from campaigns.subjects import load_subject
from members.ingest import ingest_orders
from members.models import Member
from members.rows import OrderRow
from operations.prepared import prepared_cursor
from rewards.books import INVARIANTS as OF_REWARDS
from rewards.chances import chances_left
from rewards.ledger import balances
from rewards.models import Draw
from tests.campaigns.random_campaigns import LEVELS, random_campaign
from tests.campaigns.scenes import NOW, OPENS, RIGHT, WRONG, make_gifts, make_level, publish_draft

INVARIANTS = OF_CAMPAIGNS | OF_REWARDS
NAMES = list(INVARIANTS)
# All books in one statement, which is planned once.
BOOKS = " UNION ALL ".join(f"SELECT {number}, ({sql})" for number, sql in enumerate(INVARIANTS.values()))
PEOPLE = st.integers(0, 2)
KEYS = st.integers(0, 5)
MOVES = st.sampled_from(["accept", "submit", "submit", "submit", "claim", "enter_task"])
ORIGINS = st.sampled_from([None, Origin("tablet", "shop"), Origin("phone", "shop")])


class RandomPlay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now, self.keys, self.definition = NOW, count(), None
        self.seen, self.deadlines = Counter(), {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(seed=st.integers(0, 10_000))
    def publish(self, seed) -> None:
        levels = [make_level(slug, rank) for rank, slug in enumerate(LEVELS, 1)]
        make_gifts()
        campaign = campaign_files.load(random_campaign(Random(seed)), by=None, now=OPENS)
        publish_draft(campaign, now=OPENS)
        self.definition = published.definition_of("autumn")
        self.reviewer = User.objects.create_superuser("reviewer")
        self.people = [Member.objects.create(uid=f"m{number}", level=levels[number % 2]) for number in range(3)]
        self.levels = levels
        self.observes = any(task.kind == "purchase" for task in self.definition.tasks)

    @rule(who=PEOPLE, key=KEYS, move=MOVES, right=st.booleans(), origin=ORIGINS)
    def move(self, who, key, move, right, origin) -> None:
        member = self.people[who]
        task = self.definition.tasks[key % len(self.definition.tasks)]
        given, before = points(member), self.written()
        arguments = [member, "autumn", task.key]
        if move == "submit":
            arguments.append((RIGHT if right else WRONG) if task.kind == "quiz" else {})
        try:
            moved = getattr(playing, move)(*arguments, now=self.now, chance=lambda number: number - 1, origin=origin)
        except (Refused, BadSubmission) as refused:
            self.seen[str(refused)] += 1
            assert self.written() == before
            return
        self.seen[moved.state.value] += 1
        if task.claim_mode == "accept_first" and move == "accept" and moved.until:
            self.deadlines[who, task.key] = moved.until
        # What was bought before is done as it is accepted.
        if task.claim_mode == "accept_first" and moved.completed and move == "submit":
            assert self.now < self.deadlines[who, task.key]
        if not self.observes:
            assert points(member) - given == sum(each.points for each in (moved.reward, moved.chain_reward) if each)

    @rule(who=PEOPLE)
    def buy(self, who) -> None:
        """The order comes in; whoever has a purchase to do is looked at with the next move."""
        uid, number = self.people[who].uid, next(self.keys)
        ingest_orders([OrderRow(order_id=f"o{number}", uid=uid, paid_at=self.now, amount=Decimal(9))], now=self.now)

    @rule(who=PEOPLE, number=st.integers(0, 2))
    def draw(self, who, number) -> None:
        member, key = self.people[who], f"{who}-{number}-{next(self.keys) // 3}"
        try:
            # It wins words of thanks, so that all points come from tasks.
            playing.draw(member.uid, "autumn", request_key=key, roll=999_999, now=self.now)
        except Refused as refused:
            self.seen[str(refused)] += 1

    @rule(who=PEOPLE)
    def change_level(self, who) -> None:
        member = self.people[who]
        member.level = next(each for each in self.levels if each != member.level)
        member.save(update_fields=["level"])

    @precondition(lambda self: self.definition and held_rewards.waiting().exists())
    @rule(which=st.integers(0, 5), released=st.booleans())
    def review(self, which, released) -> None:
        held = list(held_rewards.waiting().order_by("pk"))
        decide = held_rewards.release if released else held_rewards.refuse
        decide(held[which % len(held)].pk, reason="looked at", by=self.reviewer, now=self.now)
        self.seen["released" if released else "refused"] += 1

    @rule(hours=st.sampled_from([1, 1, 12, 25]))
    def wait(self, hours) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_books_hold(self) -> None:
        with prepared_cursor() as cursor:
            cursor.execute(BOOKS)
            assert [NAMES[number] for number, violations in cursor.fetchall() if violations] == []

    @invariant()
    def each_has_what_they_have_done(self) -> None:
        for enrolment in Enrolment.objects.select_related("member"):
            rewards = [*self.rewards_of_tasks(enrolment), *self.rewards_of_chains(enrolment)]
            assert points(enrolment.member) == sum(reward.points for reward in rewards)
            assert enrolment.score == sum(reward.score for reward in rewards)
            drawn = Draw.objects.filter(member=enrolment.member).count()
            left = chances_left(enrolment.member_id, "campaign:autumn")
            assert drawn + left == sum(reward.chances for reward in rewards)

    def rewards_of_tasks(self, enrolment):
        for done in enrolment.completions.all():
            if done.rewarded_at:
                assert done.held_at is None
                assert done.refused_at is None
                yield self.definition.by_key[done.task_key].reward

    def rewards_of_chains(self, enrolment):
        finished = {done.task_key for done in enrolment.completions.filter(held_at=None, refused_at=None)}
        for chain in self.definition.chains:
            steps = list(ChainProgress.objects.filter(enrolment=enrolment, chain_key=chain.key).order_by("step"))
            assert [each.step for each in steps] == list(range(1, len(steps) + 1))
            may_fall_away = {skip.step for skip in chain.skips}
            for each in steps:
                assert chain.steps[each.step - 1] in (may_fall_away if each.skipped else finished)
            if len(steps) == len(chain.steps):
                yield chain.reward

    @invariant()
    def quotas_count_exactly_and_are_never_exceeded(self) -> None:
        held = Counter()
        for progress in Progress.objects.all():
            held.update((progress.task_key, part, period) for part, period in progress.places)
        for row in TaskQuota.objects.all():
            assert row.taken == held[row.task_key, row.part, row.period] <= row.quota
        assert held.keys() <= {(row.task_key, row.part, row.period) for row in TaskQuota.objects.all()}
        if self.definition:
            self.nobody_came_in_past_a_quota()

    def nobody_came_in_past_a_quota(self) -> None:
        """Counted anew from what was done, for quotas that are everybody's."""
        done = Counter(Completion.objects.filter(refused_at=None).values_list("task_key", flat=True))
        for task in self.definition.tasks:
            for quota in task.quotas:
                if quota.key == "all":
                    assert done[task.key] <= quota.quota

    @invariant()
    def nothing_was_done_too_often(self) -> None:
        times = Counter()
        for done in Completion.objects.order_by("pk"):
            task = self.definition.by_key[done.task_key]
            times[done.enrolment_id, done.task_key] += 1
            if task.period == "times":
                assert done.period == f"#{times[done.enrolment_id, done.task_key]}"
                assert times[done.enrolment_id, done.task_key] <= task.times

    @invariant()
    def who_is_held_back_has_nothing_of_it(self) -> None:
        for held in HeldCompletion.objects.exclude(held_at=None, refused_at=None):
            assert held.rewarded_at is None

    def written(self):
        """What a move may write. Who enters takes part, also when their first move is refused."""
        return (
            list(Completion.objects.order_by("pk").values_list("pk", "rewarded_at")),
            list(Progress.objects.order_by("pk").values_list("pk", "count", "finish_until", "places")),
            list(TaskQuota.objects.order_by("pk").values_list("pk", "taken")),
            list(ChainProgress.objects.order_by("pk").values_list("pk", flat=True)),
            [points(member) for member in self.people],
        )


def points(member):
    return balances(member.pk).get("points", 0)


@pytest.mark.django_db
def test_random_members_play_random_campaigns():
    run_state_machine_as_test(
        RandomPlay,
        settings=settings(
            max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


# What hypothesis rarely comes to by itself; "chain" is a step beyond the first.
RARE = {"claimable", "held", "released", "refused", "quota", "chain", "step_locked", "too_late", "level"}
MOST_LIVES = 20


@pytest.mark.django_db
def test_they_do_so_through_long_lives_too():
    met = Counter()
    for seed in range(MOST_LIVES):
        met += met_in_a_life(Random(seed))
        if met.keys() >= RARE:
            return
    raise AssertionError(f"never met: {RARE - met.keys()}")


def met_in_a_life(chance: Random) -> Counter:
    """Live through many steps; return what members met."""
    play = RandomPlay()
    try:
        play.publish(chance.randrange(10_000))
        for _step in range(60):
            take_a_step(play, chance)
            play.the_books_hold()
            play.each_has_what_they_have_done()
            play.quotas_count_exactly_and_are_never_exceeded()
            play.nothing_was_done_too_often()
        play.seen["chain"] += ChainProgress.objects.filter(step__gt=1).count()
    finally:
        play.teardown()
    return play.seen


def take_a_step(play: RandomPlay, chance: Random) -> None:
    who, key = chance.randrange(3), chance.randrange(6)
    origin = chance.choice([None, Origin("tablet", "shop"), Origin("phone", "shop")])
    fitting, move = fitting_move(play, who, chance)
    anything = chance.choice(["accept", "submit", "claim", "enter_task"])
    steps = [
        (40, play.move, [who, fitting, move, chance.random() < 0.8, origin]),
        (20, play.move, [who, key, anything, chance.random() < 0.8, origin]),
        (3, play.buy, [who]),
        (2, play.draw, [who, key]),
        (1, play.change_level, [who]),
        (6 if held_rewards.waiting().exists() else 0, play.review, [key, chance.random() < 0.6]),
        (6, play.wait, [chance.choice([1, 1, 5, 25])]),
    ]
    ((_weight, step, arguments),) = chance.choices(steps, [weight for weight, _step, _arguments in steps])
    step(*arguments)


def fitting_move(play: RandomPlay, who: int, chance: Random) -> tuple[int, str]:
    """Return the number of a task that waits for the member, and the move that it waits for."""
    decision = decide(play.definition, load_subject(play.people[who], play.definition, now=play.now))
    moves = {"offered": "accept", "open": "submit", "claimable": "claim"}
    waiting = [
        (number, moves[state])
        for number, task in enumerate(play.definition.tasks)
        if (found := decision.task(task.key)) and (state := found.state.value) in moves
    ]
    return chance.choice(waiting or [(0, "submit")])
