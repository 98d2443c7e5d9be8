"""Lists of uids as people save them: pasted, as text, as CSV, in any encoding; what is nobody is told with its line."""

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from members.csv_files import FileError
from members.models import Member
from operations.models import AuditRecord
from segmentation import member_sets, uid_lists
from segmentation.models import MemberSet, UidList
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def ids() -> dict[str, int]:
    uids = ["u1", "u2", "王芳", "a,b", "=x", "U1"]
    return {member.uid: member.pk for member in Member.objects.bulk_create(Member(uid=uid) for uid in uids)}


def bring(text: str = "", content: bytes | None = None) -> UidList:
    file = ContentFile(content, name="list.csv") if content is not None else None
    return uid_lists.bring(text, file, by=None, now=NOW)


def named(found: UidList) -> set[str]:
    return set(Member.objects.filter(pk__in=member_sets.load(found.members_id)).values_list("uid", flat=True))


@pytest.mark.parametrize(
    ("content", "uids"),
    [
        (b"u1\nu2\n", {"u1", "u2"}),
        (b"u1\r\nu2", {"u1", "u2"}),
        (b"\xef\xbb\xbfu1\r\nu2\r\n", {"u1", "u2"}),
        (b"\xef\xbb\xbfuid\r\nu1\r\n", {"u1"}),
        (b"uid,name\nu1,x\nu2,y\n", {"u1", "u2"}),
        (b"name;uid\nx;u1\n", {"u1"}),
        ("会员ID\n王芳\nu1\n".encode("gb18030"), {"王芳", "u1"}),
        ("姓名,会员号\n王,u1\n".encode("gbk"), {"u1"}),
        ("王芳\n".encode(), {"王芳"}),
        (b'"u1"\n"u2"\n', {"u1", "u2"}),
        (b'uid,x\n"a,b",1\n', {"a,b"}),
        (b"\n  u1  \n\n\nu2\n", {"u1", "u2"}),
        (b"'=x\nu1\n", {"=x", "u1"}),
        (b"u1\n", {"u1"}),
    ],
)
def test_a_file_is_read_as_people_save_it(ids, content, uids):
    found = bring(content=content)
    assert named(found) == uids
    assert (found.known, found.unknown, found.repeated, found.rejects) == (len(uids), 0, 0, "")


def test_what_is_pasted_and_the_file_are_one_list(ids):
    assert named(bring("u1\n", b"u2\n")) == {"u1", "u2"}


def test_unknown_repeated_and_unreadable_lines_are_told(ids):
    found = bring("uid\nu1\nnobody\nu1\n=nobody\n" + "x" * 101 + "\nu2\nu\x07\n")
    assert (found.lines, found.known, found.repeated, found.unknown) == (7, 2, 1, 4)
    assert found.rejects.splitlines() == [
        "line,uid,reason",
        "3,nobody,there is no such member",
        '4,u1,"repeated, first in line 2"',
        "5,'=nobody,there is no such member",
        f"6,{'x' * 100},not a uid",
        "8,u\x07,not a uid",
    ]
    assert AuditRecord.objects.get().action == "uid_list.uploaded"


def test_an_erased_member_is_unknown(ids):
    Member.objects.filter(uid="u1").update(erased_at=NOW)
    assert (bring("u1\nu2").known, bring("u1\nu2").unknown) == (1, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no uid in it"),
        (b"uid\n\n", "no uid in it"),
        (b"PK\x03\x04...", "Excel workbook"),
        (b"\xff\xfeu\x001\x00", "Unicode text"),
        (b"\x81", "neither in UTF-8 nor in GB18030"),
    ],
)
def test_what_is_no_list_is_refused_and_nothing_is_kept(ids, content, said):
    with pytest.raises(FileError, match=said):
        bring(content=content)
    assert not UidList.objects.exists()
    assert not MemberSet.objects.exists()


def test_too_many_uids_are_refused(ids, monkeypatch):
    monkeypatch.setattr(uid_lists, "MOST_UIDS", 2)
    bring("u1\nu2\nu1")
    for too_many in ("u1\nu2\nu3", "u1\nu1\nu1\nu1"):
        with pytest.raises(FileError, match="More than 2 uids"):
            bring(too_many)


def test_a_file_that_is_too_large_is_refused_unread(ids, monkeypatch):
    monkeypatch.setattr(uid_lists, "LARGEST_MB", 0)
    with pytest.raises(FileError, match="larger than 0 MB"):
        bring(content=b"u1")


def test_what_lists_could_not_find_is_forgotten_in_time_and_with_the_member(ids):
    bring("u1\nu1\nnobody")
    bring("u2\nnobody")
    uid_lists.forget_uid("u1")
    assert [bool(each.rejects) for each in UidList.objects.order_by("pk")] == [False, True]
    assert uid_lists.forget_rejects(before=NOW) == 0
    assert uid_lists.forget_rejects(before=NOW.replace(year=2027)) == 1
    assert list(UidList.objects.order_by("pk").values_list("unknown", flat=True)) == [1, 1]
