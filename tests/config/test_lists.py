"""Every change list: searched, filtered and exported; as many statements for one row as for twenty; nothing runs."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from config.empty_lists import has_words
from members.models import Level, Member
from operations import list_exports
from operations.list_admin import ListAdmin
from operations.models import AuditRecord, Job, ListExport
from tests.config.lives import live
from tests.config.planted import let_anything_in, listed_models, multiply, plant

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12
# Lists by no kind and no time, and why.
# The inbox of approvals merges several tables, by tabs and areas.
PAGES_OF_THEIR_OWN = {"operations.ApprovalRequest"}
UNFILTERED = {
    "auth.Group": "a handful of names",
    "rewards.PrizePool": "a page of names; which runs is a column",
}
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x.example")', "＝1+1"]
MARKUP = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}<b onclick=alert(1)>", "'-alert(1)-'"]
GARBAGE = ["abc", "-1", "9" * 40, "0001-01-01", "'", "9999-12-31", "0000-00-00", "%", "\\", "（", "x" * 3_000, "1e9"]


def changelist(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def export_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_list_export")


def asked(user: User, **query: str):
    request = RequestFactory().get("/admin/", query)
    request.user = user
    return request


def test_every_list_is_searched_filtered_and_says_what_comes_there(admin_user):
    request, lacking = asked(admin_user), []
    for model, model_admin in admin.site._registry.items():
        label = model._meta.label
        if label in PAGES_OF_THEIR_OWN:
            continue
        if not isinstance(model_admin, ListAdmin):
            lacking.append((label, "is no list that scales"))
            continue
        filters = model_admin.get_list_filter(request)
        lacking += [
            (label, what)
            for what, there in {
                "search": model_admin.get_search_fields(request),
                "filter": filters or label in UNFILTERED,
                "words while empty": has_words(model._meta.label_lower),
            }.items()
            if not there
        ]
    assert lacking == []


def test_lists_that_grow_are_not_sorted_by_what_has_no_index(admin_user):
    request = asked(admin_user)
    sortable = set(admin.site._registry[Member].get_sortable_by(request))
    assert {"uid", "joined_at"} <= sortable
    assert not {"shown_phone", "level"} & sortable


def test_a_list_costs_as_many_statements_with_many_rows_as_with_one(admin_client):
    live()
    let_anything_in()
    costly, growing = [], []
    for model in [*listed_models(), *(each for each in admin.site._registry if each._meta.proxy)]:
        page = changelist(model)
        admin_client.get(page)
        with CaptureQueriesContext(connection) as few:
            assert admin_client.get(page).status_code == 200, page
        if not model._meta.proxy:
            multiply(model, 20)
        with CaptureQueriesContext(connection) as many:
            assert admin_client.get(page).status_code == 200, page
        if len(many) > MOST_STATEMENTS:
            costly.append((page, len(many)))
        # A filter or a prefetch that had nothing to ask for may ask once it has.
        if len(many) > len(few) + 3:
            growing.append((page, len(few), len(many)))
    assert costly == []
    assert growing == []


def test_no_search_and_no_filter_breaks_a_list(admin_user):
    live()
    broken = []
    for model, model_admin in admin.site._registry.items():
        names = ["q", "o", "p"]
        shown = model_admin.get_changelist_instance(asked(admin_user))
        names += [name for spec in shown.filter_specs for name in spec.expected_parameters() if name]
        for name in names:
            for text in GARBAGE if (model, name) in ((Member, "q"), (Member, "joined_at_from")) else GARBAGE[2:5]:
                try:
                    list(model_admin.get_changelist_instance(asked(admin_user, **{name: text})).queryset[:3])
                except IncorrectLookupParameters:
                    continue
                except Exception as error:
                    broken.append((model._meta.label, name, text[:20], repr(error)[:200]))
    assert broken == []


def test_what_a_filter_does_not_understand_is_told(admin_client):
    page = changelist(Member)
    for rank, slug in enumerate(("base", "plus")):
        Level.objects.create(slug=slug, name=slug, kind="paid", rank=rank)
    with translation.override("en"):
        answer = admin_client.get(page, {"joined_at_from": "yesterday"}, headers={"Accept-Language": "en"})
        assert "“yesterday” is no range of days" in answer.content.decode()
        assert len(answer.context["cl"].result_list) == 0
        left_out = admin_client.get(page, {"level__id__exact": "x"}, follow=True, headers={"Accept-Language": "en"})
        assert "was left out" in left_out.content.decode()


def test_days_are_those_of_the_site_both_included(admin_client):
    now = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for uid, moment in (("a", now - timedelta(seconds=1)), ("b", now), ("c", now + timedelta(hours=23, minutes=59))):
        Member.objects.create(uid=uid, joined_at=moment)
    today = now.date().isoformat()
    found = admin_client.get(changelist(Member), {"joined_at_from": today, "joined_at_to": today})
    assert {each.uid for each in found.context["cl"].result_list} == {"b", "c"}


def test_a_list_that_is_empty_says_how_to_begin_and_a_search_what_was_searched(admin_client):
    in_english = {"headers": {"Accept-Language": "en"}}
    assert "Import a CSV file" in admin_client.get(changelist(Member), **in_english).content.decode()
    nothing = admin_client.get(changelist(Member), {"q": "nobody"}, **in_english).content.decode()
    assert "Nothing was found for “nobody”" in nothing
    assert "The beginning of the uid" in nothing


# Exports.
def cells_of_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def runs(text: str) -> bool:
    """Whether a spreadsheet takes a cell of a CSV file for a formula; a number that is less than nothing is none."""
    if not text.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return text.startswith("+")


def test_no_export_holds_a_formula_or_a_link(admin_client):
    live()
    let_anything_in()
    admin_client.raise_request_exception = False
    assert plant(FORMULAS) > 100
    run, rows = [], 0
    for model in admin.site._registry:
        for kind in ("csv", "xlsx"):
            answer = admin_client.post(export_of(model), {"format": kind})
            assert answer.status_code == 200, (model, answer.status_code)
            if kind == "csv":
                table = cells_of_csv(answer.content)
                rows += len(table) - 1
                run += [(model._meta.label, cell) for line in table for cell in line if runs(cell)]
                continue
            sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
            for cell in (cell for line in sheet.iter_rows() for cell in line):
                is_text = cell.data_type != "n" and runs(str(cell.value or ""))
                if cell.data_type == "f" or cell.hyperlink or is_text:
                    run.append((model._meta.label, cell.value))
    assert run == []
    assert rows > 60


def test_stored_markup_is_text_on_every_list_and_page(admin_client):
    live()
    let_anything_in()
    admin_client.raise_request_exception = False
    assert plant(MARKUP) > 100
    alive = []
    pages = [reverse("admin:index")]
    for model in admin.site._registry:
        pages.append(changelist(model))
        if (row := model._default_manager.order_by("-pk").first()) is not None:
            pages.append(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]))
    for page in pages:
        answer = admin_client.get(page, follow=True)
        if answer.status_code != 200 or answer.request["PATH_INFO"] == "/admin/login/":
            alive.append((page, answer.status_code))
        text = answer.content.decode()
        alive += [(page, sign) for sign in ("<script>alert", "<img src=x", "<b onclick", "49<b") if sign in text]
    assert alive == []


def test_an_export_holds_what_the_list_is_narrowed_to_and_is_on_record(admin_client, admin_user):
    for number in range(3):
        Member.objects.create(uid=f"m{number}", name=f"N{number}", region="上海" if number else "北京")
    answer = admin_client.post(f"{export_of(Member)}?region=上海", {"format": "csv"})
    told = cells_of_csv(answer.content)
    assert [line[0] for line in told[1:]] == ["m2", "m1"]
    record = AuditRecord.objects.get(action="list.exported")
    assert record.actor == admin_user
    assert record.changes["rows"] == [None, 2]
    assert ListExport.objects.get().state == "sent"


def test_what_is_masked_in_a_list_is_masked_in_its_file(admin_client):
    live()
    told = admin_client.post(export_of(Member), {"format": "csv"}).content.decode()
    assert "13899990000" not in told
    assert "marker@example.com" not in told
    assert "138******00" in told


def staff(name: str, *codenames: str) -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_who_may_look_and_not_export_is_refused(client):
    client.force_login(staff("looker", "view_member"))
    assert client.get(export_of(Member)).status_code == 403
    assert client.post(export_of(Member), {"format": "csv"}).status_code == 403
    assert export_of(Member) not in client.get(changelist(Member)).content.decode()


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
