"""Imports: a slice that two workers have, a slice while somebody cancels, a start that is clicked twice."""

import time

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from members import importing
from members.importing import NotPossible, Reading
from members.models import ImportReject, ImportRun, Order
from operations import jobs
from operations.models import AuditRecord, Job
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 300
NAMES = ("order_id", "uid", "paid_at", "amount")
READING = Reading("utf-8", ",", {name: name for name in NAMES})


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def run():
    rows = [f"o{number},u{number % 7},2026-01-01,1" for number in range(ROWS)]
    rows[5] = "o5,u5,soon,1"
    content = ContentFile("\n".join([",".join(NAMES), *rows]).encode(), "orders.csv")
    return importing.upload("orders", content, by=None, now=timezone.now())


def slices():
    return Job.objects.filter(function=importing.SLICE_JOB)


def test_a_slice_that_many_workers_have_happens_once(run):
    importing.start(run, READING, by=None, now=timezone.now(), rows=100)
    begin = ImportRun.objects.get(pk=run.pk).position

    def work(_caller):
        importing.work(run.pk, position=begin, rows=100, now=timezone.now())

    assert at_once(8, work) == [None] * 8
    run.refresh_from_db()
    assert (run.rows_read, run.created, run.rejected, run.state) == (100, 99, 1, "running")
    assert (Order.objects.count(), ImportReject.objects.count(), slices().count()) == (99, 1, 2)


def test_a_start_that_is_clicked_many_times_starts_once(run):
    def start(_caller):
        importing.start(run, READING, by=None, now=timezone.now())
        return "started"

    results = at_once(8, start)
    assert results.count("started") == 1
    assert sum(isinstance(each, NotPossible) for each in results) == 7
    assert (slices().count(), AuditRecord.objects.filter(action="import_run.started").count()) == (1, 1)


@pytest.mark.parametrize("delay", [0, 0.01, 0.03, 0.06, 0.1])
def test_after_a_cancellation_nothing_comes_in(run, delay):
    """Whoever comes last, what is counted is what is there: a slice under way undoes itself."""
    importing.start(run, READING, by=None, now=timezone.now(), rows=100)

    def one(caller):
        if caller == 0:
            time.sleep(delay)
            importing.cancel(run, by=None, now=timezone.now())
            return Order.objects.count()
        while job := slices().filter(state=Job.State.QUEUED).first():
            jobs.run(job.pk)
        return None

    at_cancellation, _worker = at_once(2, one)
    run.refresh_from_db()
    if isinstance(at_cancellation, NotPossible):
        assert (run.state, run.rows_read, Order.objects.count()) == ("done", ROWS, ROWS - 1)
    else:
        assert (run.state, Order.objects.count(), run.created) == ("cancelled", at_cancellation, at_cancellation)
