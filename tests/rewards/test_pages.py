"""What is mine: balances, level and prizes."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from members.models import Level, Member
from members.participants import sign_in
from rewards import awards, ledger
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


def test_codes_are_shown_to_their_owner_only(visitor, ann):
    now = timezone.now()
    gift = build.coupon("milk", 2, valid_days=3)
    eve = Member.objects.create(uid="eve")
    awards.grant_award(gift, ann.pk, key="a", source="test", now=now)
    awards.grant_award(gift, eve.pk, key="b", source="test", now=now)
    text = visitor.get(ME).text
    assert "milk-0" in text
    assert "milk-1" not in text


def test_a_code_that_was_used_or_has_expired_is_shown_no_more(visitor, ann):
    now = timezone.now()
    gift = build.coupon("milk", 2, valid_days=3)
    used = awards.grant_award(gift, ann.pk, key="a", source="test", now=now)
    awards.redeem(used.pk, by=None, now=now)
    awards.grant_award(gift, ann.pk, key="b", source="test", now=now - timedelta(days=9))
    text = visitor.get(ME).text
    assert "Used" in text
    assert "Expired" in text
    assert "<code>" not in text


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
def test_the_page_takes_five_queries(visitor, ann, count, django_assert_num_queries):
    now = timezone.now()
    gift = build.coupon("milk", count)
    for number in range(count):
        awards.grant_award(gift, ann.pk, key=f"a{number}", source="test", now=now)
    with django_assert_num_queries(5):  # member, balances, levels, standing, awards
        visitor.get(ME)
