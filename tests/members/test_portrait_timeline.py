"""The timeline: every moment once, newest first, whatever the pages, the kinds and the times that are the same."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from members import portrait
from members.ingest import ingest_orders
from members.models import Level, LevelChange, Member, Order, Refund
from members.timeline import BadCursor, Cursor, page_of
from tests.members.shop import NOW, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    """Twelve orders and eight changes of level; four of each at one moment."""
    ingest_orders([order(f"o{number}", days_ago=max(number, 4)) for number in range(12)], now=NOW)
    member = Member.objects.get(uid="u1")
    gold = Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=0)
    LevelChange.objects.bulk_create(
        LevelChange(
            member=member, before=None, after=gold, cause="growth", changed_at=NOW - timedelta(days=max(number, 4))
        )
        for number in range(8)
    )
    ingest_orders([order("other", "u2")], now=NOW)
    return member


def all_pages(sources, member, limit):
    before, moments = None, []
    while True:
        page = page_of(sources, member.pk, before=before, limit=limit)
        assert len(page.moments) <= limit
        moments += page.moments
        if page.older is None:
            return moments
        before = Cursor.read(str(page.older))


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 19, 20, 100])
def test_every_moment_is_told_once_whatever_the_size_of_the_pages(admin_user, member, limit):
    sources = portrait.sources_for(admin_user)
    moments = all_pages(sources, member, limit)
    whole = page_of(sources, member.pk, limit=100).moments
    assert [moment.said for moment in moments] == [moment.said for moment in whole]
    assert len(moments) == 20
    assert [moment.at for moment in moments] == sorted((moment.at for moment in moments), reverse=True)
    assert len({moment.said for moment in moments if moment.source.kind == "order"}) == 12


def test_a_page_takes_one_query(admin_user, member, django_assert_num_queries):
    sources = portrait.sources_for(admin_user)
    with django_assert_num_queries(1):
        page_of(sources, member.pk, limit=5)


def test_one_kind_is_told_alone(admin_user, member):
    (levels,) = [source for source in portrait.sources_for(admin_user) if source.kind == "level"]
    assert {moment.source.kind for moment in all_pages([levels], member, 3)} == {"level"}


def test_without_a_source_nothing_is_told(member, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert page_of([], member.pk).moments == []


def test_refunds_are_told_of_their_orders_member(admin_user, member):
    Order.objects.filter(order_id="o1").update(refunded_amount=4)
    for refund, state in (("R-1", "applied"), ("R-2", "waiting")):
        Refund.objects.create(
            refund_id=refund, order_id="o1", refunded_at=NOW, amount="4.00", line=2, state=state, created_at=NOW
        )
    with override("en"):
        page = page_of(portrait.sources_for(admin_user), member.pk)
    assert [(moment.said.words, moment.said.detail) for moment in page.moments if moment.source.kind == "refund"] == [
        ("Refund of order o1", "−4.00 · line 2")
    ]


@pytest.mark.parametrize(
    "text",
    ["", "x", "2026-11-21T12:00:00~order~1", "yesterday~order~1", "2026-11-21T12:00:00+00:00~order"],
)
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(BadCursor):
        Cursor.read(text)


def test_a_place_in_an_unknown_source_is_refused(admin_user, member):
    with pytest.raises(BadCursor):
        page_of(portrait.sources_for(admin_user), member.pk, before=Cursor(NOW, "dream", "1"))


def timeline(client, member, **asked):
    return client.get(
        reverse("admin:members_member_timeline", args=[member.pk]), asked, headers={"Accept-Language": "en"}
    )


def test_the_timeline_is_asked_for_alone(admin_client, member, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        answer = timeline(admin_client, member, kind="level")
    text = answer.content.decode()
    assert text.startswith("<section")
    assert text.count("no level → Gold") == 8
    assert "Order o1 paid" not in text
    assert 'aria-current="true">Levels' in text


@pytest.mark.parametrize(
    "asked",
    [{"kind": "dream"}, {"before": "x"}, {"kind": "level", "before": f"{NOW.isoformat()}~order~1"}],
)
def test_what_an_address_asks_for_and_there_is_not_is_left_out(admin_client, member, asked):
    answer = timeline(admin_client, member, **asked)
    assert answer.status_code == 200
    assert "no level → Gold" in answer.content.decode()


def test_the_page_turns_to_what_is_older_and_back(admin_client, member):
    ingest_orders([order(f"p{number}", days_ago=20 + number) for number in range(10)], now=NOW)
    newest = timeline(admin_client, member).context["timeline"]
    assert newest.newest is None
    answer = admin_client.get(newest.older.address, headers={"Accept-Language": "en"})
    older = answer.context["timeline"]
    assert "Order p9 paid" in answer.content.decode()
    assert older.older is None
    assert older.newest.address == reverse("admin:members_member_change", args=[member.pk])
