"""Whoever writes a table for spreadsheets disarms what they would run; what is sent as CSV comes from those alone."""

from pathlib import Path

import pytest
from django.conf import settings

from operations.formulas import disarmed
from rewards.code_text import ALPHABET

APPS = ("config", "demo", "operations", "members", "segmentation", "rewards", "campaigns")
WRITERS = ("csv.writer(", "csv.DictWriter(", "xlsxwriter.Workbook(", "openpyxl.Workbook(")
# Its cells come from `operations.list_columns`, which disarms them; test_list_files.py reads the files.
CELLS_OF_OTHERS = {"operations/list_files.py"}
# Sends texts as CSV that no writer has made, and why nothing of it runs.
LINES_OF_THEIR_OWN = {
    "rewards/admin/codes.py": "codes that this house has made: letters and digits",
    "campaigns/code_admin.py": "codes that this house has made: letters and digits",
}
# Reads CSV, or sends what one of the writers has made.
SENDS_WHAT_WAS_WRITTEN = {
    "demo/words.py", "members/import_admin.py", "members/import_forms.py", "members/import_uploads.py",
    "operations/exported_admin.py", "rewards/admin/shipping.py", "segmentation/export_admin.py",
    "segmentation/package_forms.py", "segmentation/tag_forms.py", "segmentation/uid_list_admin.py",
}  # fmt: skip


def modules_with(*words):
    root = Path(settings.BASE_DIR)
    files = {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for app in APPS
        for path in root.glob(f"{app}/**/*.py")
    }
    return {name: text for name, text in files.items() if any(word in text for word in words)}


def test_every_writer_of_tables_disarms_what_it_writes():
    writers = modules_with(*WRITERS)
    assert len(writers) >= 7
    assert {name for name, text in writers.items() if "disarmed(" not in text} == CELLS_OF_OTHERS


def test_nothing_else_is_sent_as_a_table():
    sending = set(modules_with("text/csv", '.csv"')) - set(modules_with(*WRITERS))
    assert sending - SENDS_WHAT_WAS_WRITTEN - LINES_OF_THEIR_OWN.keys() == set()
    assert LINES_OF_THEIR_OWN.keys() <= sending


def test_a_code_that_this_house_has_made_runs_nowhere():
    assert all(disarmed(letter) == letter for letter in ALPHABET)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_begins_with_a_quote(start):
    assert disarmed(f"{start}1+1") == f"'{start}1+1"
    assert disarmed(f"1{start}") == f"1{start}"
