import os
import signal
import sys
import threading
import time
from datetime import timedelta

import psutil
import pytest
from django.db import OperationalError
from django.utils import timezone

from operations import heartbeats, supervising
from operations.supervising import SILENCE, Supervisor
from tests.workers import is_alive, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
END = [sys.executable, "-c", ""]
# A head that starts a child and waits for it, as a cluster does.
WITH_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])",
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervise():
    supervisors = []

    def start(command):
        supervisor = Supervisor(command, pause=0.01)
        supervisors.append(supervisor)
        supervisor.check(now=timezone.now())
        return supervisor

    yield start
    for supervisor in supervisors:
        supervisor.kill()


def test_workers_that_ended_are_started_again(supervise):
    supervisor = supervise(END)
    supervisor.group.wait(10)
    ended = supervisor.group.pid
    supervisor.check(now=timezone.now())
    assert supervisor.restarts == 1
    assert supervisor.group.pid != ended


def test_workers_that_beat_are_left_alone(supervise):
    supervisor = supervise(SLEEP)
    later = timezone.now() + timedelta(hours=1)
    heartbeats.beat(heartbeats.WORKERS, now=later - SILENCE)
    supervisor.check(now=later)
    assert supervisor.restarts == 0


@pytest.mark.parametrize("beaten", [True, False])
def test_workers_that_fell_silent_are_killed_with_their_children_and_started_again(supervise, beaten):
    supervisor = supervise(WITH_CHILD)
    head = psutil.Process(supervisor.group.pid)
    wait_until(head.children, seconds=10)
    child = head.children()[0]
    if beaten:
        heartbeats.beat(heartbeats.WORKERS, now=timezone.now())
    supervisor.check(now=timezone.now() + SILENCE + timedelta(seconds=1))
    assert supervisor.restarts == 1
    wait_until(lambda: not is_alive(child) and not is_alive(head), seconds=5)


def test_new_workers_have_time_for_their_first_beat(supervise):
    supervisor = supervise(SLEEP)
    supervisor.check(now=supervisor.started_at + SILENCE)
    assert supervisor.restarts == 0


def test_a_database_that_is_away_says_nothing_about_the_workers(supervise, monkeypatch):
    supervisor = supervise(SLEEP)

    def away(*_arguments, **_options):
        raise OperationalError("away")

    monkeypatch.setattr(heartbeats, "age", away)
    monkeypatch.setattr(supervising.connection, "close", lambda: None)
    supervisor.check(now=timezone.now() + timedelta(hours=1))
    assert supervisor.restarts == 0


def test_sigterm_ends_the_watch_and_the_workers():
    supervisor = Supervisor(SLEEP, pause=0.01)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    killer = threading.Thread(target=_kill_when_started, args=(supervisor,))
    killer.start()
    try:
        supervisor.run()
    finally:
        killer.join()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert supervisor.group.poll() is not None


def _kill_when_started(supervisor):
    while supervisor.group is None:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
