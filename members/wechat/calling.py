"""Calls to WeChat's API: JSON over https, no redirects, no proxies, a short answer, and all of it in a few seconds.

The address comes from the settings. Plain http goes to this machine alone, where the fake server listens.
"""

import http.client
import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Timer
from typing import Any
from urllib.parse import urlencode, urlsplit

LONGEST_ANSWER = 65_536
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def is_safe(base_url: str) -> bool:
    """Tell whether the secret may go there: over https, or no further than this machine."""
    parts = urlsplit(base_url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_NAMES)


class WechatUnreachable(Exception):
    """No answer in time, or none that can be read."""


class WechatError(Exception):
    """WeChat's own refusal. `code` is its errcode."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message[:150]}")
        self.code = code


class Calls:
    """The calls of one errand, which share `seconds`.

    A time-out of the socket would begin anew with every byte: when the time is over, the connection is cut.
    No exception names the address, which may hold the secret.
    """

    def __init__(self, base_url: str, *, seconds: float) -> None:
        parts = urlsplit(base_url)
        self._is_https, self._may_call = parts.scheme == "https", is_safe(base_url)
        self._host, self._port = parts.hostname or "", parts.port
        self._until = time.monotonic() + seconds

    def get(self, path: str, **query: str) -> Mapping[str, Any]:
        """Raises WechatUnreachable, WechatError."""
        return self._ask("GET", f"{path}?{urlencode(query)}", None)

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Raises WechatUnreachable, WechatError."""
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Mapping[str, Any]:
        if not self._may_call:
            raise WechatUnreachable("it is called over https, or on this machine")
        left = self._until - time.monotonic()
        if left <= 0:
            raise WechatUnreachable("no time left")
        kind = http.client.HTTPSConnection if self._is_https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=left)
        cut = Timer(left, _cut, [connection])
        cut.start()
        try:
            connection.request(method, path, body=body, headers=_headers(body))
            answer = connection.getresponse()
            status, said = answer.status, answer.read(LONGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise WechatUnreachable(type(error).__name__) from None
        finally:
            cut.cancel()
            connection.close()
        return _told(status, said)


def _cut(connection: http.client.HTTPConnection) -> None:
    # Whoever reads from it sees the end of the answer.
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _headers(body: bytes | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "qianmian"}
    return headers | ({"Content-Type": "application/json"} if body else {})


def _told(status: int, said: bytes) -> Mapping[str, Any]:
    if status != http.HTTPStatus.OK:
        raise WechatUnreachable(f"HTTP {status}")
    try:
        told = json.loads(said)
    except ValueError:
        raise WechatUnreachable("no JSON") from None
    if not isinstance(told, dict):
        raise WechatUnreachable("no JSON object")
    if code := told.get("errcode"):
        raise WechatError(code if isinstance(code, int) else -1, str(told.get("errmsg", "")))
    return told
