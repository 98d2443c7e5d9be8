"""What stands in the files of lists: nothing that runs, nothing that the list hides."""

import io

import openpyxl
import pytest
from django.contrib import admin
from django.urls import reverse

from members.models import Member
from operations.models import AuditRecord, ListExport
from tests.config.lists import cells_of_csv, changelist, export_of, staff
from tests.config.lives import live
from tests.config.planted import let_anything_in, plant

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x.example")', "＝1+1"]
MARKUP = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}<b onclick=alert(1)>", "'-alert(1)-'"]


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


def test_who_may_look_and_not_export_is_refused(client):
    client.force_login(staff("looker", "view_member"))
    assert client.get(export_of(Member)).status_code == 403
    assert client.post(export_of(Member), {"format": "csv"}).status_code == 403
    assert export_of(Member) not in client.get(changelist(Member)).content.decode()
