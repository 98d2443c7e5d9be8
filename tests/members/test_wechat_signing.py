"""What a page needs to be shared in WeChat: the signature, and the ticket behind it."""

import socket
import time
from datetime import timedelta
from threading import Thread

import pytest
from django.test import Client

from demo.fake_wechat import APP_ID, TICKET, TOKEN
from members.models import WechatLoan
from members.wechat import signing, tickets
from members.wechat.account import configured
from members.wechat.calling import Calls, WechatUnreachable
from tests.members.shop import NOW

PAGE = "http://testserver/h5/c/spring/?from=singlemessage"
HOUR = timedelta(hours=1)


def ticket_at(now):
    return tickets.ticket(configured(), now=now)


def test_the_example_of_the_documentation():
    signed = signing.signature(
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        nonce="Wm3WZYTPz0wzccnW",
        timestamp=1414587457,
        url="http://mp.weixin.qq.com?params=value",
    )
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        (PAGE, True),
        ("https://testserver/h5/", True),
        ("http://testserver/h5/c/spring/#top", False),
        ("http://testserver/admin/", False),
        ("http://testserver/h5", False),
        ("http://testserver.evil.example/h5/", False),
        ("http://testserver@evil.example/h5/", False),
        ("http://testserver:8000/h5/", False),
        ("javascript://testserver/h5/", False),
        ("//testserver/h5/", False),
        ("/h5/", False),
        ("", False),
        ("http://[/h5/", False),
        ("http://testserver/h5/\n&x", False),
        ("http://testserver/h5/" + "x" * 2_000, False),
    ],
)
def test_only_our_own_pages_are_signed(url, ours):
    assert signing.is_ours(url, "testserver") is ours


@pytest.mark.django_db
def test_the_page_gets_what_it_hands_to_the_browser(fake_wechat, client):
    answer = client.get("/h5/wechat/signature/", {"url": PAGE})
    said = answer.json()
    assert said.keys() == {"appId", "timestamp", "nonceStr", "signature"}
    assert said["appId"] == APP_ID
    assert said["signature"] == signing.signature(
        fake_wechat.ticket, nonce=said["nonceStr"], timestamp=said["timestamp"], url=PAGE
    )
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/h5/wechat/signature/", {"url": PAGE}).json()["nonceStr"] != said["nonceStr"]


@pytest.mark.django_db
def test_other_addresses_are_refused_without_asking_wechat(fake_wechat, client):
    assert client.get("/h5/wechat/signature/", {"url": "https://evil.example/h5/"}).status_code == 400
    assert client.get("/h5/wechat/signature/").status_code == 400
    assert not fake_wechat.asked


@pytest.mark.django_db
def test_one_ticket_serves_until_shortly_before_its_end(fake_wechat, django_assert_num_queries):
    first = ticket_at(NOW)
    with django_assert_num_queries(1):
        assert ticket_at(NOW + timedelta(minutes=114)) == first == fake_wechat.ticket
    assert fake_wechat.asked == {TOKEN: 1, TICKET: 1}
    assert ticket_at(NOW + timedelta(minutes=115)) == fake_wechat.ticket != first
    assert fake_wechat.asked == {TOKEN: 2, TICKET: 2}


@pytest.mark.django_db
def test_token_and_ticket_are_sealed(fake_wechat):
    ticket_at(NOW)
    loan = str(WechatLoan.objects.values().get())
    assert fake_wechat.token not in loan
    assert fake_wechat.ticket not in loan


@pytest.mark.django_db
def test_with_another_secret_key_they_are_borrowed_again(fake_wechat, settings):
    ticket_at(NOW)
    settings.SECRET_KEY = "another"
    assert ticket_at(NOW) == fake_wechat.ticket
    # No ticket is asked for with a token that cannot be opened any more.
    assert fake_wechat.asked == {TOKEN: 2, TICKET: 2}


@pytest.mark.django_db
def test_a_token_that_was_made_invalid_is_renewed_once(fake_wechat):
    first = ticket_at(NOW)
    fake_wechat.token = "made anew by somebody else"
    WechatLoan.objects.update(token_until=NOW + 9 * HOUR)
    assert ticket_at(NOW + 2 * HOUR) == fake_wechat.ticket != first
    assert fake_wechat.asked == {TOKEN: 2, TICKET: 3}


@pytest.mark.django_db
def test_a_token_that_is_refused_again_is_given_up(fake_wechat):
    fake_wechat.switches.refused_tokens = 9
    assert ticket_at(NOW) is None
    assert fake_wechat.asked == {TOKEN: 2, TICKET: 2}


@pytest.mark.django_db
def test_while_wechat_is_dead_the_old_ticket_serves_to_its_end(fake_wechat, settings):
    first = ticket_at(NOW)
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    assert ticket_at(NOW + timedelta(minutes=119)) == first
    assert ticket_at(NOW + timedelta(minutes=120)) is None


@pytest.mark.django_db
def test_a_failure_leaves_wechat_alone_for_a_while_that_grows(fake_wechat):
    fake_wechat.switches.errors[TOKEN] = -1
    now, rests = NOW, []
    for _ in range(9):
        assert ticket_at(now) is None
        loan = WechatLoan.objects.get()
        rests.append((loan.not_before - now).total_seconds())
        asked = fake_wechat.asked[TOKEN]
        assert ticket_at(loan.not_before - timedelta(seconds=1)) is None
        assert fake_wechat.asked[TOKEN] == asked
        now = loan.not_before
    assert rests == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert loan.last_error.startswith("-1 as the switch says")

    fake_wechat.switches.errors.clear()
    assert ticket_at(now) == fake_wechat.ticket
    loan.refresh_from_db()
    assert (loan.failures, loan.not_before, loan.last_error) == (0, None, "")


@pytest.mark.django_db
@pytest.mark.parametrize("code", [40013, 40125, 40164, 45009, 48001])
def test_what_only_a_person_can_mend_is_asked_every_ten_minutes(fake_wechat, code):
    fake_wechat.switches.errors[TOKEN] = code
    assert ticket_at(NOW) is None
    assert WechatLoan.objects.get().not_before == NOW + timedelta(minutes=10)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"null",
        b"<html>",
        b"{}",
        b'{"ticket": "", "expires_in": 9}',
        b'{"ticket": "t", "expires_in": "soon"}',
        b'{"ticket": "t", "expires_in": -1}',
        b'{"errcode": "x"}',
        b"\xff",
        b'"' + b"x" * 90_000,
    ],
)
def test_an_answer_that_lends_nothing_leaves_the_page_without(fake_wechat, client, said):
    fake_wechat.switches.broken[TICKET] = said
    answer = client.get("/h5/wechat/signature/", {"url": PAGE})
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")


@pytest.mark.django_db
def test_nothing_is_lent_for_longer_than_two_hours(fake_wechat):
    fake_wechat.switches.lends_for = 10**9
    ticket_at(NOW)
    assert WechatLoan.objects.get().ticket_until == NOW + 2 * HOUR


def test_who_answers_byte_by_byte_is_cut_off():
    """Each byte comes in time; all of them never would."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            visitor, _ = server.accept()
            with visitor:
                try:
                    while True:
                        visitor.sendall(b"H")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(WechatUnreachable):
            Calls(f"http://127.0.0.1:{server.getsockname()[1]}", seconds=0.3).get("/")
        thread.join(10)
    assert not thread.is_alive()


def test_a_redirect_is_not_followed(fake_wechat):
    fake_wechat.switches.by_itself = True
    with pytest.raises(WechatUnreachable, match="HTTP 302"):
        Calls(fake_wechat.url, seconds=5).get("/connect/oauth2/authorize", redirect_uri=f"{fake_wechat.url}/")


def test_without_an_account_nothing_is_asked(client: Client):
    assert configured() is None
    assert client.get("/h5/wechat/signature/", {"url": PAGE}).status_code == 404
