"""What is mine: balances, level and prizes."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from members.models import Level, Member
from members.participants import sign_in
from rewards import awards, ledger
from rewards.models import Entry, Unit
from rewards.points_history import WORDINGS
from tests.rewards import build

pytestmark = pytest.mark.django_db

ME = "/h5/me/"


@pytest.fixture
def ann():
    return Member.objects.create(uid="ann", name="Ann <b>")


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
    assert client.get(ME).status_code == 403


def test_balances_and_the_way_to_the_next_level(visitor, ann):
    now = timezone.now()
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=500)
    ledger.post_entry(ann.pk, "points", amount=1280, key="p", reason="gift", now=now)
    ledger.post_entry(ann.pk, "growth", amount=120, key="g", reason="gift", now=now)
    text = visitor.get(ME).text
    assert "1280" in text
    assert "380 more growth value to reach Gold" in text


def test_the_newest_five_prizes_are_listed_and_the_way_to_all_of_them(visitor, ann):
    gift = build.coupon("milk", 6, face_value=20, threshold=100)
    for number in range(5):
        awards.grant_award(gift, ann.pk, key=str(number), source="test", now=timezone.now())
    text = visitor.get(ME).text
    assert text.count('class="award ') == 5
    assert "¥20 off when you spend ¥100" in text
    assert "milk-" not in text
    awards.grant_award(gift, ann.pk, key="5", source="test", now=timezone.now())
    text = visitor.get(ME).text
    assert (text.count('class="award '), "All prizes" in text) == (5, True)


def test_an_empty_page_says_how_to_win(visitor):
    text = visitor.get(ME).text
    assert "No prizes yet" in text
    assert "Ann &lt;b&gt;" in text


def test_the_campaign_to_go_back_to_is_named_by_its_key_only(visitor):
    assert 'href="/h5/c/autumn/"' in visitor.get(ME + "?c=autumn&t=0958d9").text
    broken = visitor.get(ME + '?c=https://evil.example/"&t=red;}').text
    assert "evil" not in broken.split("<footer")[0]
    assert "red;" not in broken.split("<footer")[0]


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_six_queries(visitor, ann, count, django_assert_num_queries):
    now = timezone.now()
    ledger.post_entry(ann.pk, "points", amount=30, key="p", reason="gift", now=now)
    gift = build.coupon("milk", count)
    for number in range(count):
        awards.grant_award(gift, ann.pk, key=f"a{number}", source="test", now=now)
    with django_assert_num_queries(6):  # member, balances, their units, levels, standing, awards
        visitor.get(ME)


HISTORY = "/h5/me/points/"


def test_the_history_says_what_came_from_a_prize(visitor, ann):
    awards.grant_award(build.gift("hundred", "points", amount=100), ann.pk, key="a", source="test", now=timezone.now())
    assert "From a prize" in visitor.get(HISTORY).text


def test_the_page_says_what_is_pending_owed_and_about_to_expire(visitor, ann):
    now = timezone.now()
    Unit.objects.create(slug="stars", name="stars", expiry="days", expires_after=10)
    Unit.objects.create(slug="moons", name="moons")
    ledger.post_entry(ann.pk, "stars", amount=25, key="s", reason="gift", now=now)
    ledger.post_entry(ann.pk, "points", amount=40, key="p", reason="gift", now=now, matures_at=now + timedelta(days=1))
    earned = ledger.post_entry(ann.pk, "growth", amount=9, key="g", reason="gift", now=now)
    ledger.post_entry(ann.pk, "growth", amount=-7, key="u", reason="gift", now=now)
    ledger.reverse_entry(earned.pk, key="r", reason="refund", now=now)
    text = visitor.get(ME).text
    assert "40 on the way" in text
    assert "7 to be made up first" in text
    assert "25 can be used until the end of" in text
    assert "moons" not in text


def test_the_history_tells_each_entry_from_the_member_s_side_newest_first(visitor, ann):
    now = timezone.now()
    earned = ledger.post_entry(ann.pk, "points", amount=30, key="a", reason="x", now=now, reference="order:A-1")
    spent = ledger.post_entry(ann.pk, "points", amount=-20, key="b", reason="x", now=now)
    ledger.reverse_entry(earned.pk, key="r1", reason="x", now=now)
    ledger.reverse_entry(spent.pk, key="r2", reason="x", now=now)
    text = visitor.get(HISTORY).text
    words = [text.index(word) for word in ("Given back", "Taken back", "Used", "Earned")]
    assert words == sorted(words)
    assert "Order A-1" in text
    assert "20 of it made up for what was taken back" in text
    assert "20 of it had been used already" in text


def test_the_history_pages_without_javascript_and_shows_only_one_s_own(visitor, ann):
    now = timezone.now()
    eve = Member.objects.create(uid="eve")
    ledger.post_entry(eve.pk, "points", amount=777, key="eve", reason="x", now=now)
    for number in range(31):
        ledger.post_entry(ann.pk, "points", amount=100 + number, key=f"a{number}", reason="x", now=now)
    first = visitor.get(HISTORY)
    assert first.text.count("<li>") == 30
    before = first.context["next_before"]
    assert f"before={before}" in first.text
    second = visitor.get(f"{HISTORY}?before={before}").text
    assert "+100" in second
    assert (second.count("<li>"), "Earlier" in second, "777" in first.text + second) == (1, False, False)


@pytest.mark.parametrize("query", ["?unit=nothing", "?before=x", "?before=" + "9" * 40, "?unit=%00", "?unit='"])
def test_a_history_asked_for_wrongly_is_that_of_points(visitor, ann, query):
    ledger.post_entry(ann.pk, "points", amount=30, key="a", reason="x", now=timezone.now())
    assert "+30" in visitor.get(HISTORY + query).text


def test_a_stranger_sees_no_history(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    assert client.get(HISTORY).status_code == 403


def test_every_kind_of_entry_has_its_wording():
    assert set(WORDINGS) == set(Entry.Kind)
