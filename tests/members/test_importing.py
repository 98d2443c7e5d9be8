"""The engine: what a slice does, what happens when it cannot, and who may move an import from state to state."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.utils import timezone, translation

from members import import_rejects, importing, imports, ingest
from members.csv_files import FileError
from members.importing import NotPossible, Reading
from members.models import ImportReject, ImportRun, Order
from operations import jobs
from operations.models import AuditRecord, Job
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db
NAMES = ("order_id", "uid", "paid_at", "amount")
READING = Reading("utf-8", ",", {name: name for name in NAMES})


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with translation.override("en"):
        yield settings.MEDIA_ROOT


def orders(count):
    return "".join(f"o{number},u{number % 3},2026-01-01,1\n" for number in range(count))


def uploaded(content, *, kind="orders"):
    content = ",".join(NAMES) + "\n" + content if kind == "orders" else content
    return importing.upload(kind, ContentFile(content.encode(), "orders.csv"), by=None, now=NOW)


def started(content, *, rows=2):
    run = uploaded(content)
    importing.start(run, READING, by=None, now=NOW, rows=rows)
    return run


def slices():
    return Job.objects.filter(function=importing.SLICE_JOB).order_by("id")


def work_off():
    while job := slices().filter(state=Job.State.QUEUED).first():
        jobs.run(job.pk)


def counts(run):
    run.refresh_from_db()
    return run.state, run.rows_read, run.created, run.updated, run.unchanged, run.rejected


def test_a_run_is_worked_off_slice_by_slice():
    run = started(orders(5))
    jobs.run(slices().get().pk)
    assert counts(run) == ("running", 2, 2, 0, 0, 0)
    assert run.position > 0
    work_off()
    assert counts(run) == ("done", 5, 5, 0, 0, 0)
    assert (run.position, run.percent, run.line) == (run.size, 100, 7)
    assert [job.key.count(":") for job in slices()] == [2, 2, 2]
    assert Order.objects.count() == 5


def test_repeating_a_file_changes_nothing():
    for _ in range(2):
        run = started(orders(5))
        work_off()
    assert counts(run) == ("done", 5, 0, 0, 5, 0)


def test_a_slice_that_is_repeated_does_nothing():
    run = started(orders(5))
    first = slices().get().arguments
    work_off()
    importing.work(first["run"], position=first["position"], rows=first["rows"], now=NOW)
    assert counts(run) == ("done", 5, 5, 0, 0, 0)


def test_rejected_rows_are_kept_with_line_reason_and_fields():
    run = started('o1,u1,soon,1\n\no2,"u\n2",2026-01-01,-1\no3,u\x00,2026-01-01,1\no4\n"o5')
    work_off()
    assert counts(run) == ("done", 5, 0, 0, 0, 5)
    kept = list(run.rejects.order_by("line").values_list("line", "column", "code"))
    assert kept == [
        (2, "paid_at", "bad_time"),
        (4, "uid", "control_character"),
        (6, "uid", "control_character"),
        (7, "", "field_count"),
        (8, "", "bad_quoting"),
    ]
    third = import_rejects.opened(run.rejects.get(line=6))
    assert third.fields == ["o3", "u\u2400", "2026-01-01", "1"]
    assert third.parameters == {"value": "u\\x00", "position": 2}


def test_a_slice_that_fails_leaves_nothing_and_is_tried_again(monkeypatch):
    run = started(orders(5))
    real = imports.importer_of("orders")
    calls = []

    def breaks_once(rows, *, now):
        calls.append(len(rows))
        result = ingest.ingest_orders(rows, now=now)
        if len(calls) == 2:
            raise ZeroDivisionError
        return result

    from dataclasses import replace

    monkeypatch.setitem(imports._kinds, "orders", replace(real, ingest=breaks_once))
    work_off_once = list(slices())
    jobs.run(work_off_once[0].pk)
    second = slices().last()
    jobs.run(second.pk)
    assert counts(run) == ("running", 2, 2, 0, 0, 0)
    assert Order.objects.count() == 2
    second.refresh_from_db()
    assert (second.state, second.attempts) == ("queued", 1)
    Job.objects.filter(pk=second.pk).update(run_after=timezone.now())
    work_off()
    assert counts(run) == ("done", 5, 5, 0, 0, 0)


def test_an_import_whose_slice_was_given_up_has_failed_and_can_be_resumed():
    run = started(orders(5))
    error = "Traceback\n  File …\nValueError: the level is gone\n"
    slices().update(state=Job.State.DEAD, error=error)
    importing.note_lost(now=NOW)
    assert counts(run)[0] == "failed"
    assert run.error == "ValueError: the level is gone"
    importing.resume(run, by=None, now=NOW, rows=2)
    assert (run.state, run.error, run.finished_at) == ("running", "", None)
    work_off()
    assert counts(run) == ("done", 5, 5, 0, 0, 0)
    assert AuditRecord.objects.filter(action="import_run.resumed").count() == 1


def test_a_slice_that_nobody_knows_of_is_asked_for_again():
    run = started(orders(5))
    slices().delete()
    importing.note_lost(now=NOW)
    work_off()
    assert counts(run)[0] == "done"


def test_an_import_that_is_well_is_left_alone():
    run = started(orders(5))
    importing.note_lost(now=NOW)
    assert (counts(run)[0], slices().count()) == ("running", 1)


def test_a_file_that_is_gone_fails_the_import_at_once():
    run = started(orders(5))
    Path(run.file.path).unlink()
    work_off()
    assert counts(run)[0] == "failed"
    assert "No such file" in run.error
    assert slices().get().state == "done"


def test_a_cancelled_import_brings_in_nothing_more():
    run = started(orders(5))
    jobs.run(slices().get().pk)
    importing.cancel(run, by=None, now=NOW)
    work_off()
    assert counts(run) == ("cancelled", 2, 2, 0, 0, 0)
    assert Order.objects.count() == 2


def test_a_file_that_is_discarded_is_deleted_at_once(django_capture_on_commit_callbacks):
    kept, discarded = started(orders(1)), uploaded(orders(1))
    path = Path(discarded.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        for run in (kept, discarded):
            importing.cancel(run, by=None, now=NOW)
            run.refresh_from_db()
    assert (kept.is_kept, Path(kept.file.path).exists()) == (True, True)
    assert (discarded.is_kept, path.exists()) == (False, False)


def test_a_slice_under_way_undoes_itself_when_the_import_is_cancelled(monkeypatch):
    run = started("o1,u1,soon,1\n" + orders(5))
    advance = importing._advance

    def cancelled_meanwhile(run, piece, result, *, now):
        importing.cancel(ImportRun.objects.get(pk=run.pk), by=None, now=now)
        advance(run, piece, result, now=now)

    monkeypatch.setattr(importing, "_advance", cancelled_meanwhile)
    importing.work(run.pk, position=run.position, rows=2, now=NOW)
    # The cancellation was made inside the slice's own transaction here, so it went with it.
    assert counts(run) == ("running", 0, 0, 0, 0, 0)
    assert (Order.objects.count(), ImportReject.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("uploaded", {"start", "cancel"}),
        ("running", {"cancel"}),
        ("failed", {"cancel", "resume"}),
        ("done", set()),
        ("cancelled", set()),
    ],
)
def test_what_can_be_done_in_each_state(state, possible):
    run = uploaded(orders(1))
    moves = {
        "start": lambda: importing.start(run, READING, by=None, now=NOW),
        "cancel": lambda: importing.cancel(run, by=None, now=NOW),
        "resume": lambda: importing.resume(run, by=None, now=NOW),
    }
    for name, move in moves.items():
        ImportRun.objects.filter(pk=run.pk).update(state=state, started_at=NOW if state == "failed" else None)
        if name in possible:
            move()
        else:
            with pytest.raises(NotPossible):
                move()


def test_an_import_does_not_start_without_its_required_columns():
    run = uploaded(orders(1))
    with pytest.raises(FileError, match="amount"):
        importing.start(run, Reading("utf-8", ",", {"order_id": "order_id", "uid": "uid"}), by=None, now=NOW)
    assert counts(run)[0] == "uploaded"


def test_old_files_and_their_rejects_are_forgotten_and_the_counts_stay(media, settings):
    run = started("o1,u1,soon,1\n" + orders(2))
    waiting = uploaded(orders(1))
    work_off()
    ended = ImportRun.objects.get(pk=run.pk).finished_at
    importing.forget_old(now=ended + timedelta(days=settings.IMPORT_KEEP_DAYS) - timedelta(hours=1))
    assert counts(run)[0] == "done"
    assert (run.is_kept, run.rejects.count()) == (True, 1)
    importing.forget_old(now=ended + timedelta(days=settings.IMPORT_KEEP_DAYS + 1))
    assert counts(run) == ("done", 3, 2, 0, 0, 1)
    assert (run.is_kept, run.rejects.count()) == (False, 0)
    assert counts(waiting)[0] == "cancelled"
    assert [each for each in media.rglob("*") if each.is_file()] == []


def test_what_is_running_is_not_forgotten(settings):
    run = started(orders(2))
    importing.forget_old(now=NOW + timedelta(days=settings.IMPORT_KEEP_DAYS + 1))
    assert counts(run)[0] == "running"
    assert run.is_kept


def test_the_counts_of_a_run_always_add_up():
    run = uploaded(orders(1))
    with pytest.raises(IntegrityError):
        ImportRun.objects.filter(pk=run.pk).update(rows_read=1)
