"""A slice of an export that two workers have is written once, into one file."""

import threading
import time

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import timezone

from members.models import Member
from operations import list_exports, list_files
from operations.models import Job, ListExport
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6
ROWS = 40
SLOW = 0.5


@pytest.fixture
def export(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(list_exports, "BATCH", 10)
    monkeypatch.setattr(list_exports, "SLICE", 20)
    Member.objects.bulk_create(Member(uid=f"m{number:02}") for number in range(ROWS))
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_superuser("ann")
    return list_exports.begin(
        admin.site._registry[Member],
        request,
        format="csv",
        expected=ROWS,
        state=ListExport.State.RUNNING,
        now=timezone.now(),
    )


def work(export, slice: int) -> None:
    list_exports.work(export.pk, slice=slice, now=timezone.now())


@pytest.fixture
def first_is_slow(monkeypatch):
    """The first worker is about to write a slice while the others come for it, and for those after it."""
    write, own = list_files.write, threading.local()

    def slowly(*given):
        if own.number == 0:
            time.sleep(SLOW)
        return write(*given)

    def begin(number: int) -> None:
        own.number = number
        time.sleep(SLOW / 5 if number else 0)

    monkeypatch.setattr(list_files, "write", slowly)
    return begin


def test_slices_that_many_workers_have_are_written_once_each(export, tmp_path, first_is_slow):
    def act(number: int) -> None:
        first_is_slow(number)
        for slice in range(3):
            work(export, slice)

    assert at_once(WORKERS, act) == [None] * WORKERS
    export.refresh_from_db()
    assert Job.objects.filter(function=list_exports.JOB).count() == 3
    [file] = [each for each in tmp_path.rglob("*") if each.is_file()]
    uids = [line.partition(",")[0] for line in file.read_text("utf-8-sig").splitlines()[1:]]
    assert uids == [f"m{number:02}" for number in reversed(range(ROWS))]
    assert (export.state, export.done) == ("done", ROWS)


def test_an_export_that_is_stopped_while_it_is_written_leaves_no_file(export, tmp_path):
    def act(number: int) -> object:
        if number:
            return work(export, 0)
        return list_exports.stop(export, by=User.objects.get(), now=timezone.now())

    stopped, *written = at_once(WORKERS, act)
    assert (stopped, written) == (True, [None] * (WORKERS - 1))
    work(export, 1)
    export.refresh_from_db()
    assert (export.state, export.file.name) == ("stopped", "")
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]
