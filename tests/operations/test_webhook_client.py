"""One POST, to receivers on this machine: where it goes, what it does not follow, and that it ends in time."""

import socket
import time
from threading import Event, Thread

import pytest

from operations.webhook_client import LONGEST_BODY, Client
from operations.webhook_refusals import Fault, error_words
from tests.operations.receivers import answer, certificate_for, receiving

HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}
BODY = '{"type": "测试"}'.encode()


def stands_for(*addresses, asked=None):
    """Return a look-up that answers with these addresses, whatever the name is."""

    def lookup(host, port):
        if asked is not None:
            asked.append(host)
        return [(None, None, None, "", (address, port)) for address in addresses]

    return lookup


def port_of(receiver):
    return int(receiver.url.rpartition(":")[2].removesuffix("/in"))


def post(url, *, private=True, seconds=5.0, **options):
    with Client(private=private, seconds=seconds, **options) as client:
        return client.post(url, HEADERS, BODY)


@pytest.fixture
def listening():
    """A port where somebody listens; each who connects is given to `serve` in a thread."""
    opened = []

    def listen(serve):
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def accept():
            try:
                while True:
                    connected, _address = server.accept()
                    opened.append(connected)
                    Thread(target=serve, args=(connected,), daemon=True).start()
            except OSError:
                pass

        Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/in"

    yield listen
    for each in opened:
        each.close()


def test_the_body_and_the_headers_come_as_they_were_given():
    with receiving() as receiver:
        got = post(receiver.url + "?店=一")
    (came,) = receiver.came
    assert (got.status, got.error, got.taken) == (204, "", True)
    assert (came.path, came.body) == ("/in?%E5%BA%97=%E4%B8%80", BODY)
    assert came.headers["host"] == receiver.url.split("/")[2]
    assert came.headers["webhook-id"] == "msg_1"
    assert came.headers["content-length"] == str(len(BODY))


def test_the_proxies_of_the_environment_are_not_asked(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    with receiving() as receiver:
        assert post(receiver.url).status == 204


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_any_2xx_is_taken(status):
    with receiving(lambda _came, handler: answer(handler, status, b"thanks\x00")) as receiver:
        got = post(receiver.url)
    assert (got.taken, got.status, got.beginning) == (True, status, "thanks\ufffd")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 400, 404, 410, 429, 500, 503])
def test_anything_else_is_not_and_no_redirect_but_307_and_308_is_followed(status):
    with receiving(lambda _came, handler: answer(handler, status, b"no", Location="/in", Retry_After="7")) as receiver:
        got = post(receiver.url)
    assert (got.taken, got.status, got.error, got.retry_after) == (False, status, "", "7")
    assert len(receiver.came) == 1


def test_two_posts_share_a_connection():
    with receiving() as receiver, Client(private=True) as client:
        for _ in range(3):
            assert client.post(receiver.url, HEADERS, BODY).taken
    assert (len(receiver.came), receiver.connections) == (3, 1)


def test_a_connection_that_was_shut_meanwhile_is_opened_anew():
    def answer_once(_came, handler):
        answer(handler, 200, b"x" * 10)
        handler.close_connection = True  # without saying so

    with receiving(answer_once) as receiver, Client(private=True) as client:
        assert [client.post(receiver.url, HEADERS, BODY).status for _ in range(3)] == [200] * 3
    assert receiver.connections == 3


# Where it goes.


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://[::1]/"])
def test_without_the_switch_nothing_goes_to_this_machine(url):
    got = post(url, private=False)
    assert (got.status, got.error) == (None, Fault.NOT_PUBLIC)


def test_without_the_switch_nothing_goes_over_plain_http():
    got = post("http://93.184.215.14/", private=False)
    assert got.error.startswith(Fault.NO_ADDRESS)


def test_a_name_that_stands_for_a_private_address_is_not_connected_to():
    with receiving() as receiver:
        got = post(f"https://shop.example:{port_of(receiver)}/", private=False, lookup=stands_for("127.0.0.1"))
    assert (got.error, receiver.connections) == (Fault.NOT_PUBLIC, 0)


def test_the_connection_is_made_to_the_address_that_was_checked_and_the_name_is_not_asked_again(monkeypatch):
    asked, connected = [], []

    def connect(address, *_arguments, **_options):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    answers = iter([["93.184.215.14", "93.184.215.15"], ["127.0.0.1"]])

    def rebinding(host, port):
        asked.append(host)
        return [(None, None, None, "", (address, port)) for address in next(answers)]

    got = post("https://shop.example/", private=False, lookup=rebinding)
    assert got.error.startswith(Fault.NO_CONNECTION)
    assert (asked, connected) == (["shop.example"], [("93.184.215.14", 443), ("93.184.215.15", 443)])


def test_the_next_address_is_tried_where_the_first_does_not_answer():
    with receiving() as receiver:
        got = post(f"http://shop.example:{port_of(receiver)}/", lookup=stands_for("127.0.0.2", "127.0.0.1"))
    assert got.status == 204
    assert receiver.came[0].headers["host"] == f"shop.example:{port_of(receiver)}"


def test_a_name_that_nobody_knows_is_told():
    assert post("http://nobody.example/", lookup=stands_for()).error == Fault.UNRESOLVED


def test_a_connection_that_is_refused_is_told(listening):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    got = post(f"http://127.0.0.1:{port}/")
    assert got.error == "no_connection: Connection refused"
    assert error_words(got.error).endswith(": Connection refused")


# Redirects.


def chain(*hops):
    """Return answers that redirect from path to path, and take it at the last."""

    def answers(came, handler):
        if came.path in hops[:-1]:
            answer(handler, 307, Location=hops[hops.index(came.path) + 1])
        else:
            answer(handler, 200)

    return answers


def test_three_redirects_are_followed_with_the_same_body_and_headers():
    with receiving(chain("/in", "/a", "/b", "/c")) as receiver:
        assert post(receiver.url).status == 200
    assert [each.path for each in receiver.came] == ["/in", "/a", "/b", "/c"]
    assert {(each.body, each.message_id) for each in receiver.came} == {(BODY, "msg_1")}


def test_the_fourth_is_not():
    with receiving(chain("/in", "/a", "/b", "/c", "/d")) as receiver:
        got = post(receiver.url)
    assert (got.status, got.taken, len(receiver.came)) == (307, False, 4)
    assert got.error.startswith(Fault.REDIRECTED)


def test_a_redirect_without_an_address_is_an_answer_like_any():
    with receiving(lambda _came, handler: answer(handler, 308)) as receiver:
        got = post(receiver.url)
    assert (got.status, got.error, got.taken) == (308, "", False)


@pytest.mark.parametrize(
    "location",
    ["https://user:pass@shop.example/", "ftp://shop.example/", "https://[", "https://a b/", "https://x/#y", "\\\\x"],
)
def test_a_redirect_to_what_is_no_address_is_not_followed(location):
    with receiving(lambda _came, handler: answer(handler, 307, Location=location)) as receiver:
        got = post(receiver.url)
    assert (got.status, len(receiver.came)) == (307, 1)
    assert got.error.startswith(Fault.REDIRECTED)


@pytest.mark.parametrize("there", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "localhost", "inside.example"])
def test_a_public_receiver_cannot_redirect_to_a_private_address(there, tmp_path, monkeypatch):
    """The receiver is public as far as the look-up knows; the switch is off, and TLS is as in the world."""
    certificate = certificate_for("shop.example", folder=tmp_path)
    with (
        receiving() as inside,
        receiving(
            lambda _came, handler: answer(handler, 307, Location=f"https://{there}:{port_of(inside)}/in"),
            tls=certificate.serving,
        ) as outside,
    ):
        led_here(monkeypatch, "93.184.215.14", port_of(outside))

        def lookup(host, port):
            address = {"shop.example": "93.184.215.14", "inside.example": "192.168.0.9"}.get(host)
            return stands_for(address)(host, port) if address else socket.getaddrinfo(host, port)

        got = post("https://shop.example/in", private=False, lookup=lookup, trusted=certificate.trusting)
    assert (got.status, got.error) == (307, Fault.NOT_PUBLIC)
    assert (len(outside.came), inside.connections) == (1, 0)


def test_https_is_not_led_to_plain_http_even_with_the_switch(tmp_path):
    certificate = certificate_for("127.0.0.1", folder=tmp_path)
    with (
        receiving() as plain,
        receiving(lambda _came, handler: answer(handler, 307, Location=plain.url), tls=certificate.serving) as safe,
    ):
        got = post(safe.url, trusted=certificate.trusting)
    assert got.error.startswith(Fault.REDIRECTED)
    assert plain.came == []


def led_here(monkeypatch, public, port):
    """Let connections to a public address arrive at a port of this machine, behind all that checks addresses."""
    from urllib3.util import connection

    really = connection.create_connection

    def connect(address, *arguments, **options):
        assert address[0] == public
        return really(("127.0.0.1", port), *arguments, **options)

    monkeypatch.setattr(connection, "create_connection", connect)


# TLS.


def test_the_certificate_is_checked_against_the_name(tmp_path):
    certificate = certificate_for("shop.example", folder=tmp_path)
    with receiving(tls=certificate.serving) as receiver:
        options = {"lookup": stands_for("127.0.0.1"), "trusted": certificate.trusting}
        assert post(f"https://shop.example:{port_of(receiver)}/", **options).status == 204
        assert post(f"https://shop.example.:{port_of(receiver)}/", **options).status == 204
        for name in ("other.example", "127.0.0.1"):
            got = post(f"https://{name}:{port_of(receiver)}/", **options)
            assert (got.status, got.error.partition(":")[0]) == (None, Fault.UNTRUSTED)
    assert len(receiver.came) == 2


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path):
    certificate = certificate_for("shop.example", folder=tmp_path)
    with receiving(tls=certificate.serving) as receiver:
        got = post(f"https://shop.example:{port_of(receiver)}/", lookup=stands_for("127.0.0.1"))
    assert got.error.partition(":")[0] == Fault.UNTRUSTED
    assert receiver.came == []


def test_tls_towards_who_speaks_none_is_told(listening):
    url = listening(lambda connected: connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
    assert post(url.replace("http:", "https:")).error.startswith(Fault.BROKEN)


# In time, and not too much.


def drip(beginning, seconds):
    def serve(connected):
        try:
            connected.recv(65_536)
            connected.sendall(beginning)
            for _ in range(int(seconds / 0.02)):
                connected.sendall(b"a")
                time.sleep(0.02)
        except OSError:
            pass

    return serve


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_an_answer_that_comes_by_drops_is_not_waited_for(listening, beginning):
    begun = time.monotonic()
    got = post(listening(drip(beginning, seconds=8)), seconds=0.3)
    assert time.monotonic() - begun < 4
    assert (got.status, got.error) == (None, Fault.TIMED_OUT)
    assert got.milliseconds >= 290


def test_a_body_that_comes_by_drops_does_not_take_the_answer_back(listening, monkeypatch):
    monkeypatch.setattr("operations.webhook_client.BODY_SECONDS", 0.2)
    url = listening(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", seconds=8))
    begun = time.monotonic()
    assert post(url).taken
    assert time.monotonic() - begun < 4


def test_who_says_nothing_is_not_waited_for(listening):
    silent = Event()
    got = post(listening(lambda _connected: silent.wait(5)), seconds=0.2)
    silent.set()
    assert got.error == Fault.TIMED_OUT


def test_a_silent_tls_handshake_is_not_waited_for(listening, monkeypatch):
    monkeypatch.setattr("operations.webhook_client.CONNECT_SECONDS", 0.2)
    silent = Event()
    got = post(listening(lambda _connected: silent.wait(5)).replace("http:", "https:"))
    silent.set()
    assert got.error == "no_connection: timed out"


def test_of_a_huge_body_only_the_beginning_is_read(listening):
    sent = []

    def serve(connected):
        connected.recv(65_536)
        try:
            connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            while sum(sent) < 100_000_000:
                sent.append(connected.send(b"x" * 65_536))
        except OSError:
            pass

    got = post(listening(serve))
    assert (got.taken, got.beginning) == (True, "x" * 500)
    assert sum(sent) < 50_000_000
    assert LONGEST_BODY < 10_000


def test_a_compressed_body_is_not_unpacked():
    packed = b"\x1f\x8b\x08\x00" + b"\x00" * 50
    with receiving(lambda _came, handler: answer(handler, 200, packed, Content_Encoding="gzip")) as receiver:
        got = post(receiver.url)
    assert (got.taken, len(got.beginning)) == (True, 54)


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, b"\x00" * 99],
)
def test_what_is_no_http_is_a_broken_connection(listening, said):
    def serve(connected):
        connected.recv(65_536)
        connected.sendall(said)
        connected.shutdown(socket.SHUT_RDWR)

    assert post(listening(serve)).error.startswith(Fault.BROKEN)
