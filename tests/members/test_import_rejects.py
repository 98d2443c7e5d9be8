"""Rejected rows: nothing of them in the clear in the database, whole again for whoever fetches the file of them."""

import csv
import io

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from members import import_files, import_rejects, importing
from members.importing import Reading
from members.models import ImportReject
from operations import jobs
from operations.models import Job
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db
HEADER = "uid,name,phone,email,mobile of a friend\n"
# One that is refused for its phone, one for its email, one whose fields are not at their places, one that is good.
ROWS = (
    "u1,Fang,138001380001380013800013800138000,,13900000001\n"
    "u2,Li,13800138002,li at example,13900000002\n"
    "u3,Wu,13800138003,wu@example.com\n"
    "u4,Zhao,13800138004,zhao@example.com,13900000004\n"
)
SECRETS = ("13800138", "1390000000", "li at example", "wu@example.com", "zhao@example.com")
READING = Reading("utf-8", ",", {name: name for name in ("uid", "name", "phone", "email")})


@pytest.fixture
def run(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with translation.override("en"):
        run = importing.upload("members", ContentFile((HEADER + ROWS).encode(), "members.csv"), by=None, now=NOW)
        importing.start(run, READING, by=None, now=NOW)
        while job := Job.objects.filter(function=importing.SLICE_JOB, state=Job.State.QUEUED).first():
            jobs.run(job.pk)
        run.refresh_from_db()
        assert (run.state, run.created, run.rejected) == ("done", 1, 3)
        yield run


def everything_stored():
    """Return every row of every table, as a dump would have it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(each)::text FROM "{table}" each')
            found += [text for (text,) in cursor]
    return "\n".join(found)


def test_no_phone_or_email_of_a_file_is_in_the_clear_in_any_table(run):
    stored = everything_stored()
    assert [secret for secret in SECRETS if secret in stored or secret.encode().hex() in stored] == []


def test_the_file_of_rejected_rows_has_them_as_they_came(run):
    titles = importing.open_file(run).titles
    text = "".join(import_files.rejects_as_csv(run, titles)).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert [",".join(row[4:]) for row in rows] == ROWS.splitlines()[:3]
    assert rows[1][1:4] == ["email", "bad_email", "email: “li at example” is not an email address."]


def test_rows_are_found_by_the_text_of_a_cell(run):
    assert [reject.line for reject in import_rejects.naming("u2")] == [3]
    # Wherever it stands: the fields of this row are not at their places.
    assert [reject.line for reject in import_rejects.naming("wu@example.com")] == [4]
    assert not import_rejects.naming("u").exists()
    assert not import_rejects.naming("").exists()


def test_a_new_key_takes_them_over(run, settings, capsys):
    settings.PERSONAL_DATA_KEYS = ["new", settings.SECRET_KEY]
    call_command("reseal_personal_data")
    assert (
        capsys.readouterr().out.strip() == "members 1, rejected rows 3, coupon codes 0, addresses 0, "
        "secrets of receipts 0, codes of tasks 0, callback secrets 0, resealed 4, unreadable 0"
    )
    settings.PERSONAL_DATA_KEYS = ["new"]
    assert import_rejects.opened(import_rejects.naming("u3").get()).fields[1] == "Wu"


def test_without_its_key_a_row_is_told_by_its_code(run, settings):
    settings.PERSONAL_DATA_KEYS = ["another"]
    rows = list(csv.reader(io.StringIO("".join(import_files.rejects_as_csv(run, [])))))
    assert rows[3] == ["4", "", "field_count", "field_count"]
    assert ImportReject.objects.count() == 3
