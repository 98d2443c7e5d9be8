"""Signing in to the admin: the password, the code, the sessions and their ends."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone, translation
from django_otp.oath import totp

from operations.models import AuditRecord, Authenticator, RecoveryCode, SignIn, TwoFactorRule
from operations.sealing import unseal
from operations.sign_in import codes, sessions

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOME, CODE, SET_UP = "/admin/account/", "/admin/sign-in/code/", "/admin/sign-in/two-factor/"


@pytest.fixture
def wang():
    return User.objects.create_user("wang", password="nine quiet owls", is_staff=True)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def code_at(device, moment):
    return f"{totp(base64.b32decode(unseal(device.sealed_key)), t0=0 - int(moment.timestamp()) + _now()):06d}"


def _now():
    return int(timezone.now().timestamp())


def set_up(user, now=NOW):
    device = codes.begin(user, now=now)
    shown = codes.confirm(user, code_at(device, now), now=now)
    return Authenticator.objects.get(user=user), shown


def signed_in(client, **more):
    return client.post("/admin/login/", {"username": "wang", "password": "nine quiet owls"} | more)


def test_without_a_second_factor_the_password_opens(client, wang, clock):
    assert signed_in(client).status_code == 302
    assert client.get(HOME).status_code == 200


def test_with_one_the_password_leads_to_the_code_and_only_the_code_opens(client, wang, clock):
    device, _shown = set_up(wang)
    clock.shift(60)
    signed_in(client)
    asked = client.get("/admin/auth/user/?q=x")
    assert asked["Location"] == f"{CODE}?next={quote('/admin/auth/user/?q=x', safe='')}"
    assert client.post("/admin/account/sessions/").status_code == 302
    page = client.post(CODE, {"code": "000000", "next": HOME})
    assert "code" in page.context["form"].errors
    clock.shift(2)
    opened = client.post(CODE, {"code": code_at(device, timezone.now()), "next": HOME})
    assert (opened.status_code, opened["Location"]) == (302, HOME)
    assert client.get(HOME).status_code == 200


def test_a_code_leads_nowhere_outside(client, wang, clock):
    device, _shown = set_up(wang)
    clock.shift(60)
    signed_in(client)
    opened = client.post(CODE, {"code": code_at(device, timezone.now()), "next": "https://evil.example/"})
    assert opened["Location"] == "/admin/"


def test_a_code_opens_once(wang, clock):
    device, _shown = set_up(wang)
    later = NOW + timedelta(seconds=60)
    clock.move_to(later)
    code = code_at(device, later)
    assert codes.check(wang, code, now=later).right
    assert not codes.check(wang, code, now=later).right


def test_the_code_of_setting_up_opens_nothing_more(wang, clock):
    device, _shown = set_up(wang)
    assert not codes.check(wang, code_at(device, NOW), now=NOW).right


@pytest.mark.parametrize(("seconds", "right"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_telephone_may_be_half_a_minute_off(wang, clock, seconds, right):
    device, _shown = set_up(wang)
    now = NOW + timedelta(minutes=10)
    clock.move_to(now)
    assert codes.check(wang, code_at(device, now + timedelta(seconds=seconds)), now=now).right is right


def test_each_wrong_code_makes_the_next_wait_twice_as_long_up_to_a_quarter_of_an_hour(wang, clock):
    set_up(wang)
    now, waited = NOW, []
    for _try in range(13):
        waited.append(codes.check(wang, "000000", now=now).seconds)
        now += timedelta(seconds=waited[-1])
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_whoever_mistypes_while_setting_up_tries_again_at_once(wang, clock):
    device = codes.begin(wang, now=NOW)
    assert codes.confirm(wang, "000000", now=NOW) is None
    assert codes.confirm(wang, code_at(device, NOW), now=NOW) is not None


def test_a_right_code_is_not_looked_at_while_one_has_to_wait(wang, clock):
    device, _shown = set_up(wang)
    now = NOW + timedelta(minutes=5)
    clock.move_to(now)
    for _try in range(3):
        codes.check(wang, "000000", now=now + timedelta(seconds=_try * 10))
    at = now + timedelta(seconds=21)
    assert codes.check(wang, code_at(device, now), now=at).seconds == 3


def test_each_recovery_code_opens_once(wang, clock):
    _device, shown = set_up(wang)
    assert len(set(shown)) == 10
    assert codes.check(wang, f" {shown[0].upper()} ", now=NOW).recovery
    assert not codes.check(wang, shown[0], now=NOW).right
    assert codes.check(wang, shown[1], now=NOW + timedelta(seconds=5)).right
    assert codes.unused_recovery_codes(wang) == 8
    assert AuditRecord.objects.filter(action="user.recovery_code_used").count() == 2


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "１２３４５６", "9" * 300, "-", "²²²²²²"])
def test_odd_codes_are_wrong_and_no_more(client, wang, clock, text):
    set_up(wang)
    assert not codes.check(wang, text, now=NOW).right
    signed_in(client)
    assert client.post(CODE, {"code": text.encode("utf-8", "replace")}).status_code in {200, 400}


def test_neither_the_key_nor_a_recovery_code_lies_open_in_the_database(wang, clock):
    device, shown = set_up(wang)
    key = unseal(device.sealed_key)
    assert key not in device.sealed_key
    stored = b"".join(bytes(each.code_hash) for each in RecoveryCode.objects.all())
    assert not any(each.replace("-", "").encode() in stored for each in shown)


def test_whoever_a_rule_asks_reaches_setting_up_and_nothing_else(client, wang, clock):
    TwoFactorRule.objects.create(required_from=NOW + timedelta(hours=1))
    signed_in(client)
    assert client.get(HOME).status_code == 200
    clock.shift(1900)
    client.get(HOME)
    clock.shift(1900)
    for address in (HOME, "/admin/", "/admin/roles/", "/staff/check-off/"):
        assert client.get(address)["Location"].startswith(SET_UP)
    page = client.get(SET_UP)
    assert page.status_code == 200
    device = Authenticator.objects.get(user=wang)
    done = client.post(SET_UP, {"code": code_at(device, timezone.now())})
    assert done.status_code == 200
    assert len(done.context["codes"]) == 10
    assert client.get(HOME).status_code == 200


def test_a_rule_for_a_role_asks_those_who_have_it(client, wang, clock):
    finance = Group.objects.get(name="role:finance")
    TwoFactorRule.objects.create(group=finance, required_from=NOW)
    signed_in(client)
    assert client.get(HOME).status_code == 200
    wang.groups.add(finance)
    assert client.get(HOME)["Location"].startswith(SET_UP)


def test_one_may_not_take_off_what_a_rule_asks_for(client, wang, clock):
    device, _shown = set_up(wang)
    clock.shift(60)
    signed_in(client)
    client.post(CODE, {"code": code_at(device, timezone.now())})
    TwoFactorRule.objects.create(required_from=NOW)
    clock.shift(60)
    client.post("/admin/account/two-factor-off/", {"code": code_at(device, timezone.now())})
    assert Authenticator.objects.filter(user=wang).exists()
    TwoFactorRule.objects.all().delete()
    client.post("/admin/account/two-factor-off/", {"code": code_at(device, timezone.now())})
    assert not Authenticator.objects.filter(user=wang).exists()
    assert not RecoveryCode.objects.exists()


def test_an_htmx_request_is_led_away_as_a_whole(client, wang, clock):
    set_up(wang)
    signed_in(client)
    answer = client.get(HOME, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, CODE)


def test_a_session_ends_after_an_hour_without_a_request(client, wang, clock):
    signed_in(client)
    clock.shift(59 * 60)
    assert client.get(HOME).status_code == 200
    clock.shift(59 * 60)
    assert client.get(HOME).status_code == 200
    clock.shift(60 * 60)
    answer = client.get(HOME, follow=True)
    assert answer.redirect_chain[0][0].startswith("/admin/login/")
    assert not SignIn.objects.exists()


def test_a_session_ends_after_twelve_hours_however_busy(client, wang, clock):
    signed_in(client)
    for _half_hour in range(23):
        clock.shift(30 * 60)
        assert client.get(HOME).status_code == 200
    clock.shift(30 * 60)
    assert client.get(HOME)["Location"].startswith("/admin/login/")


def test_a_busy_session_is_noted_once_a_minute(client, wang, clock, django_assert_num_queries):
    signed_in(client)
    client.get(HOME)
    clock.shift(30)
    client.get(HOME)
    assert SignIn.objects.get().last_seen_at == NOW
    clock.shift(31)
    client.get(HOME)
    assert SignIn.objects.get().last_seen_at == NOW + timedelta(seconds=61)


def test_one_ends_other_sessions_of_ones_own_and_nobody_elses(client, wang, clock):
    other, stranger = Client(), Client()
    for each in (client, other):
        signed_in(each)
    stranger.force_login(User.objects.create_user("eve", is_staff=True))
    theirs = SignIn.objects.get(user__username="eve")
    client.post("/admin/account/sessions/", {"session": str(theirs.pk)})
    assert stranger.get(HOME).status_code == 200
    client.post("/admin/account/sessions/")
    assert other.get(HOME)["Location"].startswith("/admin/login/")
    assert client.get(HOME).status_code == 200


def test_a_changed_password_ends_all_other_sessions_and_is_on_record(client, wang, clock):
    other = Client()
    for each in (client, other):
        signed_in(each)
    new = {"old_password": "nine quiet owls", "new_password1": "ten loud crows", "new_password2": "ten loud crows"}
    assert client.post("/admin/password_change/", new).status_code == 302
    assert client.get(HOME).status_code == 200
    assert other.get(HOME)["Location"].startswith("/admin/login/")
    assert AuditRecord.objects.filter(action="user.password_changed", actor=wang).count() == 1


def test_signing_out_forgets_the_session(client, wang, clock):
    signed_in(client)
    client.post("/admin/logout/")
    assert not SignIn.objects.exists()


def test_sessions_that_ended_long_ago_are_forgotten(client, wang, clock):
    signed_in(client)
    assert sessions.forget_ended(now=NOW + timedelta(hours=35)) == 0
    assert sessions.forget_ended(now=NOW + timedelta(hours=37)) == 1


def test_a_lock_after_five_wrong_passwords_says_until_when(client, wang, clock):
    for _try in range(5):
        answer = client.post(
            "/admin/login/", {"username": "wang", "password": "wrong"}, headers={"Accept-Language": "en"}
        )
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "20:15" in answer.content.decode()
    assert signed_in(client).status_code == 429
    # From another address the same user gets in: who guesses does not lock the one who knows.
    assert signed_in(Client(REMOTE_ADDR="203.0.113.9")).status_code == 302
    clock.shift(15 * 60 + 1)
    assert signed_in(client).status_code == 302


def test_the_pages_of_participants_know_nothing_of_these_sessions(client, wang, clock):
    signed_in(client)
    clock.shift(24 * 3600)
    assert client.get("/h5/").status_code != 302 or "/admin/" not in client.get("/h5/")["Location"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_own_page_is_whole_in_both_languages(client, wang, clock, language):
    set_up(wang)
    client.cookies["django_language"] = language
    with translation.override(language):
        signed_in(client)
        assert client.get(CODE).status_code == 200
