"""Whatever a member does in whatever order: nothing is rewarded twice, no step is skipped, no draw is free."""

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import playing
from campaigns.books import INVARIANTS
from campaigns.models import ChainProgress, Completion, Enrolment
from campaigns.refusals import BadSubmission, Refused
from rewards.chances import chances_left
from rewards.ledger import balances
from rewards.models import Draw
from tests.campaigns.scenes import DAY, NOW, RIGHT, WRONG, chain, make_member, publish, task

pytestmark = pytest.mark.django_db
KEYS = ("daily", "by-hand", "one", "two", "three")
steps = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(KEYS), st.sampled_from([RIGHT, WRONG, {}])),
    st.tuples(st.just("claim"), st.sampled_from(KEYS)),
    st.tuples(st.just("accept"), st.sampled_from(KEYS)),
    st.tuples(st.just("draw"), st.sampled_from(["a", "b", "c"])),
    st.tuples(st.just("sleep")),
)


@pytest.fixture
def campaign():
    reward = {"points": 10, "chances": 1, "score": 1}
    return publish(
        tasks=[
            task("daily", period="daily", reward=reward),
            task("by-hand", claim_mode="by_hand", reward=reward),
            task("one", reward=reward),
            task("two", "quiz", claim_mode="by_hand", reward=reward),
            task("three", reward=reward),
        ],
        chains=[chain("path", "one", "two", "three", reward={"points": 1000})],
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=25))
def test_any_order_of_moves_keeps_the_books(campaign, moves):
    savepoint = transaction.savepoint()
    member, now, days = make_member("any"), NOW, 1
    for move in moves:
        if move[0] == "sleep":
            now, days = now + DAY, days + 1
        else:
            play(member, move, now)

    completions = Completion.objects.filter(enrolment__member=member)
    rewarded = completions.exclude(rewarded_at=None).count()
    steps_done = list(ChainProgress.objects.order_by("step").values_list("step", flat=True))
    assert completions.filter(task_key="daily").count() <= days
    assert steps_done == list(range(1, len(steps_done) + 1))
    # A roll of 999,999 wins words of thanks, so that all points come from tasks.
    assert balances(member.pk).get("points", 0) == rewarded * 10 + (1000 if len(steps_done) == 3 else 0)
    assert sum(Enrolment.objects.filter(member=member).values_list("score", flat=True)) == rewarded
    assert Draw.objects.count() + chances_left(member.pk, "campaign:autumn") == rewarded
    assert violations() == {}
    transaction.savepoint_rollback(savepoint)


def play(member, move, now):
    try:
        match move:
            case ("submit", key, payload):
                playing.submit(member, "autumn", key, payload, now=now)
            case ("claim", key):
                playing.claim(member, "autumn", key, now=now)
            case ("accept", key):
                playing.accept(member, "autumn", key, now=now)
            case ("draw", request_key):
                playing.draw(member.uid, "autumn", request_key=request_key, roll=999_999, now=now)
    except (Refused, BadSubmission):
        pass


def violations():
    found = {}
    with connection.cursor() as cursor:
        for name, sql in INVARIANTS.items():
            cursor.execute(sql)
            if count := cursor.fetchone()[0]:
                found[name] = count
    return found
