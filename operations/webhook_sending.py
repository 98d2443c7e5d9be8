"""The pump of one endpoint: takes what is due, sends several at once, and writes down what became of each.

1. Deliveries are committed as taken before anything is sent (`webhook_claims`), and nothing is sent in a transaction.
2. Threads speak HTTP and nothing else; the pump itself asks and writes the database.
3. Whoever is killed in between leaves deliveries behind that are taken: when their lease is over they are sent again,
   with the same id and the same body. Nothing is lost, and what comes twice can be told.

An endpoint that takes nothing is tried with one delivery at a time, and rests longer after each. So it does where the
pump itself is at fault.
"""

import logging
import random
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.conf import settings

from operations import webhook_claims, webhook_endpoints, webhook_messages, webhook_outcomes
from operations.models import WebhookEndpoint
from operations.running import NotRetried
from operations.webhook_claims import Claimed
from operations.webhook_client import Answer, Client
from operations.webhook_outcomes import Tried
from operations.webhook_refusals import Fault

logger = logging.getLogger(__name__)

THREADS = 8
# So many are taken as long as the receiver is quick, for the threads not to wait for the database; no more than threads
# from one that takes its time. Should it hang of a sudden, the last answer comes after 3 * `webhook_client.SECONDS`.
TAKEN = 3 * THREADS
QUICK_MILLISECONDS = 250
# A look that found too little is not repeated at once: behind heads that are being sent, many may wait.
LOOK_EVERY = 0.5
# The address and the secrets are read anew so often.
READ_EVERY = 1.0


class PumpFailed(NotRetried):
    """A fault of ours ended the pump. The endpoint rests, and then another pump goes on."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many tries were taken and how many failed; `more`: time ran out before the work did."""

    taken: int = 0
    failed: int = 0
    more: bool = False


def seconds_of_a_job() -> float:
    """Return for how long a pump may take new work: a third of what a worker may take, so that it ends in time."""
    return float(settings.Q_CLUSTER["timeout"]) / 3


def pump(
    endpoint_id: int,
    *,
    now: Callable[[], datetime],
    chance: Callable[[], float] = random.random,
    seconds: float | None = None,
    client: Client | None = None,
) -> Sent:
    """Send what is due for the endpoint, for at most so many seconds and the time of the last answers.

    Raises PumpFailed.
    """
    until = monotonic() + (seconds_of_a_job() if seconds is None else seconds)
    try:
        return _pumped(endpoint_id, client, now, chance, until=until)
    except Exception as error:
        webhook_outcomes.rest(endpoint_id, now=now())
        raise PumpFailed(f"webhook {endpoint_id}: {type(error).__name__}") from error


def _pumped(
    endpoint_id: int,
    client: Client | None,
    now: Callable[[], datetime],
    chance: Callable[[], float],
    *,
    until: float,
) -> Sent:
    with (
        client or Client(private=settings.WEBHOOKS_TO_PRIVATE) as open_client,
        ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks") as threads,
    ):
        return _Pump(endpoint_id, open_client, threads, now, chance).run(until=until)


class _Pump:
    def __init__(
        self,
        endpoint_id: int,
        client: Client,
        threads: ThreadPoolExecutor,
        now: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self.endpoint_id, self.client, self.threads, self.now, self.chance = endpoint_id, client, threads, now, chance
        self.sending: set[Future[Tried]] = set()
        self.freed: frozenset[int] = frozenset()
        self.look_at = self.read_at = 0.0
        self.endpoint: WebhookEndpoint | None = None
        self.secrets: list[str] = []
        self.noted_at: datetime | None = None
        self.failing = self.quick = False

    def run(self, *, until: float) -> Sent:
        self._read()
        self.failing = self.endpoint is not None and self.endpoint.failing_since is not None
        taken = failed = 0
        while True:
            if in_time := monotonic() < until:
                self._take()
            if not self.sending:
                return Sent(taken, failed, more=not in_time)
            tries = self._answered()
            good = sum(tried.answer.taken for tried in tries)
            taken, failed = taken + good, failed + len(tries) - good
            self._write(tries)

    def _write(self, tries: Sequence[Tried]) -> None:
        now = self.now()
        noted = not self.failing and self.noted_at is not None and now - self.noted_at < webhook_outcomes.NOTED_EVERY
        written = webhook_outcomes.write(
            self.endpoint_id, tries, alone=not self.sending, noted=noted, now=now, chance=self.chance
        )
        self.noted_at = self.noted_at if noted else now
        self.failing, self.freed = written.failing, written.freed
        self.quick = max(tried.answer.milliseconds for tried in tries) < QUICK_MILLISECONDS

    def _take(self) -> None:
        """Take as much as there is room for. While all fails, one at a time."""
        most = 1 if self.failing else TAKEN if self.quick else THREADS
        room = most - len(self.sending)
        if room <= 0:
            return
        self._read()
        if self.endpoint is None:
            return
        for each in self._claimed(room):
            sending = self.threads.submit(_tried, self.client, self.endpoint.url, self.secrets, each, self.now)
            self.sending.add(sending)

    def _claimed(self, room: int) -> list[Claimed]:
        """Look for what is due; if a look was in vain a moment ago, only behind what has just ended."""
        freed, self.freed = self.freed, frozenset()
        if self.sending and monotonic() < self.look_at:
            return webhook_claims.take_next(self.endpoint_id, list(freed)[:room], now=self.now())
        found = webhook_claims.take_due(self.endpoint_id, limit=room, now=self.now())
        self.look_at = monotonic() + (LOOK_EVERY if len(found) < room else 0)
        return found

    def _answered(self) -> Sequence[Tried]:
        done, self.sending = wait(self.sending, return_when=FIRST_COMPLETED)
        return [each.result() for each in done]

    def _read(self) -> None:
        if monotonic() >= self.read_at:
            self.endpoint = WebhookEndpoint.objects.filter(pk=self.endpoint_id).first()
            self.secrets = webhook_endpoints.signing_secrets(self.endpoint, now=self.now()) if self.endpoint else []
            self.read_at = monotonic() + READ_EVERY


def _tried(client: Client, url: str, secrets: Sequence[str], claimed: Claimed, now: Callable[[], datetime]) -> Tried:
    """Send one delivery, in a thread that has no database."""
    at = now()
    try:
        answer = _sent(client, url, secrets, claimed, at)
    except Exception as error:
        # A fault of ours. The others are sent all the same, and this one is tried again.
        logger.exception("webhook %s could not be sent", claimed.message_id)
        answer = Answer(None, f"{Fault.BROKEN}: {type(error).__name__}")
    return Tried(claimed, answer, at)


def _sent(client: Client, url: str, secrets: Sequence[str], claimed: Claimed, at: datetime) -> Answer:
    if not secrets:
        return Answer(None, Fault.SECRET_LOST)
    body = webhook_messages.body_of(claimed.kind, claimed.occurred_at, claimed.data)
    headers = webhook_messages.headers_of(claimed.message_id, body, secrets, now=at)
    return client.post(url, headers, body)
