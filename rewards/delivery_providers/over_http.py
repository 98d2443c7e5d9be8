"""Payment by an endpoint of the shop's own: a signed POST of JSON, and a signed GET that asks about a key.

Signed as webhooks are (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`), so that the endpoint
knows who asks. Answers: 2xx `{"status": "delivered"|"failed"|"pending", "reference", "error", "final"}`; a 4xx to the
POST means that nothing was paid; anything else means that nobody knows. To the GET a 404 means: never heard of it.

The address comes from the settings, not from the admin. Still it must not lead into the network of the machine: only
https (http on this machine alone), no redirects, no proxies, and each address that the name stands for is checked
before one is connected to, so that the name cannot stand for another in between.
"""

import base64
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from rewards.delivery_providers import Outcome, Request, Verdict

TIMEOUT = 10
LONGEST_ANSWER = 65_536
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
# Asked again it may well go through; nothing was paid all the same.
PASSING = (http.HTTPStatus.REQUEST_TIMEOUT, http.HTTPStatus.TOO_EARLY, http.HTTPStatus.TOO_MANY_REQUESTS)


class NotSent(Exception):
    """The endpoint was never reached, so nothing can have been paid."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    told: Mapping[str, object]


class OverHttp:
    by_hand = False

    def __init__(
        self, *, url: str, secret: str, needs_identity: str = "", private_network: bool = False, timeout: int = TIMEOUT
    ) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.is_local = self.host in LOCAL_NAMES
        if parts.scheme != "https" and not (parts.scheme == "http" and self.is_local):
            raise ValueError(f"payments go over https, not to {url}")
        if parts.username or parts.query or parts.fragment or not self.host:
            raise ValueError(f"the address of payments is scheme, host and path: {url}")
        self.is_https = parts.scheme == "https"
        self.port = parts.port or (443 if self.is_https else 80)
        self.path = parts.path or "/"
        self.needs_identity = needs_identity
        self._secret = secret.encode()
        self._private_network = private_network
        self._timeout = min(timeout, 30)

    def send(self, request: Request) -> Outcome:
        body = {name: getattr(request, name) for name in request.__slots__}
        try:
            answer = self._ask("POST", self.path, request.key, json.dumps(body, ensure_ascii=False).encode())
        except NotSent as error:
            return Outcome(Verdict.FAILED, error=str(error))
        if 400 <= answer.status < 500 and answer.status != http.HTTPStatus.CONFLICT:
            return Outcome(Verdict.FAILED, error=_error(answer), final=answer.status not in PASSING)
        return _outcome(answer)

    def find(self, key: str) -> Outcome | None:
        try:
            answer = self._ask("GET", f"{self.path}?key={quote(key)}", key, b"")
        except NotSent as error:
            return Outcome(Verdict.UNKNOWN, error=str(error))
        return None if answer.status == http.HTTPStatus.NOT_FOUND else _outcome(answer)

    def _ask(self, method: str, path: str, key: str, body: bytes) -> Answer:
        """Return the answer. Raises NotSent while that is certain, and OSError or HTTPException after."""
        try:
            connection = self._connected()
        except (OSError, ValueError) as error:
            raise NotSent(f"{self.host} is not reached: {error}") from error
        try:
            connection.request(method, path, body=body or None, headers=self._headers(key, body))
            answer = connection.getresponse()
            return Answer(answer.status, _told(answer.read(LONGEST_ANSWER)))
        finally:
            connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self._timeout)
        connected = socket.create_connection((self._checked_address(), self.port), timeout=self._timeout)
        if self.is_https:
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=self.host)
        connection.sock = connected
        return connection

    def _checked_address(self) -> str:
        """Return an address of the host that may be connected to. Raises ValueError if one of them may not."""
        found = [each[4][0] for each in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)]
        for address in found:
            if not self._may_connect(ipaddress.ip_address(str(address).partition("%")[0])):
                raise ValueError(f"{address} is inside this network")
        return str(found[0])

    def _may_connect(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        if address.is_loopback:
            return self.is_local
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            return False
        return address.is_global or self._private_network

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        moment = str(int(time.time()))
        signed = hmac.digest(self._secret, b".".join([key.encode(), moment.encode(), body]), "sha256")
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "qianmian",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }


def _told(body: bytes) -> Mapping[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _outcome(answer: Answer) -> Outcome:
    if not 200 <= answer.status < 300:
        return Outcome(Verdict.UNKNOWN, error=_error(answer))
    reference = str(answer.told.get("reference") or "")[:100]
    match answer.told.get("status"):
        case "delivered":
            return Outcome(Verdict.DELIVERED, reference=reference)
        case "failed":
            return Outcome(Verdict.FAILED, error=_error(answer), final=answer.told.get("final") is True)
        case _:
            return Outcome(Verdict.UNKNOWN, error=_error(answer))


def _error(answer: Answer) -> str:
    return str(answer.told.get("error") or f"HTTP {answer.status}")[:500]
