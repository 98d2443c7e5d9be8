from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from operations import bookkeeping, books
from operations.advisory_locks import Work
from operations.models import Book
from tests.operations.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(monkeypatch):
    monkeypatch.setattr(books, "_books", {})
    return books.register


def check(capsys):
    call_command("check_books")
    return capsys.readouterr().out.splitlines()


def test_each_book_is_a_line_with_its_count(register, capsys):
    register("balance = entries", "SELECT 0")
    register("awards = issued", "SELECT count(*) FROM auth_user WHERE false")
    assert check(capsys) == ["awards = issued: 0", "balance = entries: 0"]


def test_the_name_of_every_book_fits_its_row():
    # A longer one would stop the workers' check of all the books.
    longest = Book._meta.get_field("name").max_length
    assert books.names()
    assert [name for name in books.names() if len(name) > longest] == []


def test_one_violation_fails_the_command_and_the_others_are_still_counted(register, capsys):
    register("a", "SELECT 0")
    register("b", "SELECT 2")
    register("c", "SELECT 0")
    with pytest.raises(CommandError, match="1 of 3 books do not balance: b") as failed:
        call_command("check_books")
    assert failed.value.returncode == 1
    assert capsys.readouterr().out.splitlines() == ["a: 0", "b: 2", "c: 0"]


@pytest.mark.parametrize("sql", ["SELECT nothing", "SELECT 1 WHERE false", "SELECT NULL", "SELECT 1/0"])
def test_a_book_that_cannot_be_counted_is_a_violation_too(register, sql):
    register("broken", sql)
    register("sound", "SELECT 0")
    with pytest.raises(CommandError, match="broken"):
        call_command("check_books")
    broken, sound = books.count_violations()
    assert (broken.violations, sound.violations) == (None, 0)
    assert broken.error


def test_the_last_counts_are_kept_for_operators_and_logged(register, caplog):
    Book.objects.create(name="gone", violations=1, checked_at=NOON)
    register("stock", "SELECT 3")
    register("balance", "SELECT 0")
    bookkeeping.check_books(now=NOON)
    assert set(Book.objects.values_list("name", "violations", "checked_at")) == {
        ("stock", 3, NOON),
        ("balance", 0, NOON),
    }
    assert [book.balances for book in Book.objects.order_by("name")] == [True, False]
    assert "'stock' does not balance: 3 violations" in caplog.text
    assert "balance'" not in caplog.text.replace("'stock' does not balance", "")


def test_a_book_of_another_meaning_under_the_same_name_is_refused(register):
    register("stock", "SELECT 3")
    register("stock", "SELECT 3")
    with pytest.raises(ValueError, match="already"):
        register("stock", "SELECT 4")


def test_a_name_that_could_not_be_kept_is_refused_at_once(register):
    register("n" * 100, "SELECT 0")
    with pytest.raises(ValueError, match="at most 100 characters"):
        register("n" * 101, "SELECT 0")


def test_the_check_by_the_clock_keeps_the_count_of_every_book_there_is():
    bookkeeping.check_books(now=NOON)
    assert sorted(Book.objects.values_list("name", flat=True)) == books.names()
    assert not Book.objects.exclude(violations=0).exists()


def test_two_checks_do_not_run_at_once(register, monkeypatch):
    register("stock", "SELECT 3")
    monkeypatch.setattr(bookkeeping, "is_mine", lambda work: work != Work.BOOKKEEPING)
    assert bookkeeping.check_books(now=NOON) == []
    assert not Book.objects.exists()


def test_a_book_rests_a_hundred_times_as_long_as_it_took(register):
    register("quick", "SELECT 0")
    register("slow", "SELECT 1")
    bookkeeping.check_books(now=NOON)
    Book.objects.filter(name="quick").update(took=timedelta(0))
    Book.objects.filter(name="slow").update(took=timedelta(seconds=2))

    def checked(seconds):
        return [count.name for count in bookkeeping.check_books(now=NOON + timedelta(seconds=seconds))]

    assert checked(199) == ["quick"]
    assert Book.objects.get(name="slow").checked_at == NOON
    assert checked(200) == ["quick", "slow"]
    assert Book.objects.get(name="slow").took < timedelta(seconds=2)


def test_a_check_that_has_taken_enough_leaves_the_rest_to_the_next(register, monkeypatch):
    for name in "abc":
        register(name, "SELECT 0")
    monkeypatch.setattr(bookkeeping, "ENOUGH", timedelta(0))
    monkeypatch.setattr(bookkeeping, "REST", 0)
    checks = [bookkeeping.check_books(now=NOON + timedelta(minutes=minute)) for minute in range(4)]
    assert [[count.name for count in counts] for counts in checks] == [["a"], ["b"], ["c"], ["a"]]


def test_a_book_that_takes_too_long_is_a_violation_and_the_others_are_still_counted(register, monkeypatch):
    register("endless", "SELECT 0 FROM pg_sleep(60)")
    register("quick", "SELECT 0")
    monkeypatch.setattr(bookkeeping, "LONGEST", timedelta(milliseconds=50))
    endless, quick = bookkeeping.check_books(now=NOON)
    assert (endless.violations, quick.violations) == (None, 0)
    assert "timeout" in endless.error


def test_the_command_reads_every_book_whether_it_rests_or_not(register, capsys):
    register("slow", "SELECT 0")
    bookkeeping.check_books(now=NOON)
    Book.objects.update(took=timedelta(days=1))
    assert check(capsys) == ["slow: 0"]
