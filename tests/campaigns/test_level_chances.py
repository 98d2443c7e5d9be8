"""Draws that a level brings: once in each period, to a member who takes part and comes by."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import playing
from campaigns.periods import period_key
from campaigns.refusals import Refusal, Refused
from campaigns.subjects import load_subject
from members import participants
from members.models import Level
from rewards.chances import chances_left
from rewards.models import ChanceGrant
from tests.campaigns.scenes import DAY, NOW, make_member, publish, task

pytestmark = pytest.mark.django_db
SCOPE = "campaign:autumn"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def make_level(slug="gold", count=2, period="day", rank=1):
    fields = {"kind": "paid", "extra_chances": count, "extra_chances_period": period}
    return Level.objects.create(slug=slug, name=slug, rank=rank, **fields)


@pytest.fixture
def ann():
    publish(tasks=[task("check-in", period="daily")])
    return make_member(level=make_level())


def come_by(member, now=NOW):
    playing.enter_task(member, "autumn", "check-in", now=now)
    return chances_left(member.pk, SCOPE)


@pytest.mark.parametrize(
    ("period", "moment", "key"),
    [
        ("day", datetime(2026, 11, 21, 15, 59, tzinfo=UTC), "2026-11-21"),
        ("day", datetime(2026, 11, 21, 16, tzinfo=UTC), "2026-11-22"),
        ("week", datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "2026-W47"),
        ("week", datetime(2026, 11, 22, 16, tzinfo=UTC), "2026-W48"),
        ("week", datetime(2027, 1, 2, tzinfo=UTC), "2026-W53"),
        ("month", datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "2026-11"),
        ("month", datetime(2026, 11, 30, 16, tzinfo=UTC), "2026-12"),
    ],
)
def test_periods_are_those_of_the_time_zone(period, moment, key):
    assert period_key(period, moment, SHANGHAI) == key


def test_who_enters_has_the_draws_of_the_level_once_a_day(ann):
    assert [come_by(ann), come_by(ann, NOW + timedelta(hours=1)), come_by(ann, NOW + DAY)] == [2, 2, 4]


@pytest.mark.parametrize(
    ("period", "after_a_day", "after_a_week", "after_a_month"), [("week", 2, 4, 6), ("month", 2, 2, 4)]
)
def test_a_week_and_a_month_bring_them_once_too(period, after_a_day, after_a_week, after_a_month):
    publish(closes_at="2027-02-01T00:00:00Z")
    ann = make_member(level=make_level(period=period))
    days = (0, 1, 7, 31)
    assert [come_by(ann, NOW + days_later * DAY) for days_later in days] == [
        2,
        after_a_day,
        after_a_week,
        after_a_month,
    ]


def test_a_draw_brings_what_is_due_before_it_is_made(ann):
    come_by(ann)
    tomorrow = NOW + DAY
    drawn = playing.draw(ann.uid, "autumn", request_key="1", roll=0, now=tomorrow)
    assert drawn.chances_left == 3


def test_who_does_not_take_part_has_none(ann):
    with pytest.raises(Refused) as refused:
        playing.draw(ann.uid, "autumn", request_key="1", roll=0, now=NOW)
    assert refused.value.refusal is Refusal.NO_CHANCE
    assert not ChanceGrant.objects.exists()


def test_a_campaign_without_a_draw_brings_none():
    publish(pools=[])
    assert come_by(make_member(level=make_level())) == 0


def test_who_rises_within_a_day_has_had_that_days_draws(ann):
    come_by(ann)
    ann.level = make_level("platinum", count=5, rank=2)
    ann.save()
    assert [come_by(ann), come_by(ann, NOW + DAY)] == [2, 7]


def test_to_and_fro_between_a_day_and_a_week_gives_each_once(ann):
    daily, weekly = ann.level, make_level("weekly", count=10, period="week", rank=2)
    held = []
    for level in (daily, weekly, daily, weekly):
        ann.level = level
        ann.save()
        held.append(come_by(ann))
    assert held == [2, 12, 12, 12]


def test_a_visit_brings_them_and_the_next_costs_no_query_more(ann, client, django_assert_num_queries):
    sign_in(client, ann)
    client.get("/h5/c/autumn/draw/")
    assert chances_left(ann.pk, SCOPE) == 2
    with django_assert_num_queries(2):  # member, facts: as for a member whose level brings none
        client.get("/h5/c/autumn/draw/")


def sign_in(client, member):
    from django.http import HttpResponse
    from django.test import RequestFactory

    response = HttpResponse()
    participants.sign_in(response, member, RequestFactory().get("/"))
    client.cookies[participants.COOKIE] = response.cookies[participants.COOKIE].value


def test_what_is_due_is_known_from_the_one_query_of_facts(ann, django_assert_num_queries):
    from campaigns import published

    definition = published.definition_of("autumn")
    come_by(ann)
    with django_assert_num_queries(1):
        assert load_subject(ann, definition, now=NOW).level_chances is None
    assert load_subject(ann, definition, now=NOW + DAY).level_chances == ("2026-11-12", 2)
