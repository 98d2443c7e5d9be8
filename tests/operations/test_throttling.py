"""How often a client may call, in all and for one member, and how often an address may guess."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import translation
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import call_counts, throttling
from operations.api_keys import create_api_key
from operations.models import ApiKey, CallCount
from operations.rotation import rotate
from tests.operations.test_api_keys import FactsView, call

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)


class PlayView(APIView):
    scope = "play"

    def post(self, request, **_named):
        return Response({})

    get = post


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Ten seconds into a minute; `clock.now` moves it."""

    class Clock:
        now = NOW

    monkeypatch.setattr("operations.throttling.timezone.now", lambda: Clock.now)
    monkeypatch.setattr("operations.api_keys.timezone.now", lambda: Clock.now)
    call_counts.forget_portions()
    yield Clock
    call_counts.forget_portions()


def play(plain, uid="ann", method="post", view=PlayView):
    request = getattr(RequestFactory(), method)("/", HTTP_AUTHORIZATION=f"Api-Key {plain}")
    return view.as_view()(request, **({} if uid is None else {"uid": uid}))


def test_a_client_beyond_its_bound_is_told_when_to_come_back_and_others_are_served(settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    (_, loud, _), (_, quiet, _) = create_api_key("loud", ["facts"]), create_api_key("quiet", ["facts"])
    assert [call(FactsView, f"Api-Key {loud}").status_code for _call in range(3)] == [200, 200, 429]
    assert call(FactsView, f"Api-Key {quiet}").status_code == 200
    refused = call(FactsView, f"Api-Key {loud}")
    assert (refused.data["code"], refused["Retry-After"]) == ("throttled", "50")
    assert set(refused.data) == {"code", "message", "fields"}


def test_each_minute_starts_anew_and_nobody_waits_less_than_a_second(settings, clock):
    settings.API_REQUESTS_PER_MINUTE = 1
    plain = create_api_key("shop", ["facts"])[1]
    clock.now = NOW.replace(second=59, microsecond=999_999)
    assert [call(FactsView, f"Api-Key {plain}").status_code for _call in range(2)] == [200, 429]
    assert call(FactsView, f"Api-Key {plain}")["Retry-After"] == "1"
    clock.now = NOW.replace(second=0) + timedelta(minutes=1)
    assert call(FactsView, f"Api-Key {plain}").status_code == 200


def test_each_answer_tells_the_bound_and_what_is_left(settings):
    settings.API_REQUESTS_PER_MINUTE = 300
    plain = create_api_key("shop", ["facts"])[1]
    told = [call(FactsView, f"Api-Key {plain}") for _call in range(4)]
    assert [each["RateLimit-Remaining"] for each in told] == ["299", "298", "297", "296"]
    assert (told[0]["RateLimit-Limit"], told[0]["RateLimit-Reset"]) == ("300", "50")


def test_a_key_may_have_a_bound_of_its_own(settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    key, plain, _secret = create_api_key("shop", ["facts"])
    ApiKey.objects.filter(pk=key.pk).update(calls_per_minute=3)
    assert [call(FactsView, f"Api-Key {plain}").status_code for _call in range(4)] == [200, 200, 200, 429]


def test_a_key_with_a_small_bound_spends_nothing_of_a_larger_one(settings):
    settings.API_REQUESTS_PER_MINUTE = 900
    small, plain, _secret = create_api_key("shop", ["facts"])
    _large, other, _other_secret = rotate(small, by=None, now=NOW)
    ApiKey.objects.filter(pk=small.pk).update(calls_per_minute=3)

    assert call(FactsView, f"Api-Key {other}").status_code == 200
    assert [call(FactsView, f"Api-Key {plain}").status_code for _call in range(4)] == [200, 200, 200, 429]
    assert call(FactsView, f"Api-Key {other}").status_code == 200


def test_a_new_key_is_no_new_bound(settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    old, plain, _secret = create_api_key("shop", ["facts"])
    _new, other, _other_secret = rotate(old, by=None, now=NOW)
    statuses = [call(FactsView, f"Api-Key {each}").status_code for each in (plain, other, plain, other)]
    assert statuses == [200, 200, 200, 429]


def test_no_bound_is_no_statement(django_assert_num_queries):
    plain = create_api_key("shop", ["facts"])[1]
    call(FactsView, f"Api-Key {plain}")
    with django_assert_num_queries(0):
        assert "RateLimit-Limit" not in call(FactsView, f"Api-Key {plain}")


def test_a_busy_client_costs_one_statement_for_a_hundredth_of_its_bound(settings, django_assert_num_queries):
    settings.API_REQUESTS_PER_MINUTE = 1_000
    plain = create_api_key("shop", ["facts"])[1]
    call(FactsView, f"Api-Key {plain}")
    with django_assert_num_queries(0):
        assert {call(FactsView, f"Api-Key {plain}").status_code for _call in range(9)} == {200}
    with django_assert_num_queries(1):
        assert call(FactsView, f"Api-Key {plain}").status_code == 200


def test_a_client_that_is_refused_costs_no_statement_more(settings, django_assert_num_queries):
    settings.API_REQUESTS_PER_MINUTE = 1
    plain = create_api_key("shop", ["facts"])[1]
    call(FactsView, f"Api-Key {plain}")
    with django_assert_num_queries(0):
        assert {call(FactsView, f"Api-Key {plain}").status_code for _call in range(5)} == {429}


def test_the_moves_of_one_member_are_bounded_and_not_those_of_the_others(settings):
    settings.API_MEMBER_MOVES_PER_MINUTE = 3
    plain = create_api_key("shop", ["play"])[1]
    assert [play(plain).status_code for _call in range(4)] == [200, 200, 200, 429]
    assert play(plain, "ben").status_code == 200
    refused = play(plain)
    assert (refused.data["code"], refused["Retry-After"], refused["RateLimit-Limit"]) == ("throttled", "50", "3")
    other = create_api_key("other", ["play"])[1]
    assert play(other).status_code == 200


@pytest.mark.parametrize(("uid", "method"), [("ann", "get"), (None, "post")])
def test_what_moves_nothing_for_a_member_is_not_counted_as_a_move(settings, uid, method):
    settings.API_MEMBER_MOVES_PER_MINUTE = 1
    plain = create_api_key("shop", ["play"])[1]
    assert {play(plain, uid, method).status_code for _call in range(3)} == {200}


def test_no_uid_is_kept_with_the_counts_however_long(settings):
    settings.API_MEMBER_MOVES_PER_MINUTE = 5
    plain = create_api_key("shop", ["play"])[1]
    assert play(plain, "ann" * 1000).status_code == 200
    counter = CallCount.objects.get(counter__startswith="member:").counter
    assert "ann" not in counter
    assert len(counter) < 60


def test_wrong_keys_from_one_address_are_refused_and_a_right_key_from_there_is_not(settings, clock):
    plain = create_api_key("shop", ["facts"])[1]
    wrong = f"Api-Key {plain[:-4]}xxxx"
    statuses = [call(FactsView, wrong).status_code for _guess in range(throttling.WRONG_KEYS_PER_MINUTE + 2)]
    assert statuses == [401] * throttling.WRONG_KEYS_PER_MINUTE + [429] * 2
    refused = call(FactsView, wrong)
    assert (refused.data["code"], refused["Retry-After"]) == ("throttled", "50")
    assert call(FactsView, f"Api-Key {plain}").status_code == 200
    elsewhere = RequestFactory().get("/", HTTP_AUTHORIZATION=wrong, REMOTE_ADDR="198.51.100.4")
    assert FactsView.as_view()(elsewhere).status_code == 401
    clock.now = NOW + timedelta(minutes=1)
    assert call(FactsView, wrong).status_code == 401


def test_of_ipv6_all_addresses_of_one_machine_count_as_one(monkeypatch):
    monkeypatch.setattr(throttling, "WRONG_KEYS_PER_MINUTE", 2)
    statuses = []
    for number in range(3):
        request = RequestFactory().get("/", HTTP_AUTHORIZATION="Api-Key x", REMOTE_ADDR=f"2001:db8::{number}")
        statuses.append(FactsView.as_view()(request).status_code)
    assert statuses == [401, 401, 429]


def count(now=NOW, *, bound=10, portion=3):
    return call_counts.count("shop", bound=bound, portion=portion, now=now)


def test_a_portion_never_reaches_beyond_the_bound():
    assert [count().admitted for _call in range(12)] == [True] * 10 + [False] * 2
    assert [counted.left for counted in (count(NOW + timedelta(minutes=1)) for _call in range(10))] == list(
        range(9, -1, -1)
    )


def test_what_another_process_took_is_not_there_to_take():
    assert count().left == 9
    CallCount.objects.update(taken=9)
    assert [count().admitted for _call in range(4)] == [True, True, True, False]


def test_a_clock_that_is_a_minute_behind_counts_with_the_others():
    count(NOW + timedelta(minutes=1), portion=1)
    call_counts.forget_portions()
    count(NOW, portion=1)
    row = CallCount.objects.get()
    assert (row.minute, row.taken) == (int((NOW + timedelta(minutes=1)).timestamp()) // 60, 2)


def test_a_clock_that_was_far_ahead_shuts_nobody_out():
    for _call in range(10):
        count(NOW + timedelta(days=400))
    assert count(NOW).admitted
    assert CallCount.objects.get().taken == 3


def test_the_counts_of_past_minutes_are_forgotten():
    count(NOW)
    assert call_counts.forget(now=NOW + timedelta(minutes=1)) == 0
    assert call_counts.forget(now=NOW + timedelta(minutes=2)) == 1
    assert not CallCount.objects.exists()


def test_no_count_waits_for_the_disk():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'operations_callcount'")
        assert cursor.fetchone() == ("u",)


def test_an_answer_of_throttling_is_in_the_form_of_the_api(settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    plain = create_api_key("shop", ["facts"])[1]
    call(FactsView, f"Api-Key {plain}")
    with translation.override("en"):
        refused = call(FactsView, f"Api-Key {plain}")
    assert json.loads(refused.content)["message"].startswith("This client has made its 1 calls")
