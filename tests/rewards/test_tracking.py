"""Tracking numbers in: from the file of whoever sends the parcels, as spreadsheets save it."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members import importing, imports
from members.models import ImportRun
from operations import jobs
from operations.models import AuditRecord, Job
from rewards import shipping, tracking
from rewards.models import Award, Shipment
from rewards.reversing import reverse_award
from rewards.tracking import TrackingFault, TrackingRow, ingest_tracking
from tests.rewards import build
from tests.rewards.build import NOW
from tests.rewards.parcels import addressed, mug

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return User.objects.create_user("op")


@pytest.fixture
def parcel(operator):
    shipment = addressed(build.members(1)[0])
    shipping.export_waiting([mug()], by=operator, now=NOW)
    return shipment


def take(*rows):
    importer = imports.importer_of("tracking")
    raws = [dict(zip(tracking.COLUMNS, row, strict=True)) for row in rows]
    return imports.take(importer, enumerate(raws), context=importer.load_context(NOW), now=NOW)


def faults(result):
    return [(number, error.code, error.column) for number, error in result.rejected]


def test_a_number_delivers_the_award_and_the_same_row_again_changes_nothing(parcel):
    row = (str(parcel.award_id), "顺丰速运", "sf 1234 5678")
    assert take(row).updated == 1
    parcel.refresh_from_db()
    assert (parcel.state, parcel.carrier, parcel.tracking_number) == ("shipped", "顺丰速运", "SF12345678")
    assert Award.objects.get().state == Award.State.DELIVERED
    again = take(row, row)
    assert (again.updated, again.unchanged, again.rejected) == (0, 2, [])
    assert build.books_are_right()


@pytest.mark.parametrize(
    ("award", "carrier", "number", "code", "column"),
    [
        ("", "SF", "SF12345", "missing", "award"),
        ("abc", "SF", "SF12345", TrackingFault.NOT_AN_AWARD, "award"),
        ("999999", "SF", "SF12345", TrackingFault.NOT_TRACKED, "award"),
        ("{}", "", "SF12345", "missing", "carrier"),
        ("{}", "SF", "", "missing", "tracking_number"),
        ("{}", "SF", "1.23E+14", TrackingFault.ROUNDED, "tracking_number"),
        ("{}", "SF", "1E14", TrackingFault.ROUNDED, "tracking_number"),
        ("{}", "SF", "SF/1", TrackingFault.BAD_TRACKING, "tracking_number"),
        ("{}", "S" * 51, "SF12345", "too_long", "carrier"),
    ],
)
def test_each_fault_names_its_column(parcel, award, carrier, number, code, column):
    result = take((award.format(parcel.award_id), carrier, number))
    assert faults(result) == [(0, code, column)]
    assert all(error.message for _number, error in result.rejected)


@pytest.mark.parametrize("written", ["{}", "#{}", "'{}", '="{}"', "{}.0", " {} "])
def test_numbers_are_read_as_spreadsheets_guard_them(parcel, written):
    assert take((written.format(parcel.award_id), "SF", '="123456789012345"')).updated == 1
    assert Shipment.objects.get().tracking_number == "123456789012345"


def test_a_row_that_is_not_filled_in_yet_changes_nothing(parcel):
    result = take((str(parcel.award_id), "", ""))
    assert (result.unchanged, result.rejected) == (1, [])
    assert Shipment.objects.get().state == "exported"


def test_good_rows_are_kept_beside_bad_ones(operator):
    people = build.members(3)
    parcels = [addressed(each) for each in people[:2]]
    shipping.export_waiting([mug()], by=operator, now=NOW)
    waiting = addressed(people[2])
    reverse_award(parcels[1].award_id, by=None, reason="a mistake", now=NOW)
    result = take(
        (str(parcels[0].award_id), "SF", "SF10001"),
        (str(parcels[1].award_id), "SF", "SF10002"),
        (str(waiting.award_id), "SF", "SF10003"),
    )
    assert result.updated == 1
    assert faults(result) == [(1, TrackingFault.TAKEN_BACK, "award"), (2, TrackingFault.NOT_EXPORTED, "award")]
    assert build.books_are_right()


def test_an_old_file_does_not_bring_a_wrong_number_back(parcel, operator):
    take((str(parcel.award_id), "SF", "SF10001"))
    tracking.correct_number(parcel.pk, carrier="YTO", number="YT-2000002", by=operator, now=NOW)
    assert faults(take((str(parcel.award_id), "SF", "SF10001"))) == [(0, TrackingFault.OTHER_NUMBER, "tracking_number")]
    parcel.refresh_from_db()
    assert (parcel.carrier, parcel.tracking_number) == ("YTO", "YT-2000002")
    record = AuditRecord.objects.get(action="shipment.number_corrected")
    assert record.changes == {"carrier": ["SF", "YTO"], "tracking_number": ["SF10001", "…0002"]}


def test_a_number_of_another_parcel_is_taken_back_and_the_right_one_comes_with_the_next_file(parcel, operator):
    take((str(parcel.award_id), "SF", "SF10001"))
    tracking.take_number_back(parcel.pk, by=operator, now=NOW)
    assert Award.objects.get().state == Award.State.CLAIMED
    assert build.books_are_right()
    with pytest.raises(tracking.NotPossible):
        tracking.take_number_back(parcel.pk, by=operator, now=NOW)
    assert take((str(parcel.award_id), "SF", "SF10009")).updated == 1
    assert Award.objects.get().state == Award.State.DELIVERED


def test_two_rows_for_one_award_in_a_file_the_first_counts(parcel):
    ingested = ingest_tracking(
        [TrackingRow(parcel.award_id, "SF", "SF10001"), TrackingRow(parcel.award_id, "SF", "SF10002")], now=NOW
    )
    assert (ingested.updated, len(ingested.rejected)) == (1, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_exported_file_comes_back_filled_in_through_the_import_page(
    admin_client, operator, parcel, settings, tmp_path, encoding
):
    settings.MEDIA_ROOT = tmp_path
    text = "".join(shipping.file_of(parcel.batch or shipping.ShippingBatch.objects.get(), by=operator, now=NOW))
    filled = text.removeprefix("\ufeff").replace(",,\r\n", ",顺丰速运,SF1234567890\r\n")
    file = SimpleUploadedFile("parcels.csv", filled.encode(encoding))
    answer = admin_client.post(reverse("admin:members_importrun_upload"), {"kind": "tracking", "file": file})
    assert answer.status_code == 302
    run = ImportRun.objects.get()
    check = reverse("admin:members_importrun_check", args=[run.pk])
    page = admin_client.get(check)
    form = page.context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields}
    read_as = f"{run.encoding} {run.separator}" if run.separator else ""
    chosen["read_as"] = form["read_as"].value() if "read_as" in form.fields else read_as
    assert admin_client.post(check, {**chosen, "start": "1"}).status_code == 302
    while job := Job.objects.filter(state=Job.State.QUEUED, function=importing.SLICE_JOB).first():
        jobs.run(job.pk)
    parcel.refresh_from_db()
    assert (parcel.carrier, parcel.tracking_number) == ("顺丰速运", "SF1234567890")
    run.refresh_from_db()
    assert (run.rows_read, run.rejected) == (1, 0)


def test_importing_numbers_needs_its_own_permission(client, django_user_model):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="start_importrun"))
    client.force_login(user)
    assert "tracking" not in client.get(reverse("admin:members_importrun_upload")).text
    user.user_permissions.add(Permission.objects.get(codename="track_shipment"))
    assert "tracking" in client.get(reverse("admin:members_importrun_upload")).text
