"""Codes by the million: files and generations worked off in slices, each once whatever happens in between."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation

from members.csv_files import FileError
from operations import jobs
from operations.models import AuditRecord, Job
from rewards import code_batches, code_export
from rewards.code_text import LENGTH, Refusal, is_generated
from rewards.codes import NotACoupon
from rewards.models import CodeBatch, CouponCode
from tests.rewards.build import NOW, coupon, gift

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield tmp_path


@pytest.fixture
def voucher():
    return coupon("voucher", codes=0)


def begin(voucher, content, name="codes.txt"):
    content = content.encode() if isinstance(content, str) else content
    return code_batches.begin_import(voucher, ContentFile(content, name=name), by=None, now=NOW)


def files(media):
    return [path for path in Path(media).rglob("*") if path.is_file()]


def work_off():
    """Run the jobs of batches until none is left, as workers do; return how many there were."""
    done = 0
    while job := Job.objects.filter(function=code_batches.SLICE_JOB, state=Job.State.QUEUED).first():
        jobs.run(job.pk)
        done += 1
    return done


def counts(batch):
    batch.refresh_from_db()
    return batch.state, batch.added, batch.known, batch.refused


def texts(voucher):
    return [code.code for code in voucher.codes.order_by("pk")]


def test_a_file_is_read_line_by_line_and_deleted_when_it_is_read(voucher, media):
    batch = begin(voucher, "A1\nA2\r\n\nA3")
    assert len(files(media)) == 1
    work_off()
    assert counts(batch) == ("done", 3, 0, 0)
    assert texts(voucher) == ["A1", "A2", "A3"]
    assert (files(media), batch.file.name, batch.percent) == ([], "", 100)


def test_a_file_goes_in_by_slices_each_a_job(voucher, monkeypatch):
    monkeypatch.setattr(code_batches, "PER_JOB", 2)
    batch = begin(voucher, "".join(f"C{number}\n" for number in range(7)))
    assert work_off() == 4
    assert counts(batch) == ("done", 7, 0, 0)
    assert texts(voucher) == [f"C{number}" for number in range(7)]


@pytest.mark.parametrize(
    "content",
    [
        "code\nA1\nA2\n",
        "\ufeffCode\nA1\nA2\n",
        "名称,券码\n满减,A1\n满减,A2\n",
        "name;coupon code;note\nx;A1;\ny;A2;\n",
        "name\t券码\nx\tA1\ny\tA2\n",
        "名称,券码\n满减,A1\n满减,A2\n".encode("gb18030"),
        "\ufeffA1\nA2\n",
        '"A1"\n"A2"\n',
    ],
)
def test_the_column_of_codes_is_found_by_its_title_whatever_the_file_is(voucher, content):
    begin(voucher, content, "codes.csv")
    work_off()
    assert texts(voucher) == ["A1", "A2"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("A1,x\nA2,y\n", "none of them is called"),
        ("code\n", "no codes in the file"),
        ("code", "no codes in the file"),
        ("\n", "empty"),
        (b"PK\x03\x04zip", "Excel workbook"),
        (b"\xff\xfeA\x001\x00", "UTF-16"),
    ],
)
def test_a_file_without_codes_is_refused_in_words_and_not_kept(voucher, media, content, fault):
    with pytest.raises(FileError, match=fault):
        begin(voucher, content)
    assert files(media) == []
    assert not CodeBatch.objects.exists()


def test_only_coupons_with_codes_of_their_own_take_files_and_generations(media):
    shared = gift("shared", "shared_coupon")
    with pytest.raises(NotACoupon):
        begin(shared, "A1")
    with pytest.raises(NotACoupon):
        code_batches.begin_generation(shared, 5, by=None, now=NOW)
    assert files(media) == []


def test_lines_are_refused_with_their_numbers_and_reasons_and_good_ones_stay(voucher):
    batch = begin(voucher, "code,note\nA1,x\nA 2,x\nA3\nA1,again\n" + "x" * 51 + ",x\nA4,x\n", "codes.csv")
    work_off()
    assert counts(batch) == ("done", 2, 1, 3)
    assert texts(voucher) == ["A1", "A4"]
    assert batch.refusals == [[3, Refusal.NO_CODE], [4, Refusal.UNREADABLE], [6, Refusal.TOO_LONG]]


def test_refused_lines_beyond_the_first_are_counted_only(voucher, monkeypatch):
    monkeypatch.setattr(code_batches, "KEPT_REFUSALS", 3)
    monkeypatch.setattr(code_batches, "PER_JOB", 2)
    batch = begin(voucher, "bad code\n" * 8)
    work_off()
    assert counts(batch) == ("done", 0, 0, 8)
    assert [line for line, _why in batch.refusals] == [1, 2, 3]


def test_importing_a_file_again_adds_nothing(voucher):
    begin(voucher, "A1\nA2\n")
    work_off()
    again = begin(voucher, "A2\nA1\nA3\n")
    work_off()
    assert counts(again) == ("done", 1, 2, 0)


class Killed(BaseException):
    """As a worker that is killed in the middle of its transaction."""


def test_a_slice_that_is_killed_has_not_happened_and_is_done_by_the_next_worker(voucher, monkeypatch):
    monkeypatch.setattr(code_batches, "PER_JOB", 3)
    batch = begin(voucher, "".join(f"C{number}\n" for number in range(10)))
    enqueue, killed = code_batches._enqueue, []

    def kill_first(*given):
        enqueue(*given)
        if not killed:
            killed.append(1)
            raise Killed

    monkeypatch.setattr(code_batches, "_enqueue", kill_first)
    with pytest.raises(Killed):
        code_batches.work(batch.pk, position=0, most=3, now=NOW)
    assert (texts(voucher), counts(batch)[1]) == ([], 0)
    work_off()
    assert counts(batch) == ("done", 10, 0, 0)
    assert texts(voucher) == [f"C{number}" for number in range(10)]


def test_a_slice_that_comes_twice_happens_once(voucher):
    batch = begin(voucher, "A1\nA2\n")
    for _again in range(2):
        code_batches.work(batch.pk, position=0, most=1, now=NOW)
    assert counts(batch) == ("running", 1, 0, 0)


def test_a_file_that_a_crash_has_left_is_deleted_by_the_sweep(voucher, media, monkeypatch):
    batch = begin(voucher, "A1\n")
    monkeypatch.setattr(code_batches, "_delete_file", lambda _batch: None)
    work_off()
    monkeypatch.undo()
    batch.refresh_from_db()
    assert len(list(Path(batch.file.storage.location).rglob("*.txt"))) == 1
    code_batches.tidy(now=LATER)
    assert list(Path(batch.file.storage.location).rglob("*.txt")) == []
    batch.refresh_from_db()
    assert batch.file.name == ""


def test_a_file_that_is_gone_fails_the_batch_which_can_be_resumed_when_it_is_back(voucher, media):
    batch = begin(voucher, "A1\nA2\n")
    (path,) = files(media)
    kept = path.read_bytes()
    path.unlink()
    work_off()
    assert counts(batch)[0] == "failed"
    assert batch.error
    path.write_bytes(kept)
    code_batches.resume(batch, by=None, now=LATER)
    work_off()
    assert counts(batch) == ("done", 2, 0, 0)


def test_a_batch_that_workers_gave_up_is_said_to_have_failed(voucher):
    batch = begin(voucher, "A1\n")
    Job.objects.update(state="dead", error="Traceback\nOSError: no space left")
    code_batches.tidy(now=LATER)
    assert counts(batch)[0] == "failed"
    assert batch.error == "OSError: no space left"


def test_a_slice_that_nobody_knows_of_is_asked_for_again(voucher):
    batch = begin(voucher, "A1\n")
    Job.objects.all().delete()
    code_batches.tidy(now=LATER)
    work_off()
    assert counts(batch) == ("done", 1, 0, 0)


def test_what_failed_is_cancelled_after_its_time_and_its_file_deleted(voucher, media):
    batch = begin(voucher, "A1\n")
    code_batches._fail(batch, "no", now=NOW)
    code_batches.tidy(now=NOW + code_batches.KEEP_FAILED)
    assert len(files(media)) == 1
    code_batches.tidy(now=NOW + code_batches.KEEP_FAILED + timedelta(seconds=1))
    assert (counts(batch)[0], files(media)) == ("cancelled", [])
    with pytest.raises(code_batches.NotPossible):
        code_batches.resume(batch, by=None, now=LATER)


def test_cancelling_keeps_what_came_in_and_deletes_the_file(voucher, media):
    batch = begin(voucher, "A1\nA2\n")
    code_batches.work(batch.pk, position=0, most=1, now=NOW)
    code_batches.cancel(batch, by=None, now=LATER)
    work_off()
    assert (counts(batch), texts(voucher), files(media)) == (("cancelled", 1, 0, 0), ["A1"], [])


def test_codes_are_generated_in_slices_all_different(voucher, monkeypatch):
    monkeypatch.setattr(code_batches, "PER_JOB", 400)
    batch = code_batches.begin_generation(voucher, 1_000, by=None, now=NOW)
    assert work_off() == 3
    assert counts(batch) == ("done", 1_000, 0, 0)
    made = texts(voucher)
    assert len(set(made)) == 1_000
    assert all(is_generated(code) and len(code) == LENGTH + 3 for code in made)


def test_the_same_chance_generates_the_same_codes(voucher):
    other = coupon("other", codes=0)
    for each in (voucher, other):
        batch = code_batches.begin_generation(each, 5, by=None, now=NOW)
        code_batches.work(batch.pk, position=0, most=5, now=NOW, chance=random.Random(7).randbytes)
    assert texts(voucher) == texts(other)


def test_a_chance_that_repeats_itself_is_no_chance(voucher):
    def zeros(length):
        return bytes(length)

    batch = code_batches.begin_generation(voucher, 3, by=None, now=NOW)
    code_batches.work(batch.pk, position=0, most=3, now=NOW, chance=zeros)
    assert counts(batch)[:2] == ("running", 1)
    with pytest.raises(code_batches.NoNewCode):
        code_batches.work(batch.pk, position=1, most=3, now=NOW, chance=zeros)


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_no_more_than_a_million_are_generated_at_once(voucher, count):
    with pytest.raises(ValueError, match="codes at once"):
        code_batches.begin_generation(voucher, count, by=None, now=NOW)


def test_generated_codes_go_out_as_a_file_that_comes_in_again(voucher, admin_user):
    batch = code_batches.begin_generation(voucher, 7, by=admin_user, now=NOW)
    work_off()
    batch.refresh_from_db()
    content = "".join(code_export.export(batch, by=admin_user, now=LATER))
    assert content.splitlines() == ["code", *texts(voucher)]
    record = AuditRecord.objects.get(action="code_batch.exported")
    assert (record.actor, record.changes) == (admin_user, {"codes": [None, 7]})
    again = begin(voucher, content)
    work_off()
    assert counts(again) == ("done", 0, 7, 0)


def test_a_batch_is_on_record_from_beginning_to_end_without_a_code(voucher, admin_user):
    batch = code_batches.begin_import(voucher, ContentFile(b"SECRET-1\n", name="mine.txt"), by=admin_user, now=NOW)
    work_off()
    begun, done = AuditRecord.objects.filter(target_id=str(batch.pk)).order_by("pk")
    assert begun.changes == {"gift": [None, "voucher"], "file": [None, "mine.txt"]}
    assert done.changes == {"added": [None, 1], "known": [None, 0], "refused": [None, 0]}
    assert {begun.actor, done.actor} == {admin_user}
    told = f"{list(AuditRecord.objects.values())}{list(Job.objects.values())}{list(CodeBatch.objects.values())}"
    assert "SECRET" not in told


def test_a_transaction_that_fails_after_beginning_leaves_no_batch(voucher):
    with transaction.atomic():
        code_batches.begin_generation(voucher, 3, by=None, now=NOW)
        transaction.set_rollback(True)
    assert not Job.objects.filter(function=code_batches.SLICE_JOB).exists()
    assert not CouponCode.objects.exists()
