"""A receiver of webhooks on this machine alone, for trying out and for tests.

    .venv/bin/python -m demo.webhook_receiver [PORT] --secret whsec_… [--answer 500] [--times 2] [--slow 3]

prints what comes in, whether the secret signed it, and whether it came before. `--answer` says what it answers instead
of 204, `--times` to how many tries of each event, `--slow` how many seconds it takes to answer. The house sends to this
machine only where `WEBHOOKS_TO_PRIVATE` allows it.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from operations import standard_webhooks
from operations.standard_webhooks import NotAuthentic

HOST = "127.0.0.1"
GOOD = 204


@dataclass
class Switches:
    """What goes wrong: `answer` to the first `times` tries of each event (None: to all), after `slow` seconds."""

    answer: int = GOOD
    times: int | None = None
    slow: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """One try that came in. `fault` is empty where the secret signed it; `tries` counts those of this event."""

    path: str
    headers: dict[str, str]
    body: bytes
    fault: str
    tries: int
    answered: int

    @property
    def message_id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


class WebhookReceiver(ThreadingHTTPServer):
    """The server, the secrets it knows, and what it has received, oldest first."""

    daemon_threads = True

    def __init__(self, port: int = 0, *, tell: Callable[[Received], None] = lambda _received: None) -> None:
        super().__init__((HOST, port), _Answers)
        self.secrets: list[str] = []
        self.switches = Switches()
        self.received: list[Received] = []
        self._tell = tell
        self._tries: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Note one try and return the status with which it is answered."""
        with self._lock:
            message_id = headers.get("webhook-id", "")
            self._tries[message_id] += 1
            tries = self._tries[message_id]
            fault = self._fault(headers, body)
            switched = self.switches.times is None or tries <= self.switches.times
            answered = 401 if fault else self.switches.answer if switched else GOOD
            received = Received(path, headers, body, fault, tries, answered)
            self.received.append(received)
            self._tell(received)
        return answered

    def _fault(self, headers: dict[str, str], body: bytes) -> str:
        try:
            standard_webhooks.authentic_id(headers, body, self.secrets, now=datetime.now(UTC))
        except NotAuthentic as error:
            return error.fault.value
        return ""


class _Answers(BaseHTTPRequestHandler):
    server: WebhookReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        time.sleep(self.server.switches.slow)
        status = self.server.take(self.path, headers, body)
        # The sender may have given up waiting.
        with suppress(OSError):
            self._answer(status)

    def _answer(self, status: int) -> None:
        said = b"" if status == GOOD else f"answered {status}, as it was told to\n".encode()
        self.send_response(status)
        for name, value in self.server.switches.headers.items():
            self.send_header(name, value)
        if status != GOOD:
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `tell` does."""


@contextmanager
def running(*secrets: str, port: int = 0) -> Iterator[WebhookReceiver]:
    """Run a receiver that knows these secrets beside the caller, on a free port unless one is named."""
    server = WebhookReceiver(port)
    server.secrets += secrets
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def shown(received: Received) -> str:
    """Return what the terminal says of one try."""
    verdict = f"refused: {received.fault}" if received.fault else "signed by the secret"
    again = f", try {received.tries}" if received.tries > 1 else ""
    head = f"{received.message_id or 'without webhook-id'}{again}: {verdict}; answered {received.answered}"
    try:
        body = json.dumps(received.payload, ensure_ascii=False, indent=2)
    except ValueError:
        body = repr(received.body[:500])
    return f"{head}\n{body}\n"


def _say(received: Received) -> None:
    sys.stdout.write(shown(received) + "\n")
    sys.stdout.flush()


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo.webhook_receiver", description="Receive webhooks on this machine.")
    parser.add_argument("port", nargs="?", type=int, default=8198)
    secret = "the secret of the webhook, whsec_…; several by commas (or WEBHOOK_SECRET in the environment)"  # noqa: S105
    parser.add_argument("--secret", default=os.environ.get("WEBHOOK_SECRET", ""), help=secret)
    parser.add_argument("--answer", type=int, default=GOOD, help="the status to answer, such as 500, 410 or 429")
    parser.add_argument("--times", type=int, help="answer so only to the first so many tries of each event")
    parser.add_argument("--slow", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--retry-after", type=int, help="seconds, as the header Retry-After of each answer")
    parser.add_argument("--location", help="where answers of 307 and 308 lead")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    asked = _asked(arguments)
    headers = {"Retry-After": asked.retry_after, "Location": asked.location}
    with WebhookReceiver(asked.port, tell=_say) as server:
        server.secrets += [each for each in asked.secret.split(",") if each]
        told = {name: str(value) for name, value in headers.items() if value is not None}
        server.switches = Switches(asked.answer, asked.times, asked.slow, told)
        known = "" if server.secrets else " It knows no secret yet, so it refuses everything: start it with --secret."
        sys.stdout.write(f"A receiver of webhooks at {server.url}/{known}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
