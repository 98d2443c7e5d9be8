"""How many webhooks a second one pump delivers, beside a bare loop of urllib3 to the same receiver.

`python -m benchmarks.webhook_sending` measures it, in a database of its own. The receiver is a process on this machine,
so it shares the cores with both.
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["LOCAL_HTTP"] = "1"
    django.setup()

import asyncio

import urllib3
from django.conf import settings
from django.utils import timezone

from benchmarks import database
from benchmarks.report import Figure
from operations import webhook_sending
from operations.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from operations.sealing import seal
from operations.standard_webhooks import new_secret

DELIVERIES = 3_000
ROUNDS = 2
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def measure() -> list[Figure]:
    """Deliver and post as many, in turns, so that whatever else the machine does falls on both."""
    settings.WEBHOOKS_TO_PRIVATE = True
    context = multiprocessing.get_context("fork")
    told: multiprocessing.Queue[int] = context.Queue()
    receiver = context.Process(target=_receive, args=(told,), daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{told.get()}/in"
    endpoint = WebhookEndpoint.objects.create(
        name="bench", url=url, events=["x"], sealed_secret=seal(new_secret(bytes(32))), created_at=timezone.now()
    )
    sent = one_by_one = at_once = 0.0
    try:
        for number in range(ROUNDS):
            _queue(endpoint, number)
            database.settle()
            sent += _seconds(_deliver, endpoint)
            one_by_one += _seconds(_post, url, 1)
            at_once += _seconds(_post, url, webhook_sending.THREADS)
    finally:
        receiver.terminate()
    rate, alone, together = (ROUNDS * DELIVERIES / seconds for seconds in (sent, one_by_one, at_once))
    return [
        Figure("webhooks of one pump, against urllib3 one by one", rate, alone, None, "higher", "/s"),
        Figure(f"the same, against urllib3 in {webhook_sending.THREADS} threads", rate, together, None, "higher", "/s"),
    ]


def _queue(endpoint: WebhookEndpoint, number: int) -> None:
    now = timezone.now()
    events = WebhookEvent.objects.bulk_create(
        WebhookEvent(
            message_id=f"msg_{number}_{each}", kind="x", member_id=each // 2, data=_data(each), occurred_at=now
        )
        for each in range(DELIVERIES)
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=endpoint, event=event, member_id=event.member_id, due_at=now, created_at=now)
        for event in events
    )


def _data(each: int) -> dict[str, object]:
    return {"uid": f"u{each}", "unit": "points", "amount": 10, "balance": 1_000, "reason": "order", "reference": "o-1"}


def _seconds(work: Any, *given: Any) -> float:
    begun = time.perf_counter()
    work(*given)
    return time.perf_counter() - begun


def _deliver(endpoint: WebhookEndpoint) -> None:
    done = webhook_sending.pump(endpoint.pk, now=timezone.now, seconds=600)
    if done.taken != DELIVERIES:
        raise RuntimeError(f"{done} instead of {DELIVERIES}")


def _post(url: str, threads: int) -> None:
    """Post as many bodies of the same size: no signature, no database."""
    body = b"x" * 200
    with urllib3.PoolManager(maxsize=threads) as pool, ThreadPoolExecutor(threads) as executor:
        list(executor.map(lambda _each: pool.request("POST", url, body=body, retries=False), range(DELIVERIES)))


def _receive(told: Any) -> None:
    asyncio.run(_serve(told))


async def _serve(told: Any) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    told.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main() -> int:
    from django.core.management import call_command

    from benchmarks import report

    database.create_empty()
    call_command("migrate", verbosity=0)
    sys.stdout.write(report.table(measure()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
