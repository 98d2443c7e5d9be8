"""The H5 page of my level."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from members import standing
from members.level_words import benefits_of, needed_for
from members.models import Level
from members.participants import sign_in
from tests.members.levels import new_member, short_ladder

pytestmark = pytest.mark.django_db

LEVEL = "/h5/me/level/"


@pytest.fixture
def ann():
    levels = short_ladder()
    levels["gold"].name, levels["gold"].name_en = "黄金会员", "Gold member"
    levels["gold"].points_multiplier, levels["gold"].extra_chances = Decimal("1.50"), 2
    levels["gold"].benefits, levels["gold"].benefits_en = "生日礼遇\n专属客服", "A birthday gift\nYour own hotline"
    levels["gold"].save()
    return new_member()


@pytest.fixture
def visitor(client, ann, settings):
    settings.SECURE_SSL_REDIRECT = False
    answer = HttpResponse()
    sign_in(answer, ann, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def test_a_stranger_is_told_how_to_get_in(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    assert client.get(LEVEL).status_code == 403


def test_my_level_the_way_to_the_next_and_what_each_brings(visitor, ann):
    now = timezone.now()
    standing.follow_growth(ann.pk, growth=140, now=now, cause="growth")
    text = visitor.get(LEVEL).text
    assert "360 more growth value to reach Gold member" in text
    assert 'value="10"' in text
    assert "Reviewed on" in text
    assert "A birthday gift" in text
    assert "1.5 × points for each purchase" in text
    assert "2 extra draw chances a day" in text
    assert "growth earned" in text
    assert "生日礼遇" not in text


def test_readers_of_chinese_are_told_in_chinese(visitor, ann):
    visitor.cookies["django_language"] = "zh-hans"
    text = visitor.get(LEVEL).text
    assert "黄金会员" in text
    assert "专属客服" in text
    assert "Gold member" not in text


def test_paid_levels_are_shown_until_they_end(visitor, ann):
    now = timezone.now()
    plus = Level.objects.get(slug="plus")
    standing.buy_level(ann, plus, key="1", order_id="A", now=now - timedelta(days=90))
    assert "Paid from" not in visitor.get(LEVEL).text
    standing.buy_level(ann, plus, key="2", order_id="B", now=now)
    standing.buy_level(ann, plus, key="3", order_id="C", now=now)
    assert visitor.get(LEVEL).text.count("Paid from") == 2


def test_the_page_takes_five_queries(visitor, ann, django_assert_num_queries):
    standing.follow_growth(ann.pk, growth=500, now=timezone.now(), cause="growth")
    visitor.get(LEVEL)
    with django_assert_num_queries(5):  # member, levels, standing, paid periods, history
        visitor.get(LEVEL)


def test_the_account_leads_to_it_and_it_leads_back(visitor):
    assert 'href="/h5/me/level/?c=autumn&amp;t=0958d9"' in visitor.get("/h5/me/?c=autumn&t=0958d9").text
    page = visitor.get(LEVEL + "?c=autumn&t=0958d9").text
    assert 'href="/h5/me/?c=autumn&amp;t=0958d9"' in page
    assert 'href="/h5/c/autumn/"' in page
    assert "<script>" not in visitor.get(LEVEL + "?c=<script>").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"growth_needed": 0, "valid_months": 12}, "for every member"),
        ({"growth_needed": 12000}, "from 12,000 growth value"),
        ({"growth_needed": 500, "valid_months": 12}, "from 500 growth value · valid for 12 months"),
        ({"kind": "paid", "valid_months": 1}, "paid · valid for 1 month"),
    ],
)
def test_how_a_level_is_reached(fields, words):
    with override("en"):
        assert needed_for(Level(**fields)).replace("\xa0", ",") in {words, words.replace(",", "")}


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({}, []),
        ({"points_multiplier": Decimal("2.00")}, ["2 × points for each purchase"]),
        ({"points_multiplier": Decimal("10.00")}, ["10 × points for each purchase"]),
        ({"extra_chances": 1, "extra_chances_period": "week"}, ["1 extra draw chance a week"]),
        ({"extra_chances": 3, "extra_chances_period": "month"}, ["3 extra draw chances a month"]),
        ({"benefits": "一\n\n 二 "}, ["一", "二"]),
    ],
)
def test_what_a_level_brings(fields, lines, settings):
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        assert benefits_of(Level(**fields)) == lines
