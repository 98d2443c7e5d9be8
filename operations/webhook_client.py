"""One POST to an address that somebody else named: to a public address, in a time that is bounded, with a short answer.

1. Every address of the host's name is judged (`operations.public_addresses`), and the connection is made to one that
   was judged: the name cannot stand for another in between. The certificate is that of the name.
2. No proxy, no cookie, nothing unpacked; at most MOST_REDIRECTS redirects, each judged anew, never from https to http.
3. All of it is over after `seconds`, even if the answer comes by drops. Once a status has come, it is the answer.

Connections are kept and used again as long as the client lives, which is for seconds.
"""

import http.client
import logging
import ssl
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from time import monotonic
from types import TracebackType
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from operations import public_addresses, webhook_addresses
from operations.deadlines import Watch
from operations.webhook_addresses import Target
from operations.webhook_refusals import BadAddress, Fault

SECONDS = 10.0
CONNECT_SECONDS = 3.0
# The status has come by then: what follows is for the record.
BODY_SECONDS = 2.0
LONGEST_BODY = 4_096
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4
# Those that ask for the same method and body again.
REDIRECTS = (307, 308)

# What a receiver answers is no fault of ours, and the address in such a line may hold its secret.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_BROKEN = (OSError, http.client.HTTPException, HTTPError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a POST. `status` is None where none came; `error` is a `Fault`, with or without a detail."""

    status: int | None
    error: str = ""
    beginning: str = ""
    retry_after: str = ""
    milliseconds: int = 0

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.error


class _Failed(Exception):
    def __init__(self, fault: Fault, detail: object = "", *, status: int | None = None) -> None:
        super().__init__(f"{fault}: {detail}" if detail else fault.value)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    beginning: str
    retry_after: str
    location: str


class Client:
    """Posts from many threads at once. Use it as a context: its connections end with it.

    `private` lets it go over plain http and to any address. `lookup` is asked for addresses instead of the system,
    `trusted` knows the certificates to trust instead of the system's.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        seconds: float = SECONDS,
        lookup: public_addresses.Lookup | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._private, self._seconds, self._lookup, self._given = private, seconds, lookup, trusted
        self._kept: dict[tuple[bool, str, int], list[HTTPConnection]] = defaultdict(list)
        self._lock = Lock()
        self._watch = Watch()
        self._end = ExitStack()

    def __enter__(self) -> "Client":
        self._end.enter_context(self._watch)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connections in self._kept.values():
            for connection in connections:
                connection.close()
        self._end.__exit__(kind, error, trace)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the body, with these headers and `Host`. Whatever goes wrong on the way is the answer's `error`."""
        begun = monotonic()
        try:
            reply = self._followed(url, headers, body, until=begun + self._seconds)
        except _Failed as failed:
            return Answer(failed.status, _printable(str(failed))[:500], milliseconds=_since(begun))
        return Answer(reply.status, "", reply.beginning, reply.retry_after, _since(begun))

    def _followed(self, url: str, headers: Mapping[str, str], body: bytes, *, until: float) -> _Reply:
        target = _target(url, plain=self._private)
        reply = self._sent(target, headers, body, until=until)
        for _ in range(MOST_REDIRECTS):
            if reply.status not in REDIRECTS or not reply.location:
                return reply
            url = _joined(url, reply.location)
            target = _target(url, plain=self._private and not target.is_https, status=reply.status)
            reply = self._sent(target, headers, body, until=until, status=reply.status)
        if reply.status in REDIRECTS:
            raise _Failed(Fault.REDIRECTED, f"more than {MOST_REDIRECTS}", status=reply.status)
        return reply

    def _sent(
        self, target: Target, headers: Mapping[str, str], body: bytes, *, until: float, status: int | None = None
    ) -> _Reply:
        if (kept := self._taken_up(target)) is not None:
            try:
                return self._spoken(kept, target, headers, body, until=until)
            except _Failed:
                # The other side may have shut it while nobody looked. A new one tells.
                kept.close()
                if monotonic() >= until:
                    raise
        connection = self._connected(target, until=until, status=status)
        try:
            return self._spoken(connection, target, headers, body, until=until)
        except BaseException:
            connection.close()
            raise

    def _connected(self, target: Target, *, until: float, status: int | None) -> HTTPConnection:
        """Connect to the first address that lets us. `status` is that of the redirect that leads there."""
        try:
            addresses = public_addresses.resolve(
                target.host, target.port, seconds=_left(until), private=self._private, lookup=self._lookup
            )
        except public_addresses.NotPublic:
            raise _Failed(Fault.NOT_PUBLIC, status=status) from None
        except public_addresses.NotResolved:
            raise _Failed(Fault.UNRESOLVED, status=status) from None
        failed = _Failed(Fault.NO_CONNECTION)
        for address in addresses[:MOST_ADDRESSES]:
            connection = self._connection(target, address, _left(until))
            try:
                connection.connect()
            except (*_BROKEN, ValueError) as error:
                connection.close()
                failed = _why_unconnected(error)
            else:
                return connection
        raise failed

    def _connection(self, target: Target, address: str, seconds: float) -> HTTPConnection:
        if not target.is_https:
            return HTTPConnection(address, target.port, timeout=seconds)
        name = target.host.rstrip(".")
        return HTTPSConnection(address, target.port, timeout=seconds, server_hostname=name, ssl_context=self._trusted)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    def _spoken(
        self, connection: HTTPConnection, target: Target, headers: Mapping[str, str], body: bytes, *, until: float
    ) -> _Reply:
        """Send and read on an open connection; keep it where another request may follow."""
        opened = connection.sock
        try:
            with self._watch.watching(opened, until=until):
                connection.timeout = max(until - monotonic(), 0.001)
                opened.settimeout(connection.timeout)
                sent = {**headers, "Host": target.host_header}
                connection.request("POST", target.path, body=body, headers=sent, preload_content=False)
                response = connection.getresponse()
            if monotonic() >= until:
                # Shut in the midst of its headers, they look as if they had ended.
                raise TimeoutError
            with self._watch.watching(opened, until=min(until, monotonic() + BODY_SECONDS)):
                beginning = _beginning(response)
        except _BROKEN as error:
            if isinstance(error, TimeoutError) or monotonic() >= until:
                raise _Failed(Fault.TIMED_OUT) from error
            raise _Failed(Fault.BROKEN, type(error).__name__) from error
        reply = _Reply(
            response.status,
            beginning,
            response.headers.get("retry-after", "")[:100],
            response.headers.get("location", ""),
        )
        self._keep(target, connection, response)
        return reply

    def _taken_up(self, target: Target) -> HTTPConnection | None:
        with self._lock:
            kept = self._kept[target.is_https, target.host, target.port]
            return kept.pop() if kept else None

    def _keep(self, target: Target, connection: HTTPConnection, response: HTTPResponse) -> None:
        if connection.is_closed or not response.isclosed():
            connection.close()
            return
        with self._lock:
            self._kept[target.is_https, target.host, target.port].append(connection)


def _target(url: str, *, plain: bool, status: int | None = None) -> Target:
    """Take the address apart; `status` is that of the redirect that names it."""
    try:
        return webhook_addresses.target_of(url, plain=plain)
    except BadAddress as error:
        raise _Failed(Fault.NO_ADDRESS if status is None else Fault.REDIRECTED, error.refusal, status=status) from None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _beginning(response: HTTPResponse) -> str:
    try:
        data = response.read(LONGEST_BODY, decode_content=False)
    except _BROKEN:
        return ""
    return _printable(data.decode("utf-8", "replace"))[:500]


def _printable(text: str) -> str:
    # PostgreSQL holds no NUL.
    return text.replace("\x00", "\ufffd")


def _why_unconnected(error: Exception) -> _Failed:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _Failed(Fault.UNTRUSTED, error.verify_message)
    if isinstance(error, ssl.SSLError):
        return _Failed(Fault.BROKEN, f"TLS: {error.reason}")
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, TimeoutError):
        return _Failed(Fault.NO_CONNECTION, "timed out")
    return _Failed(Fault.NO_CONNECTION, getattr(cause, "strerror", None) or type(cause).__name__)


def _left(until: float) -> float:
    """Return how many seconds a connection may take. Raises when there are none."""
    if (left := min(CONNECT_SECONDS, until - monotonic())) <= 0:
        raise _Failed(Fault.TIMED_OUT)
    return left


def _since(begun: float) -> int:
    return round((monotonic() - begun) * 1000)
