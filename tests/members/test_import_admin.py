"""An import in the admin, from the upload to the file of rejected rows, with the workers' jobs run by hand."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from members import importing, imports
from members.models import ImportRun, Member, Order
from operations import jobs
from operations.models import AuditRecord, Job

pytestmark = pytest.mark.django_db
ORDERS = """订单号,会员号,支付时间,金额,备注
o1,u1,2026-01-01,10
"=o2",u2,soon,20,vip
o3,u1,2026-01-01,30,
o4,,2026-01-01,1,
"""
UPLOAD = "admin:members_importrun_upload"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def files_in(folder):
    return [each for each in folder.rglob("*") if each.is_file()]


def send(client, content, *, kind="orders", name="orders.csv", language="en"):
    data = content.encode() if isinstance(content, str) else content
    form = {"kind": kind, "file": SimpleUploadedFile(name, data)}
    return client.post(reverse(UPLOAD), form, headers={"Accept-Language": language})


def uploaded(client, content, **options):
    answer = send(client, content, **options)
    assert answer.status_code == 302, answer.context["form"].errors
    return ImportRun.objects.latest("pk")


def address(run, name):
    return reverse(f"admin:members_importrun_{name}", args=[run.pk])


def choose(run, *columns, encoding="utf-8", separator=",", **more):
    chosen = {f"column-{index}": column for index, column in enumerate(columns)}
    return {"encoding": encoding, "separator": separator, "read_as": f"{encoding} {separator}", **chosen, **more}


def work_off():
    while job := Job.objects.filter(state=Job.State.QUEUED, function=importing.SLICE_JOB).first():
        jobs.run(job.pk)


def importer_with(*permissions):
    user = User.objects.create_user("ines", password="a password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


GUESSED = ("order_id", "uid", "paid_at", "amount", "")


def test_the_whole_path_of_a_file_with_chinese_headers(admin_client, media):
    run = uploaded(admin_client, ORDERS)
    shown = admin_client.get(address(run, "check"), headers=ENGLISH)
    assert [chosen for _title, _field, chosen in shown.context["heads"]] == list(GUESSED)
    assert not Order.objects.exists()
    started = admin_client.post(address(run, "check"), choose(run, *GUESSED, start="1"))
    assert started.url == address(run, "change")
    work_off()
    run.refresh_from_db()
    counts = (run.state, run.rows_read, run.created, run.updated, run.unchanged, run.rejected, run.percent)
    assert counts == ("done", 4, 1, 0, 0, 3, 100)
    assert [order.member.uid for order in Order.objects.filter(order_id="o3")] == ["u1"]
    page = admin_client.get(address(run, "change"), headers=ENGLISH).content.decode()
    assert "支付时间: “soon” is not a time" in page
    actions = ["import_run.uploaded", "import_run.started"]
    assert list(AuditRecord.objects.order_by("id").values_list("action", flat=True)) == actions


def test_faults_of_the_first_rows_stand_in_their_cells(admin_client):
    run = uploaded(admin_client, ORDERS)
    rows = admin_client.get(address(run, "check"), headers=ENGLISH).context["rows"]
    assert [(row.number, row.is_good) for row in rows] == [(2, False), (3, False), (4, True), (5, False)]
    assert rows[0].fault == "The row has 4 fields, the header has 5."
    assert [cell.fault for cell in rows[1].cells][2].startswith("支付时间: “soon” is not a time")
    assert [cell.fault for cell in rows[3].cells] == ["", "会员号 is missing.", "", "", ""]
    assert [cell.taken for cell in rows[1].cells] == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("order_id", "uid", "paid_at", "", ""), "Still needed: Amount."),
        (("", "uid", "", "amount", ""), "Still needed: Order id, Time paid."),
        (("order_id", "uid", "paid_at", "amount", "amount"), "Chosen more than once: Amount."),
        (("order_id", "uid", "paid_at", "nonsense", ""), "Still needed: Amount."),
    ],
)
def test_what_is_missing_or_chosen_twice_is_named_and_nothing_starts(admin_client, columns, said):
    run = uploaded(admin_client, ORDERS)
    answer = admin_client.post(address(run, "check"), choose(run, *columns, start="1"), headers=ENGLISH)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    run.refresh_from_db()
    assert (run.state, Job.objects.filter(function=importing.SLICE_JOB).count()) == ("uploaded", 0)


def test_a_file_as_excel_saves_it_in_china_is_read_as_gb18030(admin_client):
    run = uploaded(admin_client, "会员号;姓名\nu1;王芳\n".encode("gb18030"), kind="members")
    assert (run.encoding, run.separator) == ("gb18030", ";")
    shown = admin_client.get(address(run, "check"), headers=ENGLISH)
    assert "王芳" in shown.content.decode()
    assert "read as GB18030" in shown.content.decode()
    admin_client.post(address(run, "check"), choose(run, "uid", "name", encoding="gb18030", separator=";", start="1"))
    work_off()
    assert Member.objects.get(uid="u1").name == "王芳"


def test_another_separator_guesses_the_columns_anew(admin_client):
    run = uploaded(admin_client, "uid;name\nu1;Ann\n", kind="members")
    posted = {"encoding": "utf-8", "separator": ",", "read_as": "utf-8 ;", "column-0": "uid", "column-1": "name"}
    wrong = admin_client.post(address(run, "check"), posted, headers=ENGLISH)
    assert [head[0] for head in wrong.context["heads"]] == ["uid;name"]
    assert "Still needed: Member’s uid" in wrong.content.decode()
    back = admin_client.post(address(run, "check"), {"encoding": "utf-8", "separator": ";", "read_as": "utf-8 ,"})
    assert [head[2] for head in back.context["heads"]] == ["uid", "name"]


def test_an_encoding_that_does_not_fit_is_refused_and_the_table_stays(admin_client):
    run = uploaded(admin_client, "会员号,姓名\nu1,王芳\n".encode("gb18030"), kind="members")
    answer = admin_client.post(address(run, "check"), choose(run, "uid", "name", start="1"), headers=ENGLISH)
    assert "not in UTF-8 (line 1)" in answer.content.decode()
    assert "王芳" in answer.content.decode()
    run.refresh_from_db()
    assert run.state == "uploaded"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"uid,name\n", "only one line"),
        (b"uid,name", "only one line"),
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", "Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"%PDF-1.7\n", "not a text file"),
        ("uid,name\nu1,王芳\n".encode("utf-16"), "UTF-16"),
        (b"uid,name\nu1,\xff\xff\n", "neither in UTF-8 nor in GB18030"),
        ("会员号,姓名\nu1,王".encode() + b"\xe7\n", "not in UTF-8 (line 2)"),
        (b"uid" * 700_000, "longer than 1 MB"),
        (b'"uid\nname\nu1,Ann\n', "header cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_csv_file_is_refused_in_clear_words_and_not_kept(admin_client, media, content, said):
    answer = send(admin_client, content, kind="members")
    assert answer.status_code == 200
    assert said in str(answer.context["form"].errors)
    assert (ImportRun.objects.count(), files_in(media)) == (0, [])


def test_a_file_that_is_too_large_is_refused(admin_client, settings):
    settings.IMPORT_LARGEST_MB = 0
    assert "larger than 0 MB" in str(send(admin_client, ORDERS).context["form"].errors)


def test_a_stored_file_is_private(admin_client, media, settings):
    uploaded(admin_client, ORDERS)
    (file,) = files_in(media)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "orders" not in file.name
    assert admin_client.get(f"/media/{file.relative_to(media)}").status_code == 404


@pytest.mark.parametrize(
    ("language", "header", "reason"),
    [("en", "Line of the file", "支付时间: “soon” is not a time"), ("zh-hans", "支付时间", "支付时间")],
)
def test_the_rejected_rows_come_as_a_file_in_the_readers_language(admin_client, language, header, reason):
    run = uploaded(admin_client, ORDERS)
    admin_client.post(address(run, "check"), choose(run, *GUESSED, start="1"))
    work_off()
    answer = admin_client.get(address(run, "rejects"), headers={"Accept-Language": language})
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert header in rows[0]
    assert rows[0][4:] == ["订单号", "会员号", "支付时间", "金额", "备注"]
    assert [row[0] for row in rows[1:]] == ["2", "3", "5"]
    assert [row[1:3] for row in rows[2:]] == [["支付时间", "bad_time"], ["会员号", "missing"]]
    assert reason in rows[2][3]
    # A spreadsheet would run the order id as a formula.
    assert rows[2][4] == "'=o2"
    assert AuditRecord.objects.filter(action="import_run.rejects_downloaded").count() == 1


def test_the_corrected_file_of_rejects_can_be_imported_as_it_is(admin_client):
    run = uploaded(admin_client, ORDERS)
    admin_client.post(address(run, "check"), choose(run, *GUESSED, start="1"))
    work_off()
    text = b"".join(admin_client.get(address(run, "rejects"), headers=ENGLISH).streaming_content).decode()
    again = uploaded(admin_client, text.replace("soon", "2026-01-02"))
    heads = admin_client.get(address(again, "check"), headers=ENGLISH).context["heads"]
    assert [head[2] for head in heads] == ["", "", "", "", *GUESSED]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_has_a_template_whose_columns_are_told_by_their_names(admin_client, language):
    for kind in imports.kinds():
        importer = imports.importer_of(kind)
        answer = admin_client.get(
            reverse("admin:members_importrun_template", args=[kind]), headers={"Accept-Language": language}
        )
        run = uploaded(admin_client, answer.content, kind=kind, language=language)
        shown = admin_client.get(address(run, "check"), headers={"Accept-Language": language}).context
        assert [head[2] for head in shown["heads"]] == list(importer.columns()), kind
        faults = [cell.fault for cell in shown["rows"][0].cells if cell.fault]
        assert faults == [] or kind == "tags", kind


def test_every_kind_is_named_and_guarded_by_a_permission_of_its_own():
    for kind in imports.kinds():
        importer = imports.importer_of(kind)
        assert imports.title_of(kind) != kind
        app, _dot, codename = importer.permission.partition(".")
        assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists(), kind
        assert all(str(column.label) != name for name, column in importer.columns().items() if "." not in name), kind


def test_who_may_import_nothing_meets_no_door(client, admin_client):
    run = uploaded(admin_client, ORDERS)
    client.force_login(importer_with("view_importrun", "view_member"))
    assert client.get(address(run, "change")).status_code == 200
    assert client.get(address(run, "progress")).status_code == 200
    for name in ("check", "rejects"):
        assert client.get(address(run, name)).status_code == 403
    for name in ("cancel", "resume"):
        assert client.post(address(run, name)).status_code == 403
    assert client.get(reverse(UPLOAD)).status_code == 403
    assert client.get(reverse("admin:members_importrun_template", args=["orders"])).status_code == 403
    assert client.get(reverse("admin:members_member_import_file")).status_code == 403


def test_each_kind_needs_its_own_permission(client, admin_client):
    run = uploaded(admin_client, ORDERS)
    client.force_login(importer_with("start_importrun", "add_member", "view_member", "view_order"))
    assert client.get(address(run, "check")).status_code == 403
    assert "kind" in send(client, ORDERS).context["form"].errors
    assert send(client, "uid\nu1\n", kind="members").status_code == 302
    assert client.get(reverse("admin:members_order_import_file")).status_code == 403
    assert client.get(reverse("admin:members_member_import_file")).url.endswith("?kind=members")


def test_state_is_changed_by_posting_only(admin_client):
    run = uploaded(admin_client, ORDERS)
    assert admin_client.get(address(run, "cancel")).status_code == 405
    admin_client.post(address(run, "cancel"))
    run.refresh_from_db()
    assert run.state == "cancelled"
    again = admin_client.post(address(run, "check"), choose(run, *GUESSED, start="1"))
    assert again.url == address(run, "change")
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_a_failed_import_shows_its_error_and_can_be_resumed(admin_client, media):
    run = uploaded(admin_client, ORDERS)
    admin_client.post(address(run, "check"), choose(run, *GUESSED, start="1"))
    (file,) = files_in(media)
    kept = file.rename(file.with_suffix(".away"))
    work_off()
    page = admin_client.get(address(run, "change"), headers=ENGLISH).content.decode()
    assert "No such file" in page
    kept.rename(file)
    admin_client.post(address(run, "resume"))
    work_off()
    run.refresh_from_db()
    assert (run.state, run.error, run.rows_read) == ("done", "", 4)


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(admin_client, django_assert_max_num_queries):
    for number in range(30):
        ImportRun.objects.create(kind="orders", name=f"{number}.csv", created_at=timezone.now())
    with django_assert_max_num_queries(8):
        admin_client.get(reverse("admin:members_importrun_changelist"))


def test_watching_takes_few_queries(admin_client, django_assert_max_num_queries):
    run = uploaded(admin_client, ORDERS)
    admin_client.post(address(run, "check"), choose(run, *GUESSED, start="1"))
    with django_assert_max_num_queries(6):
        shown = admin_client.get(address(run, "progress"), headers=ENGLISH)
    assert "Waiting for a worker" in shown.content.decode()
    assert "hx-get" in shown.content.decode()
    work_off()
    assert "hx-get" not in admin_client.get(address(run, "progress")).content.decode()


def test_a_run_of_a_kind_that_is_gone_can_still_be_looked_at(admin_client):
    run = ImportRun.objects.create(kind="weather", name="w.csv", state="done", created_at=timezone.now())
    assert "weather" in admin_client.get(address(run, "change")).content.decode()
    assert admin_client.get(address(run, "rejects")).status_code == 403


def test_a_run_that_was_never_there_is_not_found(admin_client):
    assert admin_client.get(reverse("admin:members_importrun_change", args=[999])).status_code in (302, 404)
    assert admin_client.get(reverse("admin:members_importrun_check", args=[999])).status_code == 404
