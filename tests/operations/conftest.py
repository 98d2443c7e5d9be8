"""People, clocks and jobs of the operations tests."""

import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from subprocess import DEVNULL
from urllib.parse import quote, urlencode

import psutil
import pytest
from django.apps import AppConfig, apps
from django.contrib.auth.models import User
from django.db import connection
from django_q.models import OrmQ

from operations.api_keys import forget_trusted_keys
from operations.models import AuditRecord
from tests import worker_settings

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_key_is_trusted_from_another_test():
    forget_trusted_keys()


@pytest.fixture
def errands(monkeypatch):
    """Install the app whose jobs leave marks; return how often each name was marked."""
    # Not by INSTALLED_APPS: that calls every ready() again, and unfold's puts an empty admin in place of the real one.
    monkeypatch.setitem(apps.app_configs, "errands", AppConfig.create("tests.operations.errands"))

    def marks() -> dict[str, int]:
        names = AuditRecord.objects.filter(action="errand.done").values_list("target_name", flat=True)
        return {name: list(names).count(name) for name in names}

    return marks


@pytest.fixture
def carriers():
    """Return the number of rows in django-q2's queue."""
    return OrmQ.objects.count


@pytest.fixture
def olga(db):
    return User.objects.create_superuser("olga", password="olga's password")


@pytest.fixture
def worker_processes(settings):
    """Start `manage.py run_workers` on this test's database with short leases; kill what is left of it at the end."""
    settings.Q_CLUSTER = worker_settings.Q_CLUSTER
    started: list[psutil.Process] = []

    def start() -> psutil.Process:
        database = connection.settings_dict
        where = urlencode({"host": database["HOST"], "port": database["PORT"] or 5432})
        who = f"{quote(database['USER'])}:{quote(database['PASSWORD'], safe='')}"
        environment = os.environ | {
            "DATABASE_URL": f"postgres://{who}@/{quote(database['NAME'])}?{where}",
            "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        }
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
