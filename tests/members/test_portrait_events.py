"""What a member's page tells of behaviour events."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import translation

from members import portrait
from members.event_habits import NAMED, Frequent, event_habits_of
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Member
from members.timeline import page_of
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def happened(*events):
    rows = [EventRow(f"E-{number}", "u1", *event) for number, event in enumerate(events)]
    assert ingest_events(rows, now=NOW).rejected == []
    return Member.objects.get(uid="u1")


def test_events_count_for_their_hour_where_the_shop_is():
    # 12:00 in London is 20:00 in Shanghai, on a Saturday.
    member = happened(
        ("view", NOW), ("view", NOW + timedelta(minutes=5)), ("cart", NOW - timedelta(hours=4, seconds=1))
    )
    habits = event_habits_of(member.pk, now=NOW)
    assert habits.hours == {(6, 20): 2, (6, 15): 1}
    assert habits.types == (Frequent("view", 2), Frequent("cart", 1))
    assert (habits.categories, habits.keywords) == ((), ())


def test_only_the_last_90_days_count():
    member = happened(("view", NOW - timedelta(days=90)), ("view", NOW - timedelta(days=89)))
    later = NOW + timedelta(seconds=1)
    assert event_habits_of(member.pk, now=later).types == (Frequent("view", 1),)


def test_the_most_frequent_are_named_and_the_others_are_one_more():
    member = happened(*(("search", NOW, "", "milk", f"word {number:02}") for number in range(NAMED + 2)))
    habits = event_habits_of(member.pk, now=NOW)
    assert habits.categories == (Frequent("milk", NAMED + 2),)
    assert habits.keywords[0] == Frequent("word 00", 1)
    assert habits.keywords[-1] == Frequent(None, 2, 2)


@translation.override("en")
def test_events_are_told_in_words(admin_user):
    member = happened(
        ("view", NOW, "A-1", "milk"),
        ("search", NOW - timedelta(hours=1), "", "", "oat"),
        ("unboxed", NOW - timedelta(hours=2), "A-1"),
    )
    told = [
        (moment.said.words, moment.said.detail)
        for moment in page_of(portrait.sources_for(admin_user), member.pk).moments
    ]
    assert told == [("Viewed A-1", "milk"), ("Searched “oat”", ""), ("Unboxed A-1", "")]


def test_events_are_turned_over_page_by_page(admin_user):
    member = happened(*(("view", NOW - timedelta(minutes=number // 3), f"A-{number}") for number in range(25)))
    sources = portrait.sources_for(admin_user)
    first = page_of(sources, member.pk, limit=10)
    second = page_of(sources, member.pk, before=first.older, limit=10)
    third = page_of(sources, member.pk, before=second.older, limit=10)
    assert third.older is None
    words = [moment.said.words for page in (first, second, third) for moment in page.moments]
    assert len(words) == len(set(words)) == 25


@pytest.mark.parametrize("permitted", [True, False])
def test_events_are_shown_to_whoever_may_see_them(client, permitted):
    member = happened(("view", NOW, "A-1", "milk"))
    user = User.objects.create_user("support", password="support", is_staff=True)
    allowed = ["view_member", "view_event"] if permitted else ["view_member"]
    user.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    client.force_login(user)
    page = client.get(reverse("admin:members_member_change", args=[member.pk]), headers={"Accept-Language": "en"})
    assert ("Viewed A-1" in page.content.decode()) is permitted
    assert ("Behaviour in the last 90 days" in page.content.decode()) is permitted
