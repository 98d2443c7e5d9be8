"""The payment endpoint of a shop: what is sent to it, and what each of its answers means."""

import base64
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rewards.delivery_providers import NotConfigured, Outcome, Request, Verdict, over_http, provider_of
from rewards.delivery_providers.over_http import OverHttp

REQUEST = Request("k" * 32, 888, "CNY", "ann", "oAnn", 7, "红包")
DELIVERED = Outcome(Verdict.DELIVERED, reference="R-1")


class Endpoint(BaseHTTPRequestHandler):
    answers: list[tuple[int, object]] = []
    asked: list[tuple[str, dict, bytes]] = []

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((f"{self.command} {self.path}", dict(self.headers), body))
        status, told = self.answers.pop(0)
        text = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = _answer

    def log_message(self, *_args):
        pass


@pytest.fixture
def endpoint():
    Endpoint.answers, Endpoint.asked = [], []
    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def provider(endpoint):
    return OverHttp(url=f"http://127.0.0.1:{endpoint.server_port}/pay", secret="quiet owls")


def test_the_request_is_signed_and_carries_the_key(endpoint, provider):
    Endpoint.answers = [(200, {"status": "delivered", "reference": "R-1"})]
    assert provider.send(REQUEST) == DELIVERED
    [(line, headers, body)] = Endpoint.asked
    assert line == "POST /pay"
    assert json.loads(body) == {
        "key": "k" * 32, "cents": 888, "currency": "CNY", "uid": "ann", "account": "oAnn", "award": 7, "gift": "红包",
    }  # fmt: skip
    signed = b".".join([b"k" * 32, headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.digest(b"quiet owls", signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["Idempotency-Key"] == headers["webhook-id"] == "k" * 32


@pytest.mark.parametrize(
    ("status", "told", "outcome"),
    [
        (200, {"status": "failed", "error": "no money"}, Outcome(Verdict.FAILED, error="no money")),
        (200, {"status": "failed", "final": True}, Outcome(Verdict.FAILED, error="HTTP 200", final=True)),
        (202, {"status": "pending"}, Outcome(Verdict.UNKNOWN, error="HTTP 202")),
        (200, b"<html>", Outcome(Verdict.UNKNOWN, error="HTTP 200")),
        (200, ["delivered"], Outcome(Verdict.UNKNOWN, error="HTTP 200")),
        (302, {}, Outcome(Verdict.UNKNOWN, error="HTTP 302")),
        (400, {"error": "no such openid"}, Outcome(Verdict.FAILED, error="no such openid", final=True)),
        (409, {"error": "in flight"}, Outcome(Verdict.UNKNOWN, error="in flight")),
        (429, {}, Outcome(Verdict.FAILED, error="HTTP 429")),
        (500, {"status": "delivered"}, Outcome(Verdict.UNKNOWN, error="HTTP 500")),
    ],
)
def test_what_each_answer_means(endpoint, provider, status, told, outcome):
    Endpoint.answers = [(status, told)]
    assert provider.send(REQUEST) == outcome
    assert len(Endpoint.asked) == 1


@pytest.mark.parametrize(
    ("status", "told", "outcome"),
    [
        (404, {}, None),
        (200, {"status": "delivered", "reference": "R-1"}, DELIVERED),
        (200, {"status": "failed", "error": "no"}, Outcome(Verdict.FAILED, error="no")),
        (401, {}, Outcome(Verdict.UNKNOWN, error="HTTP 401")),
        (503, {}, Outcome(Verdict.UNKNOWN, error="HTTP 503")),
    ],
)
def test_what_became_of_a_key_is_asked_for(endpoint, provider, status, told, outcome):
    Endpoint.answers = [(status, told)]
    assert provider.find("k" * 32) == outcome
    assert Endpoint.asked[0][0] == f"GET /pay?key={'k' * 32}"


def test_an_endpoint_that_is_not_there_was_never_asked():
    provider = OverHttp(url="http://127.0.0.1:9/pay", secret="x")
    assert provider.send(REQUEST).verdict == Verdict.FAILED
    assert not provider.send(REQUEST).final
    assert provider.find("k").verdict == Verdict.UNKNOWN


def test_an_answer_that_does_not_come_is_no_failure(endpoint, monkeypatch):
    provider = OverHttp(url=f"http://127.0.0.1:{endpoint.server_port}/pay", secret="x", timeout=1)
    monkeypatch.setattr(Endpoint, "do_POST", lambda _self: threading.Event().wait(2))
    with pytest.raises(TimeoutError, match="timed out"):
        provider.send(REQUEST)


@pytest.mark.parametrize(
    "url",
    ["http://shop.example/pay", "ftp://shop.example/", "https://u:p@shop.example/", "https:///pay", "https://a/?b"],
)
def test_only_https_is_taken_but_for_this_machine(url):
    with pytest.raises(ValueError, match="pay"):
        OverHttp(url=url, secret="x")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "fd00::1", "0.0.0.0"]
)
def test_a_name_that_leads_inside_is_not_connected_to(monkeypatch, address):
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", (address, 443))]
    monkeypatch.setattr(over_http.socket, "getaddrinfo", lambda *_args, **_named: found)
    monkeypatch.setattr(over_http.socket, "create_connection", lambda *_args, **_named: pytest.fail("connected"))
    outcome = OverHttp(url="https://shop.example/pay", secret="x").send(REQUEST)
    assert (outcome.verdict, "inside" in outcome.error) == (Verdict.FAILED, True)


def test_a_provider_that_nobody_set_up_is_named(settings):
    settings.DELIVERY_PROVIDERS = {"manual": {}}
    assert provider_of("manual").by_hand
    with pytest.raises(NotConfigured, match="gold"):
        provider_of("gold")
