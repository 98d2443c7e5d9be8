"""The command `import_data`, from the file to its last line of output."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from members import imports
from members.models import Activity, Attribute, AttributeValue, Member, MemberMetrics, Order

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parent.parent / "fixtures" / "cdnow_sample.csv"
HEADER = "order_id,uid,paid_at,amount\n"
GOOD = "o1,u1,2026-01-01T12:00:00,10.00\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def bring_in(tmp_path, capsys):
    """Write the content to a file, import it, return the line printed."""

    def run(content, kind="orders", **options):
        path = tmp_path / "facts.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("import_data", kind, path, **options)
        return capsys.readouterr().out.strip()

    return run


def rejects_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_the_real_orders_come_in_once(capsys):
    call_command("import_data", "orders", SAMPLE)
    assert capsys.readouterr().out == "read 6937, created 6937, updated 0, unchanged 0, rejected 0\n"
    assert (Member.objects.count(), MemberMetrics.objects.count()) == (2357, 2357)
    before = list(MemberMetrics.objects.order_by("member").values_list()), Activity.objects.count()
    call_command("import_data", "orders", SAMPLE)
    assert capsys.readouterr().out == "read 6937, created 0, updated 0, unchanged 6937, rejected 0\n"
    assert (list(MemberMetrics.objects.order_by("member").values_list()), Activity.objects.count()) == before


def test_good_rows_stay_and_each_bad_one_is_reported_with_its_line(bring_in, tmp_path):
    rejects = tmp_path / "rejects.csv"
    rows = [
        GOOD,
        "o2,,2026-01-01,1\n",
        "\n",
        "o3,u1,soon,1\n",
        "o4,u1,2026-01-01,NaN\n",
        "o5,u1,2026-01-01\n",
        "o6,u1,2026-01-01,1,2\n",
        f"o7,{'x' * 10_240},2026-01-01,1\n",
        "o8,u\x00,2026-01-01,1\n",
        "o9,u1,2026-01-01,2.50\n",
    ]
    printed = bring_in(HEADER + "".join(rows), rejects=rejects)
    assert printed == "read 9, created 2, updated 0, unchanged 0, rejected 7"
    assert [(row["line"], row["column"], row["code"]) for row in rejects_of(rejects)] == [
        ("3", "uid", "missing"),
        ("5", "paid_at", "bad_time"),
        ("6", "amount", "not_finite"),
        ("7", "", "field_count"),
        ("8", "", "field_count"),
        ("9", "uid", "too_long"),
        ("10", "uid", "control_character"),
    ]
    assert [row["order_id"] for row in rejects_of(rejects)] == ["o2", "o3", "o4", "o5", "o6", "o7", "o8"]
    assert set(Order.objects.values_list("order_id", flat=True)) == {"o1", "o9"}


def test_without_a_rejects_file_the_first_reasons_are_told(bring_in, tmp_path, capsys):
    path = tmp_path / "facts.csv"
    path.write_text(HEADER + "o1,u1,2026-01-01,-1\n" * 12)
    call_command("import_data", "orders", path)
    told = capsys.readouterr().err
    assert told.count("is negative") == 10
    assert "line 2: amount: “-1” is negative." in told
    assert "--rejects FILE" in told


def test_a_spreadsheet_finds_no_formula_among_the_rejects(bring_in, tmp_path):
    rejects = tmp_path / "rejects.csv"
    bring_in(HEADER + '"=HYPERLINK(""http://evil"")",@u,+1,-1\n', rejects=rejects)
    row = rejects_of(rejects)[0]
    cells = [row["order_id"], row["uid"], row["paid_at"], row["amount"]]
    assert cells == ['\'=HYPERLINK("http://evil")', "'@u", "'+1", "'-1"]


def test_a_quotation_mark_that_is_never_closed_costs_only_its_own_rows(bring_in, tmp_path):
    rejects = tmp_path / "rejects.csv"
    printed = bring_in(HEADER + GOOD + 'o2,"u1,2026-01-01,1\no3,u1,2026-01-01,1\n', rejects=rejects)
    assert printed == "read 2, created 1, updated 0, unchanged 0, rejected 1"
    row = rejects_of(rejects)[0]
    assert (row["line"], row["code"]) == ("3", "bad_quoting")
    assert "Lines 3 to 4" in row["reason"]


def test_a_byte_order_mark_is_no_part_of_the_header(bring_in):
    assert bring_in(b"\xef\xbb\xbf" + (HEADER + GOOD).encode()).startswith("read 1, created 1")


def test_a_header_alone_is_an_import_of_nothing(bring_in):
    assert bring_in(HEADER) == "read 0, created 0, updated 0, unchanged 0, rejected 0"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("order_id,uid,paid_at\no1,u1,2026-01-01\n", "missing: amount"),
        ("order_id uid paid_at amount\n", "missing: order_id, uid, paid_at, amount; unknown: order_id uid"),
        ("order_id,uid,paid_at,amount,colour\n", "unknown: colour"),
        ("order_id,uid,paid_at,amount,uid\n", "more than once: uid"),
        ((HEADER + GOOD).encode() + "o2,王芳,2026-01-01,1\n".encode("gbk"), "not in UTF-8 (line 3)"),
        ((HEADER + GOOD).encode("utf-16"), "UTF-16"),
        ((HEADER + GOOD).encode() + b"o2,\xe7", "not in UTF-8 (line 3)"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_error_and_changes_nothing(bring_in, content, said):
    with pytest.raises(CommandError) as refused:
        bring_in(content)
    assert said in str(refused.value)
    assert not Order.objects.exists()


def test_a_missing_file_a_folder_and_a_place_that_cannot_be_written_are_clear_errors(bring_in, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_data", "orders", tmp_path / "none.csv")
    with pytest.raises(CommandError, match="Is a directory"):
        call_command("import_data", "orders", tmp_path)
    with pytest.raises(CommandError, match="cannot be written"):
        bring_in(HEADER + GOOD, rejects=tmp_path / "none" / "rejects.csv")
    with pytest.raises(CommandError, match="over the file itself"):
        bring_in(HEADER + GOOD, rejects=tmp_path / "facts.csv")


def test_a_kind_that_nobody_registered_is_named_with_those_that_are(bring_in):
    with pytest.raises(CommandError, match=r"no import of “weather”, only of: .*members, orders, order_items"):
        bring_in(HEADER, kind="weather")


def test_members_come_in_with_declared_attributes(bring_in):
    Attribute.objects.create(slug="city", label="City", kind="text")
    printed = bring_in("uid,name,attribute.city\nu1,王芳,上海\nu2,李雷,\n", kind="members")
    assert printed == "read 2, created 2, updated 0, unchanged 0, rejected 0"
    assert list(AttributeValue.objects.values_list("member__uid", "text")) == [("u1", "上海")]


def test_a_file_longer_than_a_chunk_is_taken_in_parts(bring_in, monkeypatch):
    monkeypatch.setattr("members.management.commands.import_data.ROWS_PER_SLICE", 2)
    rows = "".join(f"o{number % 4},u1,2026-01-01,1\n" for number in range(5))
    assert bring_in(HEADER + rows) == "read 5, created 4, updated 0, unchanged 1, rejected 0"


def test_headers_of_other_names_are_mapped_and_the_rest_is_passed_over(bring_in):
    content = "订单号;会员号;paid_at;金额;备注\no1;u1;2026-01-01;3;早\n".encode("gb18030")
    told = [("order_id", "订单号"), ("uid", "会员号"), ("amount", "金额")]
    assert bring_in(content, encoding="gb18030", map=told).startswith("read 1, created 1")
    assert Order.objects.get().amount == 3


def test_options_are_read_as_they_are_typed(tmp_path, capsys):
    path = tmp_path / "facts.csv"
    path.write_bytes("会员号,姓名\nu1,王芳\n".encode("gb18030"))
    typed = ["--encoding", "gb18030", "--map", "uid=会员号", "--map", "name=姓名"]
    call_command("import_data", "members", str(path), *typed)
    assert Member.objects.get(uid="u1").name == "王芳"
    with pytest.raises(CommandError, match="not COLUMN=HEADER"):
        call_command("import_data", "members", str(path), "--map", "uid")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([("colour", "uid")], "There is no column colour"),
        ([("uid", "customer")], "header does not have customer"),
        ([("name", "uid")], "missing: uid"),
    ],
)
def test_a_mapping_that_cannot_be_is_named(bring_in, told, said):
    with pytest.raises(CommandError, match=said):
        bring_in("uid,name\nu1,Ann\n", kind="members", map=told)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026/1/5", "2026-01-05T00:00:00+08:00"),
        ("2026/1/5 8:30", "2026-01-05T08:30:00+08:00"),
        ("2026/11/05 18:30:59", "2026-11-05T18:30:59+08:00"),
        ("2026/2/30", None),
        ("2026/1/5 25:00", None),
        ("5/1/2026", None),
        ("26/1/5", None),
    ],
)
def test_a_time_as_excel_saves_it_in_china_is_read_and_no_other_order_of_its_parts(bring_in, written, meant):
    printed = bring_in(HEADER + f"o1,u1,{written},1\n")
    assert printed.endswith("rejected 0" if meant else "rejected 1")
    assert list(Order.objects.values_list("paid_at", flat=True)) == ([datetime.fromisoformat(meant)] if meant else [])


def test_a_birthday_as_excel_saves_it_is_read(bring_in):
    bring_in("uid,birthday\nu1,1990/5/2\n", kind="members")
    assert Member.objects.get().birthday == date(1990, 5, 2)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_found(bring_in, separator):
    assert bring_in((HEADER + GOOD).replace(",", separator)).startswith("read 1, created 1")


def test_after_a_crash_the_same_command_finishes_the_work(bring_in, monkeypatch):
    monkeypatch.setattr("members.management.commands.import_data.ROWS_PER_SLICE", 2)
    rows = "".join(f"o{number},u1,2026-01-01,1\n" for number in range(5))
    taken = []

    def crash_at_the_third(*arguments, **options):
        taken.append(1)
        if len(taken) == 3:
            raise KeyboardInterrupt
        return bring_rows_in(*arguments, **options)

    bring_rows_in = imports.bring_in
    with monkeypatch.context() as patch:
        patch.setattr(imports, "bring_in", crash_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            bring_in(HEADER + rows)
    assert Order.objects.count() == 4
    assert bring_in(HEADER + rows) == "read 5, created 1, updated 0, unchanged 4, rejected 0"


def test_a_kind_can_be_registered_once():
    imports.register_kind("orders", imports.importer_of("orders"))
    with pytest.raises(ValueError, match="already a kind"):
        imports.register_kind("orders", imports.importer_of("members"))
