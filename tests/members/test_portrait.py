"""A member's page: what every room tells of one member, to whom, and at what cost."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import published
from members import portrait
from members.ingest import ingest_orders
from members.models import Level, Member, PaidPeriod
from members.portrait import Figure, Figures, Panel
from members.rows import OrderRow
from rewards.models import Account, Entry, Lot, Unit
from segmentation import member_sets
from tests.members import rich_member
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db
# Session, user, the permissions of the user and of the groups, and Django's content type; then the member with what
# all panels read, what they bought, what they did, and the timeline.
QUERIES = 9
ALL = [
    "view_member",
    "view_order",
    "view_event",
    "view_rfmmodel",
    "view_membertag",
    "view_segment",
    "view_account",
    "view_entry",
    "view_award",
    "view_draw",
    "view_campaign",
    "view_enrolment",
    "view_completion",
]


def staff(client, *permissions):
    user = User.objects.create_user("support", password="support", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def text_of(client, member, *, language="en"):
    answer = client.get(reverse("admin:members_member_change", args=[member.pk]), headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def words_of(client, member, *, language="en"):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(client, member, language=language)))


def forget_everything():
    ContentType.objects.clear_cache()
    member_sets._cache.clear()
    published._kept.clear()


def test_the_page_tells_what_every_room_knows(client):
    words = words_of(staff(client, *ALL), rich_member.make(now=timezone.now()))
    for told in (
        "Ann",
        "Silver",
        "138******78",
        "Pet Otter",
        "Orders 30",
        "300 more until Gold",
        "Loves milk",
        "by hand",
        "Buyers",
        "1 segment without the member",
        "Milk fair",
        "1 task done",
        "Milk for nothing",
        "points 10 0 0 10",
        "Order A-0 paid",
        "Joined Milk fair",
        "Did the task “Check in today”",
        "Drew “Milk for nothing”",
        "+10 points",
        "no level → Silver",
        "R 2 · F 1 · M 1",
    ):
        assert told in words, told


def test_labels_are_in_the_readers_language(client):
    words = words_of(staff(client, *ALL), rich_member.make(now=timezone.now()), language="zh-hans")
    for told in ("宠物 Otter", "银卡", "金卡"):
        assert told in words


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_member_with_nothing_has_a_page_in_nine_queries(client, django_assert_num_queries, language):
    member = Member.objects.create(uid="new")
    staff(client, *ALL)
    forget_everything()
    with django_assert_num_queries(QUERIES):
        words = words_of(client, member, language=language)
    assert "new" in words


def test_a_member_with_thousands_of_rows_has_one_in_nine_queries(client, django_assert_num_queries):
    ann = rich_member.make(now=timezone.now(), orders=1)
    small = len(text_of(staff(client, *ALL), ann))
    with_thousands_of_rows(ann, now=timezone.now())
    forget_everything()
    with django_assert_num_queries(QUERIES):
        text = text_of(client, ann)
    assert "3,001" in text
    # A page of the timeline, more cells and bars; but not a row for each of 6,000 facts.
    assert len(text) < small + 40_000


def with_thousands_of_rows(ann, *, now: datetime):
    rows = [
        OrderRow(
            f"B-{number}",
            "ann",
            now - timedelta(hours=7 * number),
            Decimal(10),
            channel=f"channel {number % 50}",
            payment_method=f"method {number % 40}",
        )
        for number in range(3000)
    ]
    ingest_orders(rows, now=now)
    account = Account.objects.get(member=ann, unit=Unit.objects.get(slug="points"))
    Entry.objects.bulk_create(
        Entry(
            account=account,
            kind="earn",
            amount=1,
            to_balance=1,
            to_earned=1,
            balance_after=number,
            key=f"n{number}",
            reason="reading",
            posted_at=now - timedelta(minutes=number),
        )
        for number in range(3000)
    )


@pytest.mark.parametrize(
    ("missing", "gone"),
    [
        ("view_order", ["Net amount", "Habits", "Order A-0"]),
        ("view_rfmmodel", ["R 2 · F 1"]),
        ("view_membertag", ["Loves milk"]),
        ("view_segment", ["Buyers"]),
        ("view_account", ["Growth value 0", "points 10 0"]),
        ("view_entry", ["+10 points"]),
        ("view_award", ["Was given", "Awards"]),
        ("view_draw", ["Drew"]),
        ("view_campaign", ["1 task done"]),
        ("view_enrolment", ["Campaigns joined", "Joined Milk fair"]),
        ("view_completion", ["Did the task"]),
    ],
)
def test_what_somebody_may_not_see_is_not_on_the_page(client, missing, gone):
    words = words_of(staff(client, *(each for each in ALL if each != missing)), rich_member.make(now=timezone.now()))
    assert [told for told in gone if told in words] == []


def test_what_somebody_may_not_see_is_not_read(client):
    ann = rich_member.make(now=timezone.now())
    staff(client, "view_member")
    with CaptureQueriesContext(connection) as asked:
        text_of(client, ann)
    statements = " ".join(each["sql"] for each in asked)
    for table in ("members_order", "segmentation_", "rewards_", "campaigns_"):
        assert f'FROM "{table}' not in statements
        assert f"FROM {table}" not in statements


def test_nobody_sees_the_page_without_the_permission(client):
    member = Member.objects.create(uid="u1")
    staff(client, "view_order")
    for view in ("change", "timeline"):
        assert client.get(reverse(f"admin:members_member_{view}", args=[member.pk])).status_code == 403


def test_a_member_that_is_not_there_leads_back_to_the_first_page(admin_client):
    answer = admin_client.get(reverse("admin:members_member_change", args=[404]))
    assert answer.status_code == 302


@pytest.fixture
def registry(monkeypatch):
    for name in ("_figures", "_panels", "_sources"):
        monkeypatch.setattr(portrait, name, {})


def test_parts_stand_in_their_order_and_one_registered_again_stands_once(registry, admin_user):
    def figures(name, position):
        return Figures(name=name, position=position, show=lambda _visit: [Figure(name, "1")])

    portrait.register(figures("second", 2), figures("first", 1), figures("second", 2))
    portrait.register(
        Panel(name="only", position=1, title="Only", template="x.html", show=lambda visit: {"uid": visit.member.uid})
    )
    drawn = portrait.draw(Member(uid="u1"), user=admin_user, now=NOW)
    assert [figure.label for figure in drawn.figures] == ["first", "second"]
    assert [panel.context for panel in drawn.panels] == [{"uid": "u1"}]


def test_what_ends_at_a_midnight_is_told_by_its_last_day(admin_client):
    member = Member.objects.create(uid="u1")
    account = Account.objects.create(member=member, unit=Unit.objects.get(slug="points"), balance=30, earned=30)
    midnight = datetime(2099, 5, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    entry = Entry.objects.create(
        account=account, kind="earn", amount=30, to_balance=30, to_earned=30, balance_after=30, key="e", posted_at=NOW
    )
    Lot.objects.create(entry=entry, account=account, amount=30, remaining=30, expires_at=midnight)
    plus = Level.objects.create(slug="plus", name="Plus", kind="paid", rank=9)
    PaidPeriod.objects.create(member=member, level=plus, key="p", starts_at=NOW, bought_at=NOW, ends_at=midnight)
    words = words_of(admin_client, member)
    assert "30 can be used until 2099-04-30" in words
    assert "Plus 2026-11-21 – 2099-04-30 running" in words


def test_a_debt_is_a_warning_at_the_head_of_the_page(admin_client):
    member = Member.objects.create(uid="u1")
    Account.objects.create(member=member, unit=Unit.objects.get(slug="points"), debt=30, pending=12)
    text = text_of(admin_client, member)
    assert '<div class="is-warning"><dt>Points</dt><dd>0<small>12 pending · debt 30</small></dd></div>' in text
