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
