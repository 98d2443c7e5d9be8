"""Real worker processes for tests, on the database of the test (which must not be in a transaction)."""

import sys
import time
from contextlib import suppress
from subprocess import DEVNULL

import psutil
import pytest

from tests import worker_settings


@pytest.fixture
def worker_processes(settings, process_environment):
    """Start `manage.py run_workers` on this test's database with short leases; kill what is left of it at the end."""
    settings.Q_CLUSTER = worker_settings.Q_CLUSTER
    started: list[psutil.Process] = []

    def start() -> psutil.Process:
        environment = process_environment | {"DJANGO_SETTINGS_MODULE": "tests.worker_settings"}
        command = [sys.executable, "manage.py", "run_workers"]
        process = psutil.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=DEVNULL, stderr=DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        for each in [*family_of(process), process]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait(10)


def family_of(process: psutil.Process) -> list[psutil.Process]:
    """Return the living descendants of `process`, or nobody when it is dead."""
    try:
        return [each for each in process.children(recursive=True) if is_alive(each)]
    except psutil.NoSuchProcess:
        return []


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(holds, *, seconds: float) -> None:
    """Wait until `holds()`, for at most `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
