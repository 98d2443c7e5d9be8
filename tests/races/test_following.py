"""Whoever follows new facts takes turns, and no touch is lost between them."""

from threading import Event

import pytest
from django.db import connection, transaction

from members import touches
from members.models import Member
from segmentation import following, member_sets, recomputing, sources
from segmentation.models import Segment, SegmentRun
from tests.races.together import Crowd, at_once
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {"version": 1, "combinator": "and", "rules": [{"field": "profile.region", "operator": "=", "value": "new"}]}
CROWD = 6


@pytest.fixture
def segment() -> Segment:
    made = Segment.objects.create(slug="new", name="New", rule=NEW)
    recomputing.recompute(made, now=NOW)
    return made


def arrive(number: int) -> None:
    """One fact, and the job that follows it, as a worker of its own would run it."""
    with transaction.atomic():
        member = Member.objects.create(uid=f"u{number}", region="new")
        touches.touch(touches.PROFILE, [member.pk])
    following.follow(now=NOW)


def published() -> set[int]:
    return set(member_sets.load(Segment.objects.get(slug="new").members_id))


def test_no_touch_is_lost_however_many_follow_at_once(segment):
    with Crowd(CROWD) as crowd:
        for start in range(0, 10 * CROWD, CROWD):
            assert crowd.each(arrive, range(start, start + CROWD)) == [None] * CROWD
            assert published() == set(Member.objects.values_list("pk", flat=True))
    runs = SegmentRun.objects.filter(kind="touched")
    assert sum(runs.values_list("entered", flat=True)) == 10 * CROWD
    assert not runs.filter(left__gt=0).exists()


def test_whoever_follows_while_another_is_at_work_returns_at_once_or_is_the_one_who_waits(segment, monkeypatch):
    Member.objects.create(uid="first", region="new")
    with transaction.atomic():
        touches.touch(touches.PROFILE, [Member.objects.get().pk])
    working, go_on = Event(), Event()
    read = sources.SOURCES["profile"].members_of

    def slow(leaf, world):
        working.set()
        assert go_on.wait(20)
        return read(leaf, world)

    monkeypatch.setattr(sources.SOURCES["profile"], "members_of", slow)
    ended: list[int] = []

    def one(number: int) -> None:
        if number:
            assert working.wait(20)
        following.follow(now=NOW)
        ended.append(number)
        if len(ended) == CROWD - 2:
            # All but the one at work and the one who waits have returned, so nobody holds more than two workers.
            go_on.set()
        connection.close()

    assert at_once(CROWD, one) == [None] * CROWD
    assert 0 not in ended[: CROWD - 2]


def test_whoever_follows_beside_a_whole_run_leaves_the_segment_to_it(segment, monkeypatch):
    read = sources.SOURCES["profile"].members_of

    def read_then_arrive(leaf, world):
        found = read(leaf, world)
        if world.only is None:
            assert at_once(1, arrive) == [None]
        return found

    monkeypatch.setattr(sources.SOURCES["profile"], "members_of", read_then_arrive)
    recomputing.recompute(segment, now=NOW)
    assert published() == set()
    following.follow(now=NOW)
    assert published() == {Member.objects.get().pk}
    # Nobody came, went and came again.
    assert not SegmentRun.objects.filter(left__gt=0).exists()


def test_facts_and_whole_runs_at_once_leave_every_member_in(segment):
    def act(number: int) -> None:
        if number % 3:
            arrive(number)
        else:
            recomputing.recompute(Segment.objects.get(), now=NOW)

    with Crowd(CROWD) as crowd:
        for start in range(0, 5 * CROWD, CROWD):
            assert crowd.each(act, range(start, start + CROWD)) == [None] * CROWD
    following.follow(now=NOW)
    assert published() == set(Member.objects.values_list("pk", flat=True))
