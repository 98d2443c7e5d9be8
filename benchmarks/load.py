"""A closed-loop HTTP client: each connection sends its next request when the last answer is whole.

Clients are processes with plain sockets, so that their own cost is small and the same for the figure and its floor.
"""

import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# Makes the n-th request of a client: (client number, n) → the bytes to send.
RequestMaker = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Load:
    requests: int
    seconds: float
    failures: int
    median_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def drive(port: int, make_request: RequestMaker, *, clients: int, seconds: float) -> Load:
    """Send requests from `clients` processes for `seconds`. An answer other than 2xx counts as a failure."""
    results: multiprocessing.SimpleQueue[tuple[list[float], int]] = multiprocessing.get_context("fork").SimpleQueue()
    workers = [
        multiprocessing.get_context("fork").Process(target=_client, args=(results, port, make_request, n, seconds))
        for n in range(clients)
    ]
    for worker in workers:
        worker.start()
    answers = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    latencies = sorted(latency for times, _ in answers for latency in times)
    if not latencies:
        raise RuntimeError("no request was answered")
    failures = sum(failed for _, failed in answers)
    return Load(len(latencies), seconds, failures, _at(latencies, 0.5), _at(latencies, 0.99))


def _at(latencies: Sequence[float], share: float) -> float:
    return latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000


def _client(results: Any, port: int, make_request: RequestMaker, number: int, seconds: float) -> None:
    latencies: list[float] = []
    failures = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ends_at = time.perf_counter() + seconds
        while (sent_at := time.perf_counter()) < ends_at:
            connection.sendall(make_request(number, len(latencies)))
            status, _ = read_answer(connection)
            latencies.append(time.perf_counter() - sent_at)
            failures += not 200 <= status < 300
    results.put((latencies, failures))


def once(port: int, message: bytes) -> tuple[int, bytes]:
    """Send one request on a connection of its own; return the status and the body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(message)
        return read_answer(connection)


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of the next HTTP/1.1 answer with a Content-Length."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        received = connection.recv(65536)
        if not received:
            raise ConnectionError("the server closed the connection")
        data += received
    head = data[:end].lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    body = data[end + 4 :]
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split(b" ", 2)[1]), body


def request(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
