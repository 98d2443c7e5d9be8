"""Keeping the workers alive: one django-q2 cluster in a process group of its own, restarted when it stops beating.

A cluster can hang without ending (a worker killed while idle takes the queue's lock with it), so its life is measured
by the heartbeat, a job that goes the whole way from the schedule to a worker.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from operations import heartbeats, webhook_due

logger = logging.getLogger(__name__)

SILENCE = timedelta(minutes=3)
# A cluster that ends at once is not started again in a tight loop.
PAUSE = 1.0
GRACE = 10.0


class Supervisor:
    """Runs `command` as a process group; `stop` or SIGTERM ends it.

    Each time it looks, it also asks whether webhooks are due, so that they do not wait for the minute's schedule.
    """

    def __init__(self, command: list[str] | None = None, *, silence: timedelta = SILENCE, pause: float = PAUSE) -> None:
        self.command = command or cluster_command()
        self.silence = silence
        self.pause = pause
        self.restarts = 0
        self.group: subprocess.Popen[bytes] | None = None
        self.started_at: datetime | None = None
        self.stopping = False

    def run(self) -> None:
        """Start the group and watch it until told to stop; whatever happens, leave no process behind."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_on_signal)
        try:
            while not self.stopping:
                self.check(now=timezone.now())
                self.ask_for_webhooks(now=timezone.now())
                time.sleep(self.pause)
        finally:
            self.end()

    def check(self, *, now: datetime) -> None:
        """Start the group if it is not running; restart it if it ended or fell silent."""
        if self.group is not None:
            if self.group.poll() is None and not self.is_silent(now=now):
                return
            logger.error("the workers %s; starting them again", "hang" if self.group.poll() is None else "ended")
            self.kill()
            self.restarts += 1
        self.group = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own command
        self.started_at = now

    def ask_for_webhooks(self, *, now: datetime) -> None:
        """Have workers send what is due. Whatever keeps this from happening does not end the watch."""
        try:
            webhook_due.enqueue_due(now=now)
        except Error:
            logger.warning("nobody could be asked whether webhooks are due", exc_info=True)
            connection.close()

    def is_silent(self, *, now: datetime) -> bool:
        """Return whether the workers have not beaten for too long, counted from their start at the earliest."""
        if self.started_at is None or now - self.started_at <= self.silence:
            return False
        try:
            age = heartbeats.age(heartbeats.WORKERS, now=now)
        except Error:
            # A database that is away says nothing about the workers; they wait for it as well.
            logger.warning("the heartbeat cannot be read", exc_info=True)
            connection.close()
            return False
        return age is None or age > self.silence

    def end(self) -> None:
        """Let running jobs finish for a moment, then kill what is left. An unfinished job is run again."""
        if self.group is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.group.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.group.wait(GRACE)
        self.kill()

    def kill(self) -> None:
        """Kill every process of the group."""
        if self.group is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.group.pid, signal.SIGKILL)
        self.group.wait()

    def _stop_on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


def cluster_command() -> list[str]:
    """Return the command line of one cluster under this process."""
    manage = str(settings.BASE_DIR / "manage.py")
    return [sys.executable, manage, "run_cluster", "--supervisor", str(os.getpid())]


def supervise(announce: Callable[[str], object]) -> None:
    """Run the workers until SIGTERM or SIGINT."""
    supervisor = Supervisor()
    announce(f"supervising {settings.Q_CLUSTER['workers']} workers as process {os.getpid()}")
    supervisor.run()
    announce("the workers have stopped")
