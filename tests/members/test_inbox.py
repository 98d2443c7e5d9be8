"""What members are told: once, each their own, in the language they read."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.translation import override

from members import erasing, inbox, inbox_kinds
from members.models import InboxMessage, Member
from members.participants import sign_in
from operations.jobs import NotInTransaction

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
INBOX = "/h5/me/inbox/"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ann():
    return Member.objects.create(uid="ann", name="Ann")


@pytest.fixture
def visitor(client, ann, settings):
    settings.SECURE_SSL_REDIRECT = False
    answer = HttpResponse()
    sign_in(answer, ann, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def letter(member, key="hello", link="", title="Good news", **more):
    return inbox.Message(member.pk, inbox_kinds.TEXT, key, {"title": title, **more}, link)


def told(*messages, now=NOW):
    inbox.put(messages, now=now)
    return InboxMessage.objects.order_by("-pk").first()


def shown(answer):
    return answer.content.decode()


# Writing


def test_the_same_is_told_once_to_each_member(ann):
    bob = Member.objects.create(uid="bob")
    assert inbox.put([letter(ann), letter(bob), letter(ann, "other")], now=NOW) == 3
    assert inbox.put([letter(ann), letter(bob)], now=NOW) == 0


def test_who_was_erased_is_told_nothing(ann):
    erasing.erase(ann.pk, by=None, reason="asked for", now=NOW)
    assert inbox.put([letter(ann)], now=NOW) == 0


@pytest.mark.parametrize("wrong", [{"kind": "unheard-of"}, {"link": "https://elsewhere.example/"}])
def test_unknown_kinds_and_links_to_elsewhere_are_refused(ann, wrong):
    values = {"kind": inbox_kinds.TEXT, "link": ""} | wrong
    with pytest.raises(ValueError, match=r"registered|pages"):
        inbox.put([inbox.Message(ann.pk, values["kind"], "k", {"title": "x"}, values["link"])], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_message_is_part_of_the_transaction_of_what_it_tells(ann):
    with pytest.raises(NotInTransaction):
        inbox.put([letter(ann)], now=NOW)
    with transaction.atomic():
        inbox.put([letter(ann)], now=NOW)
        transaction.set_rollback(True)
    assert not InboxMessage.objects.exists()


def test_any_number_is_written_by_one_statement(ann, django_assert_num_queries):
    with django_assert_num_queries(1):
        inbox.put([letter(ann, f"k{number}") for number in range(50)], now=NOW)


def test_what_is_older_than_it_is_kept_goes(ann, settings):
    settings.INBOX_KEEP_DAYS = 10
    told(letter(ann, "old"), now=NOW - timedelta(days=11))
    told(letter(ann, "young"), now=NOW - timedelta(days=9))
    assert inbox.forget_old(now=NOW) == 1
    assert InboxMessage.objects.get().key == "young"


# Words


def test_each_reader_has_their_own_language(ann):
    message = told(letter(ann, title="你好", title_en="Hello", text="欢迎", text_en="Welcome"))
    with override("en"):
        assert inbox_kinds.words_of(message.kind, message.params) == ("Hello", "Welcome")
    with override("zh-hans"):
        assert inbox_kinds.words_of(message.kind, message.params) == ("你好", "欢迎")


@pytest.mark.parametrize("code", ["gone", inbox_kinds.TEXT])
def test_a_message_that_nobody_can_say_any_more_does_not_break_the_page(code):
    with override("en"):
        assert inbox_kinds.words_of(code, {}).title == "A message from the shop"


# The pages


def test_messages_stand_by_day_the_newest_first(visitor, ann):
    for days, title in [(3, "Third"), (1, "Second"), (0, "First")]:
        told(letter(ann, title, title=title), now=NOW - timedelta(days=days))
    page = shown(visitor.get(INBOX))
    places = [page.index(words) for words in ("Today", "First", "Yesterday", "Second", "Nov. 18, 2026", "Third")]
    assert places == sorted(places)


def test_nothing_of_another_member_is_shown_opened_or_marked(visitor, ann):
    bob = Member.objects.create(uid="bob")
    theirs = told(letter(bob, title="For Bob", link="/h5/mall/"))
    assert "For Bob" not in shown(visitor.get(INBOX))
    assert visitor.get(f"{INBOX}{theirs.pk}/").status_code == 404
    visitor.post(f"{INBOX}read/", {"up_to": theirs.pk})
    assert InboxMessage.objects.get().read_at is None


def test_a_tap_marks_it_as_read_and_leads_on_with_the_way_back(visitor, ann):
    message = told(letter(ann, link="/h5/me/points/"))
    answer = visitor.get(f"{INBOX}{message.pk}/?c=autumn&t=d4380d")
    assert answer["Location"] == "/h5/me/points/?c=autumn&t=d4380d"
    message.refresh_from_db()
    assert message.read_at == NOW


def test_a_message_without_a_link_is_a_page_of_its_own_and_its_text_stays_text(visitor, ann):
    message = told(letter(ann, title="<b>Bold</b>", text="One\n\n<script>alert(1)</script>"))
    page = shown(visitor.get(f"{INBOX}{message.pk}/"))
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<script>alert" not in page


def test_all_that_was_shown_is_marked_as_read_and_nothing_newer(visitor, ann):
    seen = told(letter(ann, "seen"))
    told(letter(ann, "unseen"), now=NOW + timedelta(seconds=1))
    page = shown(visitor.post(f"{INBOX}read/", {"up_to": seen.pk}, follow=True))
    assert "1 message is marked as read." in page
    assert list(InboxMessage.objects.filter(read_at=None).values_list("key", flat=True)) == ["unseen"]


def test_pages_follow_each_other_without_a_gap(visitor, ann):
    for number in range(65):
        told(letter(ann, f"k{number}", title=f"Letter {number:02}"), now=NOW - timedelta(minutes=number % 7))
    found, address = [], INBOX
    while address:
        page = visitor.get(address)
        found += [each.words.title for _day, rows in page.context["days"] for each in rows]
        address = f"{INBOX}?before={before}" if (before := page.context["next_before"]) else ""
    assert len(found) == 65
    assert set(found) == {f"Letter {number:02}" for number in range(65)}


def test_the_number_on_mine_costs_no_statement_of_its_own(visitor, ann, django_assert_num_queries):
    for number in range(3):
        told(letter(ann, f"k{number}"))
    with django_assert_num_queries(1):
        page = shown(visitor.get("/h5/me/privacy/"))
    assert "Unread messages: </span>3<" in page
    with django_assert_num_queries(2):
        visitor.get(INBOX)


def test_an_empty_inbox_says_what_will_be_in_it(visitor):
    page = shown(visitor.get(INBOX))
    assert "No messages yet" in page
    assert "Mark all as read" not in page


@pytest.mark.parametrize("address", [INBOX, f"{INBOX}1/", "/h5/me/privacy/", "/h5/"])
def test_who_is_not_signed_in_is_told_how_to_get_in(client, settings, address):
    settings.SECURE_SSL_REDIRECT = False
    answer = client.get(address, headers={"accept-language": "en"})
    assert (answer.status_code, "How to get in" in shown(answer)) == (403, True)


def test_whoever_signs_out_is_nobody_and_leaves_nothing(visitor):
    visitor.post("/h5/me/privacy/", {"profiling": "refuse"})
    answer = visitor.post("/h5/me/leave/", follow=True)
    assert answer.redirect_chain == [("/h5/", 302)]
    page = shown(answer)
    assert "You are signed out." in page
    assert "Your choice is kept" not in page
    assert visitor.get(INBOX).status_code == 403
    assert visitor.get("/h5/me/leave/").status_code == 405
