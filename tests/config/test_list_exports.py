"""Long lists are written by workers, slice by slice, for the one who asked."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from members.models import Member
from operations import list_exports
from operations.models import AuditRecord, Job, ListExport
from tests.config.lists import cells_of_csv, export_of, staff

pytestmark = pytest.mark.django_db


def work_all(times: int = 50) -> None:
    """Do what workers would."""
    for _time in range(times):
        job = Job.objects.filter(function=list_exports.JOB, state="queued").order_by("pk").first()
        if job is None:
            return
        Job.objects.filter(pk=job.pk).update(state="done")
        list_exports.work(**job.arguments, now=timezone.now())


@pytest.fixture
def in_slices(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(list_exports, "AT_ONCE", 2)
    monkeypatch.setattr(list_exports, "BATCH", 3)
    monkeypatch.setattr(list_exports, "SLICE", 6)
    for number in range(14):
        Member.objects.create(uid=f"m{number:02}", name="=1+1")
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_list_is_written_by_workers_for_the_one_who_asked(client, in_slices, kind):
    user = staff("ann", "view_member", "view_contact", "add_listexport")
    client.force_login(user)
    answer = client.post(export_of(Member), {"format": kind})
    export = ListExport.objects.get()
    assert answer["Location"] == reverse("admin:operations_listexport_change", args=[export.pk])
    assert client.get(answer["Location"]).status_code == 200
    work_all()
    export.refresh_from_db()
    assert (export.state, export.done) == ("done", 14)
    file = reverse("admin:operations_listexport_file", args=[export.pk])
    content = b"".join(client.get(file).streaming_content)
    if kind == "csv":
        rows = cells_of_csv(content)
    else:
        rows = [[cell.value for cell in line] for line in openpyxl.load_workbook(io.BytesIO(content)).active]
    assert [line[0] for line in rows[1:]] == [f"m{number:02}" for number in reversed(range(14))]
    assert rows[1][1] == "'=1+1"
    assert AuditRecord.objects.filter(action="list_export.downloaded").count() == 1
    client.force_login(staff("bob", "view_member", "add_listexport"))
    assert client.get(file).status_code == 404
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(file).status_code == 403


def test_rows_that_come_and_go_meanwhile_shift_nothing(admin_client, in_slices):
    admin_client.post(export_of(Member), {"format": "csv"})
    export = ListExport.objects.get()
    list_exports.work(export.pk, slice=0, now=timezone.now())
    # Of what is written already, of what is not, and one that is newer than both.
    Member.objects.filter(uid__in=["m12", "m03"]).delete()
    Member.objects.create(uid="m99")
    for slice in (1, 2):
        list_exports.work(export.pk, slice=slice, now=timezone.now())
    export.refresh_from_db()
    content = b"".join(
        admin_client.get(reverse("admin:operations_listexport_file", args=[export.pk])).streaming_content
    )
    uids = [line[0] for line in cells_of_csv(content)[1:]]
    assert uids == [f"m{number:02}" for number in reversed(range(14)) if number != 3]
    assert export.done == len(uids)


def test_an_export_whose_slice_was_given_up_offers_no_half_list(admin_client, in_slices):
    admin_client.post(export_of(Member), {"format": "csv"})
    export = ListExport.objects.get()
    list_exports.work(export.pk, slice=0, now=timezone.now())
    Job.objects.filter(key=f"list-export:{export.pk}:1").update(state="dead", error="Traceback\nMemoryError")
    list_exports.note_lost(now=timezone.now())
    export.refresh_from_db()
    assert (export.state, export.error, bool(export.file)) == ("failed", "MemoryError", False)
    assert admin_client.get(reverse("admin:operations_listexport_file", args=[export.pk])).status_code == 404


def test_a_slice_that_is_done_again_changes_nothing(admin_client, in_slices):
    admin_client.post(export_of(Member), {"format": "csv"})
    export = ListExport.objects.get()
    for _again in range(2):
        list_exports.work(export.pk, slice=0, now=timezone.now())
    export.refresh_from_db()
    assert (export.done, export.slice) == (6, 1)


def test_an_export_is_stopped_and_leaves_no_file(admin_client, in_slices, django_capture_on_commit_callbacks):
    admin_client.post(export_of(Member), {"format": "csv"})
    export = ListExport.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(reverse("admin:operations_listexport_stop", args=[export.pk]))
        work_all()
    export.refresh_from_db()
    assert (export.state, export.file.name) == ("stopped", "")
    assert not [each for each in in_slices.rglob("*") if each.is_file()]


def test_who_lost_the_right_meanwhile_gets_no_file(client, in_slices):
    user = staff("ann", "view_member", "add_listexport")
    client.force_login(user)
    client.post(export_of(Member), {"format": "csv"})
    user.user_permissions.clear()
    work_all()
    assert ListExport.objects.get().state == "failed"


def test_a_list_too_long_for_excel_is_refused_and_never_cut(admin_client, in_slices, monkeypatch):
    monkeypatch.setattr("operations.list_files.MOST_XLSX_ROWS", 10)
    admin_client.post(export_of(Member), {"format": "xlsx"})
    assert not ListExport.objects.exists()
    monkeypatch.setattr("operations.estimated_counts.COUNTED_ROWS", 3)
    admin_client.post(export_of(Member), {"format": "xlsx"})
    work_all()
    export = ListExport.objects.get()
    assert export.state == "failed"
    assert "CSV" in export.error


def test_files_are_forgotten_after_some_days_and_when_a_member_is_erased(admin_client, in_slices):
    for _time in range(2):
        admin_client.post(export_of(Member), {"format": "csv"})
    work_all()
    first, second = ListExport.objects.order_by("pk")
    ListExport.objects.filter(pk=first.pk).update(finished_at=timezone.now() - timedelta(days=30))
    list_exports.forget_old(now=timezone.now())
    assert [each.state for each in ListExport.objects.order_by("pk")] == ["gone", "done"]
    list_exports.forget_files(now=timezone.now())
    second.refresh_from_db()
    assert second.state == "gone"
