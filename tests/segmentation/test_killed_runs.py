"""A run that ends in the middle, at whatever point, leaves the last good version, and the next run repairs."""

import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from members import touches
from members.models import Member
from operations import jobs as operation_jobs
from operations import running
from operations.models import Job
from segmentation import (
    evaluation,
    member_sets,
    publishing,
    recomputing,
    run_board,
)
from segmentation.models import MemberSet, Segment, SegmentRun
from tests.segmentation.people import NOW
from tests.workers import family_of

pytestmark = pytest.mark.django_db(transaction=True)
RULE = {
    "version": 1,
    "combinator": "and",
    "rules": [
        {"field": "profile.region", "operator": "=", "value": "here"},
        {"field": "orders.count", "operator": "=", "value": 0},
    ],
}
# Each step of a whole run, in its order.
STEPS = [
    (recomputing, "read_rule"),
    (run_board.RunBoard, "has_clauses"),
    (touches, "state"),
    (evaluation, "members_of"),
    (publishing, "families_of"),
    (member_sets, "store"),
    (publishing, "tell_readers"),
    (recomputing, "prune"),
    (running, "_mark_done"),
]
# Where a process is killed; the last is after the effect and before its commit.
KILLED_AT = ["touches.state", "evaluation.members_of", "member_sets.store", "recomputing.prune", "running._mark_done"]
KILLER = """
import os, signal, sys
import django
django.setup()
from members import touches
from operations import running
from segmentation import evaluation, member_sets, recomputing
def killed(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(globals()[sys.argv[1]], sys.argv[2], killed)
from operations import jobs
jobs.run(int(sys.argv[3]))
"""


class Killed(BaseException):
    """An end that is no error, as when a worker is told to exit."""


@pytest.fixture
def segment() -> Segment:
    Member.objects.bulk_create(Member(uid=f"u{n}", region="here" if n < 3 else "") for n in range(5))
    made = Segment.objects.create(slug="here", name="Here", rule=RULE)
    assert recomputing.recompute(made, now=NOW).size == 3
    return made


def move_in() -> None:
    """A fourth member comes in, so that the next version differs."""
    with transaction.atomic():
        Member.objects.filter(uid="u3").update(region="here")
        touches.touch(touches.PROFILE, [Member.objects.get(uid="u3").pk])


def serves(size: int) -> bool:
    current = Segment.objects.get()
    return len(member_sets.load(current.members_id)) == current.members.size == size


def ask(segment: Segment) -> Job:
    with transaction.atomic():
        recomputing.request_recompute(segment, now=timezone.now())
    return Job.objects.filter(function="segmentation.jobs.recompute").latest("pk")


def test_every_step_may_fail(segment, monkeypatch):
    move_in()
    for place, name in STEPS:
        for error in (ZeroDivisionError("broke"), OperationalError("went away"), Killed("told to exit")):
            job = ask(segment)

            def fail(*args, raised=error, **options):
                raise raised

            with monkeypatch.context() as patch:
                patch.setattr(place, name, fail)
                if isinstance(error, Killed):
                    with pytest.raises(Killed):
                        running.run(job.pk, now=timezone.now())
                else:
                    running.run(job.pk, now=timezone.now())
            assert serves(3), name
            job.refresh_from_db()
            assert (job.state, job.attempts) == ("queued", 1), name
            assert job.run_after > timezone.now()
            run_board.sweep(now=timezone.now())
            last = segment.runs.first()
            assert (last.state, last.members_id) == ("failed", None), name
            assert last.error
    assert MemberSet.objects.count() == 1
    running.run(job.pk, now=job.run_after)
    assert serves(4)
    assert segment.runs.first().state == "done"


@pytest.mark.parametrize("place", KILLED_AT)
def test_a_killed_process_leaves_the_last_good_version(segment, place, process_environment):
    move_in()
    job = ask(segment)
    module, name = place.split(".")
    killed = subprocess.run(
        [sys.executable, "-c", KILLER, module, name, str(job.pk)], env=process_environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert serves(3)
    run = segment.runs.first()
    assert run.state == "running"
    run_board.sweep(now=timezone.now())
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", run_board.LOST)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 1)
    running.run(job.pk, now=job.lease_until + timedelta(seconds=1))
    assert serves(4)


def test_a_run_at_work_is_seen_with_its_progress_and_not_swept(segment, monkeypatch):
    seen = []
    monkeypatch.setattr(run_board, "PAUSE", 0)

    def watch(answered: int, clauses: int) -> None:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute(
                    "SELECT state, clauses_done, clauses FROM segmentation_segmentrun ORDER BY id DESC LIMIT 1"
                )
                seen.append(cursor.fetchone())
                cursor.execute("SELECT pg_try_advisory_lock(hashtext('segmentation.segment'), %s)", [segment.pk])
                assert cursor.fetchone() == (False,)
        finally:
            other.close()

    recomputing.recompute(segment, now=NOW, watch=watch)
    assert seen == [("running", 1, 2), ("running", 2, 2)]


def test_a_failing_segment_is_dead_after_its_last_attempt_and_says_so(segment, caplog):
    Segment.objects.update(rule=RULE | {"rules": [{"field": "tag.gone", "operator": "is_null"}]})
    job = ask(segment)
    for _attempt in range(job.max_attempts):
        job.refresh_from_db()
        running.run(job.pk, now=max(job.run_after, timezone.now()))
    job.refresh_from_db()
    assert job.state == "dead"
    assert "There is no tag group" in job.error
    assert segment.runs.filter(state="failed").count() == job.max_attempts
    assert [record.levelname for record in caplog.records if "segment.recompute_failed" in record.getMessage()] == [
        *["WARNING"] * (job.max_attempts - 1),
        "ERROR",
    ]
    assert serves(3)


@pytest.mark.slow
def test_workers_killed_again_and_again_bring_everybody_in(segment, worker_processes):
    supervisor = worker_processes()
    deadline = time.monotonic() + 120
    for number in range(12):
        with transaction.atomic():
            member = Member.objects.create(uid=f"k{number}", region="here")
            touches.touch(touches.PROFILE, [member.pk])
            if number % 3 == 0:
                recomputing.request_recompute(segment, now=timezone.now())
        for victim in family_of(supervisor)[: number % 3]:
            victim.kill()
        if number % 5 == 4:
            OrmQ.objects.all().delete()
        time.sleep(0.2)
    while not serves(15):
        assert time.monotonic() < deadline
        operation_jobs.sweep(now=timezone.now())
        with transaction.atomic():
            operation_jobs.enqueue("segmentation.jobs.follow", key=f"minute:{time.monotonic()}")
        time.sleep(1)
    assert SegmentRun.objects.filter(state="done").exists()
