"""Facts for measuring agree with each other."""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from members.models import Event, Level, Member, Order, OrderItem
from operations.books import count_violations
from tests.members.shop import stored_totals, summed_totals

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(capsys):
    call_command("generate_facts", members=200, orders=2_000, events=3_000, seed=7)
    return capsys.readouterr().out


def test_as_many_are_made_as_were_asked_for(facts):
    assert facts == "members 200, orders 2000, events 3000, seed 7\n"
    assert (Member.objects.count(), Order.objects.count()) == (200, 2_000)
    assert Level.objects.filter(member__isnull=False).distinct().count() == 3
    assert 600 < OrderItem.objects.count() < 1_400


def test_totals_agree_with_the_facts_and_ids_go_on_after_them(facts):
    assert stored_totals() == summed_totals()
    wrong = [book for book in count_violations() if book.name.startswith("members") and book.violations != 0]
    assert wrong == []
    assert Member.objects.create(uid="next").pk > Member.objects.exclude(uid="next").latest("pk").pk


def test_the_same_seed_gives_the_same_shop(facts):
    first = list(Order.objects.order_by("order_id").values_list("order_id", "member__uid", "amount"))
    Event.objects.all()._raw_delete(using="default")
    Order.objects.all().delete()
    Member.objects.all().delete()
    connection.check_constraints()
    call_command("generate_facts", members=200, orders=2_000, seed=7)
    assert list(Order.objects.order_by("order_id").values_list("order_id", "member__uid", "amount")) == first


def test_a_shop_with_members_is_left_alone():
    Member.objects.create(uid="u1")
    with pytest.raises(CommandError):
        call_command("generate_facts", members=1, orders=1)
    assert Member.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"members": 0}, {"orders": -1}, {"events": -1}, {"seed": -1}])
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(CommandError):
        call_command("generate_facts", **wrong)


def test_events_have_types_categories_and_the_rhythm_of_days(facts):
    events = list(Event.objects.all())
    assert len(events) == 3_000
    kinds = Counter(event.type for event in events)
    assert set(kinds) == {"view", "click", "search", "favourite", "cart", "share", "login"}
    assert kinds.most_common(1)[0][0] == "view"
    assert all(event.category and event.keyword for event in events if event.type == "search")
    local = [event.occurred_at.astimezone(ZoneInfo("Asia/Shanghai")) for event in events]
    hours = Counter(moment.hour for moment in local)
    assert sum(hours[hour] for hour in (19, 20, 21, 22)) > 10 * sum(hours[hour] for hour in (2, 3, 4, 5))
    weekdays = Counter(moment.weekday() for moment in local)
    assert weekdays[5] + weekdays[6] > weekdays[0] + weekdays[1]
    assert max(local) < timezone.now() < min(local) + timedelta(days=732)
