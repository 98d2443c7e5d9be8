"""Files of a segment's members: written in slices that survive a crash, harmless to spreadsheets, deleted in time."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from members import erasing
from members.models import Level, Member
from operations.models import AuditRecord, Job
from segmentation import exports, jobs, member_sets, packages
from segmentation.models import MemberExport
from segmentation.packages import Content
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def vip():
    gold = Level.objects.create(slug="gold", name="金卡", rank=3, kind="paid")
    people = [Member(uid=f"u{n}", name=f"=N{n}", level=gold if n % 2 else None) for n in range(7)]
    ids = [each.pk for each in Member.objects.bulk_create(people)]
    return packages.make("vip", "VIP", Content(member_sets.BitMap(ids), {"how": "upload"}), by=None, now=NOW)


def work_off() -> int:
    done = 0
    while waiting := list(Job.objects.exclude(state="done")):
        for job in waiting:
            jobs.write_export(**job.arguments)
            Job.objects.filter(pk=job.pk).update(state="done")
            done += 1
    return done


def lines(export: MemberExport) -> list[str]:
    export.refresh_from_db()
    with export.file.open("rb") as file:
        return file.read().decode("utf-8-sig").splitlines()


def test_a_file_is_written_slice_by_slice(vip, monkeypatch):
    monkeypatch.setattr(exports, "SLICE", 3)
    export = exports.request_export(vip, ["level", "name"], by=None, now=NOW)
    assert work_off() == 3
    assert lines(export) == ["uid,name,level", *(f"u{n},'=N{n},{'金卡' if n % 2 else ''}" for n in range(7))]
    assert (export.state, export.done, export.percent) == ("done", 7, 100)
    assert AuditRecord.objects.get(action="segment.export_requested").target_name == "VIP"


def test_only_what_was_asked_for_is_in_the_file_and_contact_data_never(vip):
    export = exports.request_export(vip, ["phone", "uid"], by=None, now=NOW)
    work_off()
    assert lines(export) == ["uid", *(f"u{n}" for n in range(7))]


def test_what_a_slice_that_was_undone_left_in_the_file_is_overwritten(vip, monkeypatch):
    monkeypatch.setattr(exports, "SLICE", 3)
    export = exports.request_export(vip, [], by=None, now=NOW)
    with open(export.file.path, "ab") as file:
        file.write(b"u0\r\nhalf a li")  # the transaction was rolled back, the file was not
    work_off()
    assert lines(export) == ["uid", *(f"u{n}" for n in range(7))]


def test_a_slice_that_runs_twice_writes_once(vip, monkeypatch):
    monkeypatch.setattr(exports, "SLICE", 3)
    export = exports.request_export(vip, [], by=None, now=NOW)
    for _ in range(2):
        exports.work(export.pk, last_id=-1, now=NOW)
    work_off()
    assert lines(export) == ["uid", *(f"u{n}" for n in range(7))]


def test_a_file_is_deleted_after_its_time(vip, settings, django_capture_on_commit_callbacks):
    export = exports.request_export(vip, [], by=None, now=NOW)
    exports.work(export.pk, last_id=-1, now=NOW)
    export.refresh_from_db()
    path = export.file.path
    keep = timedelta(days=settings.EXPORT_KEEP_DAYS)
    assert exports.forget_old(now=NOW + keep) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert exports.forget_old(now=NOW + keep + timedelta(seconds=1)) == 1
    assert MemberExport.objects.get().state == "gone"
    assert not Path(path).exists()


def test_an_erasure_deletes_the_files_that_the_member_is_in(vip, django_capture_on_commit_callbacks):
    export = exports.request_export(vip, [], by=None, now=NOW)
    work_off()
    export.refresh_from_db()
    other = packages.make("other", "Other", Content(member_sets.BitMap([1 << 30]), {}), by=None, now=NOW)
    kept = exports.request_export(other, [], by=None, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(Member.objects.get(uid="u3").pk, by=None, reason="asked", now=NOW)
    assert list(MemberExport.objects.order_by("pk").values_list("state", flat=True)) == ["gone", "running"]
    assert not Path(export.file.path).exists()
    assert kept.file.storage.exists(kept.file.name)


def test_an_export_whose_worker_gave_up_says_so(vip):
    exports.request_export(vip, [], by=None, now=NOW)
    Job.objects.update(state="dead", error="Traceback\nOSError: disk full")
    exports.note_lost(now=NOW)
    export = MemberExport.objects.get()
    assert (export.state, export.error) == ("failed", "OSError: disk full")
