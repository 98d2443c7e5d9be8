"""The cookie that says who is taking part."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from members.models import Member
from members.participants import COOKIE, MAX_AGE, participant_of, sign_in
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return Member.objects.create(uid="u1")


def visit(cookie=None):
    request = RequestFactory().get("/h5/me/")
    if cookie is not None:
        request.COOKIES[COOKIE] = cookie
    return request


def cookie_of(member):
    response = HttpResponse()
    sign_in(response, member, visit())
    return response.cookies[COOKIE].value


def test_who_signed_in_is_known_and_looked_up_once(member, django_assert_num_queries):
    request = visit(cookie_of(member))
    with django_assert_num_queries(1):
        assert participant_of(request) == member
        assert participant_of(request) == member


@pytest.mark.parametrize("cookie", [None, "", "1", "1:x:y", "é"])
def test_a_cookie_that_we_did_not_sign_is_nobodys(cookie, member):
    assert participant_of(visit(cookie)) is None


def test_a_cookie_whose_number_was_changed_is_nobodys(member):
    _, _, signature = cookie_of(member).partition(":")
    assert participant_of(visit(f"{member.pk + 1}:{signature}")) is None


def test_a_visit_ends_after_twelve_hours(member, time_machine):
    time_machine.move_to(NOW, tick=False)
    cookie = cookie_of(member)
    time_machine.shift(MAX_AGE)
    assert participant_of(visit(cookie)) == member
    time_machine.shift(1)
    assert participant_of(visit(cookie)) is None


def test_who_is_not_in_any_more_is_told_that_nothing_was_counted_and_led_back_to_the_form(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    settings.SHOP_SIGN_IN_URL = "https://shop.example/sign-in?to={next}"
    headers = {"accept-language": "en", "referer": "http://testserver/h5/me/privacy/?c=autumn"}

    page = client.post("/h5/me/privacy/", {"profiling": "refuse"}, headers=headers)

    assert page.status_code == 403
    assert "was not counted" in page.text
    assert "https://shop.example/sign-in?to=%2Fh5%2Fme%2Fprivacy%2F%3Fc%3Dautumn" in page.text
    assert 'href="/h5/me/privacy/?c=autumn" data-back' in page.text


@pytest.mark.parametrize("referer", ["", "https://evil.example/h5/", "http://testserver/admin/"])
def test_nobody_is_led_to_another_s_pages(client, settings, referer):
    settings.SECURE_SSL_REDIRECT = False
    settings.SHOP_SIGN_IN_URL = "https://shop.example/sign-in?to={next}"

    page = client.post("/h5/me/privacy/", {}, headers={"referer": referer})

    assert "data-back" not in page.text
    assert "evil" not in page.text


def test_who_asks_for_a_page_comes_back_to_it(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    settings.SHOP_SIGN_IN_URL = "https://shop.example/sign-in?to={next}"

    page = client.get("/h5/me/points/?unit=growth", headers={"accept-language": "en"}).text

    assert "https://shop.example/sign-in?to=%2Fh5%2Fme%2Fpoints%2F%3Funit%3Dgrowth" in page
    assert "was not counted" not in page
