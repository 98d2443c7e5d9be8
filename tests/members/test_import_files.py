"""Reading CSV files in slices: any cut gives what one whole pass gives, in every encoding and with every line end."""

import csv
import io

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from members import csv_checks, csv_files
from members.csv_files import CsvFile, FileError, Place
from members.faults import RowError

COLUMNS = ["a", "b", "c"]
MANY = 10_000
# What is hard: quotation marks, separators and line ends in fields, and characters whose bytes look like them.
TEXT = st.text(alphabet='ab0 ",;\n\r\té王芳镕€𠮷😀0', max_size=8)
BROKEN = st.sampled_from(['"never closed,1,2', 'a"b,c', "too,few", "one,too,many,here", '"a"b,c,d', "", ",,"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030"])


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def record(fields, end):
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerow(fields)
    return text.getvalue()


@st.composite
def contents(draw):
    """A header and records, some of them broken, whose line ends need not be alike."""
    end = draw(ENDS)
    rows = draw(st.lists(st.one_of(st.lists(TEXT, min_size=3, max_size=3), BROKEN), max_size=12))
    parts = [record(COLUMNS, end)]
    parts += [row + end if isinstance(row, str) else record(row, end) for row in rows]
    whole = "".join(parts)
    return whole.removesuffix(end) if rows and draw(st.booleans()) else whole


def read(file, *, rows):
    """Return every record as (line, fields, fault), in slices of so many rows, and the places between them."""
    place, found, places = file.begin, [], [file.begin]
    while True:
        piece = file.slice(place, rows=rows)
        assert len(piece.numbers) <= rows
        for index, number in enumerate(piece.numbers):
            fault = piece.faults.get(index)
            found.append((number, piece.fields[index], fault and (fault.code, fault.details)))
        place = piece.end
        places.append(place)
        if piece.finished:
            return found, places


def written(folder, content, encoding):
    path = folder / "file.csv"
    path.write_bytes(content.encode(encoding))
    return CsvFile(path, encoding=encoding.removesuffix("-sig"))


@settings(max_examples=400, deadline=None)
@given(content=contents(), encoding=ENCODINGS, rows=st.integers(1, 5), piece=st.integers(1, 40))
def test_any_cut_of_a_file_gives_what_one_whole_pass_gives(folder, content, encoding, rows, piece):
    file = written(folder, content, encoding)
    whole, _ = read(file, rows=MANY)
    cut, places = read(file, rows=rows)
    assert cut == whole
    assert places == sorted(places)
    # Blocks of a few bytes end in the middle of characters, of \r\n and of quoted fields.
    block = csv_files.PIECE
    csv_files.PIECE, csv_files.LONGEST_ROW = piece, MANY
    try:
        assert read(file, rows=rows)[0] == whole
    finally:
        csv_files.PIECE, csv_files.LONGEST_ROW = block, block


@settings(max_examples=200, deadline=None)
@given(content=contents(), encoding=ENCODINGS)
def test_the_records_are_those_that_pythons_csv_finds_in_the_decoded_text(folder, content, encoding):
    found, _ = read(written(folder, content, encoding), rows=3)
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    next(reader)
    expected = []
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error:
            expected.append((number, [], "bad_quoting"))
            continue
        if any(fields):
            expected.append((number, fields, None if len(fields) == 3 else "field_count"))
    assert [(number, fields, fault and fault[0]) for number, fields, fault in found] == expected


def test_a_place_is_a_byte_offset_and_a_line(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes('会员号,姓名\r\nu1,"王\n芳"\r\nu2,李\r\n'.encode("gb18030"))
    file = CsvFile(path, encoding="gb18030")
    assert file.begin == Place(13, 2)
    first = file.slice(file.begin, rows=1)
    assert (first.fields, first.end, first.finished) == ([["u1", "王\n芳"]], Place(25, 4), False)
    second = file.slice(first.end, rows=1)
    assert (second.numbers, second.fields, second.finished) == ([4], [["u2", "李"]], True)


def test_a_slice_of_very_long_rows_ends_before_it_has_all_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "PIECE", 100)
    monkeypatch.setattr(csv_files, "SLICE_BYTES", 300)
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + f"{'x' * 40},y\n" * 100)
    file = CsvFile(path)
    piece = file.slice(file.begin, rows=100)
    assert 5 <= len(piece.numbers) <= 12
    assert len(read(file, rows=100)[0]) == 100


def test_a_row_that_never_ends_is_refused_without_reading_all_of_it(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + '"x\n",' * 1_000_000)
    file = CsvFile(path)
    with pytest.raises(FileError, match="begins in line 2 is longer than 1 MB"):
        file.slice(file.begin, rows=10)


def test_titles_differ_though_the_header_repeats_itself(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("金额,,金额,,#2,金额 (2)\n1,2,3,4,5,6\n")
    assert CsvFile(path).titles == ["金额", "#2", "金额 (2)", "#4", "#2 (2)", "金额 (2) (2)"]


@pytest.mark.parametrize(
    ("content", "encoding", "separator"),
    [
        ("uid,name\n", "utf-8", ","),
        ("uid;name\n", "utf-8", ";"),
        ("uid\tname\n", "utf-8", "\t"),
        ("uid\n", "utf-8", ","),
        ('"a;b;c",d\n', "utf-8", ","),
        ("会员号;姓名\n", "gb18030", ";"),
        # "联通" alone is what simple guesses take for UTF-8.
        ("联通\n", "gb18030", ","),
    ],
)
def test_the_encoding_and_the_separator_are_found(tmp_path, content, encoding, separator):
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode(encoding))
    assert csv_checks.detect(path) == csv_checks.Checked(encoding, 1)
    assert csv_checks.detect_separator(path, encoding) == separator


def test_lines_are_counted_over_the_borders_of_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_checks, "PIECE", 7)
    path = tmp_path / "file.csv"
    path.write_bytes("姓名\n王芳\n李雷".encode("gb18030"))
    assert csv_checks.detect(path).lines == 3
    path.write_bytes("姓名\n王芳\n".encode() + b"\xe7\x8e\n")
    with pytest.raises(FileError, match="line 3"):
        csv_checks.detect(path)


def test_only_the_columns_asked_for_are_read(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n")
    file = CsvFile(path)
    piece = file.slice(file.begin, rows=9)
    for columns, row in (
        (["x", "y", "z"], {"x": "1", "y": "2", "z": "3"}),
        (["x", None, "z"], {"x": "1", "z": "3"}),
        ([None, "y", None], {"y": "2"}),
        ([None, None, None], {}),
    ):
        (_, good), (_, bad) = piece.raws(columns)
        assert good == row
        assert isinstance(bad, RowError)


@pytest.mark.parametrize("columns", [csv_files.MOST_COLUMNS, csv_files.MOST_COLUMNS + 1])
def test_a_header_of_countless_columns_is_refused(tmp_path, columns):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(["a"] * columns) + "\n")
    if columns <= csv_files.MOST_COLUMNS:
        assert CsvFile(path).titles[-1] == f"a ({columns})"
    else:
        with pytest.raises(FileError, match="names 501 columns, at most 500"):
            CsvFile(path)
