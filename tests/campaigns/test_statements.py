"""How many statements a move costs: every one is a way to the database and back, under the member's lock."""

import pytest
from django.db import connection

from campaigns import playing
from tests.campaigns.scenes import DAY, NOW, chain, make_member, publish, task

pytestmark = pytest.mark.django_db
REWARD = {"points": 10, "score": 5, "chances": 1}
# What begins and ends a transaction is no statement of the move.
FRAMES = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def statements(move):
    told = []

    def note(execute, sql, *arguments):
        told.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        move()
    # The count of moves is a transaction of its own, before the move's (`campaigns.pacing`).
    first = next(number for number, sql in enumerate(told) if sql.startswith(FRAMES))
    assert first <= 1
    return [" ".join(sql.split()) for sql in told[first:] if not sql.startswith(FRAMES)]


@pytest.fixture
def ann():
    publish(
        tasks=[
            task("plain", period="daily", reward=REWARD),
            task("limited", period="daily", quotas=[{"quota": 100}], reward=REWARD),
            task("by-hand", period="daily", claim_mode="by_hand", reward=REWARD),
            task("one", reward=REWARD),
            task("two", reward=REWARD),
        ],
        chains=[chain("path", "one", "two")],
    )
    ann = make_member()
    for key in ("plain", "limited", "by-hand"):
        playing.submit(ann, "autumn", key, {}, now=NOW)
    return ann


@pytest.mark.parametrize(("key", "most"), [("plain", 8), ("limited", 8), ("one", 8), ("two", 8)])
def test_completing_a_task_takes_at_most_eight_statements(ann, key, most):
    if key == "two":
        playing.submit(ann, "autumn", "one", {}, now=NOW)

    told = statements(lambda: playing.submit(ann, "autumn", key, {}, now=NOW + DAY))

    assert len(told) <= most, "\n".join(told)


def test_claiming_takes_no_more(ann):
    playing.submit(ann, "autumn", "by-hand", {}, now=NOW + DAY)

    told = statements(lambda: playing.claim(ann, "autumn", "by-hand", now=NOW + DAY))

    assert len(told) <= 8, "\n".join(told)
