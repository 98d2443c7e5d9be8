"""Eligibility over HTTP: one member in 50 campaigns, and many members in one.

`python -m benchmarks.eligibility` measures it alone, with 20,000 members; the database is kept for the next time.
"""

import argparse
import json
from statistics import median

from benchmarks import load
from benchmarks.report import Figure

ROUNDS = 3
BUSY = 16
MANY = 1_000


def measure(port: int, headers: dict[str, str], uids: list[str], *, clients: int, seconds: float) -> list[Figure]:
    """Requests per second of one member's eligibility and its floor, its slowest hundredth, and the cost of a uid."""
    return [
        *_of_one(port, headers, uids, clients=clients, seconds=seconds),
        _of_slowest(port, headers, uids, seconds=seconds),
        _of_many(port, headers, uids, clients=clients, seconds=seconds),
    ]


def _of_one(port: int, headers: dict[str, str], uids: list[str], *, clients: int, seconds: float) -> list[Figure]:
    """Both in turn; the floor's answer has the mean size of the real one."""
    size = _mean_size(port, headers, uids[:50])

    def floor(_client_number: int, _number: int) -> bytes:
        return load.request("GET", f"/bench/floor/{size}/", headers=headers)

    # Each worker keeps what it has decided: measured is how it runs, not how it begins.
    _driven(port, _single(headers, uids), clients, seconds)
    decided: list[float] = []
    least: list[float] = []
    for _round in range(ROUNDS):
        for make, results in ((floor, least), (_single(headers, uids), decided)):
            results.append(_driven(port, make, clients, seconds).per_second)
    return [
        Figure("eligibility over 50 campaigns", median(decided), median(least), 0.6, "higher", "requests/s"),
        Figure("size of an eligibility answer", float(size), None, None, "lower", "bytes"),
    ]


def _of_slowest(port: int, headers: dict[str, str], uids: list[str], *, seconds: float) -> Figure:
    run = _driven(port, _single(headers, uids), BUSY, seconds * 2)
    name = f"its 99th percentile against its median, {BUSY} connections"
    return Figure(name, run.p99_ms, run.median_ms, 10, "lower", "ms")


def _of_many(port: int, headers: dict[str, str], uids: list[str], *, clients: int, seconds: float) -> Figure:
    """Uids per second in one campaign, a fifth of whom take part: by calls of 1,000 uids, and one by one."""
    from benchmarks.shop import OPEN_CAMPAIGN

    bodies = [
        json.dumps({"uids": uids[start : start + MANY], "campaign": OPEN_CAMPAIGN}).encode()
        for start in range(0, len(uids) - MANY + 1, MANY)
    ]

    def together(client_number: int, number: int) -> bytes:
        body = bodies[(client_number + number) % len(bodies)]
        return load.request("POST", "/api/v1/eligibility/", headers=headers, body=body)

    at_once: list[float] = []
    singly: list[float] = []
    for _round in range(ROUNDS):
        one_by_one = _single(headers, uids, f"?campaign={OPEN_CAMPAIGN}")
        singly.append(_driven(port, one_by_one, clients, seconds).per_second)
        at_once.append(_driven(port, together, clients, seconds).per_second * MANY)
    name = "uids in one campaign, 1,000 a call"
    return Figure(name, median(at_once), median(singly), 5, "higher", "uids/s")


def _single(headers: dict[str, str], uids: list[str], query: str = "") -> load.RequestMaker:
    def make(client_number: int, number: int) -> bytes:
        uid = uids[(client_number * 7919 + number) % len(uids)]
        return load.request("GET", f"/api/v1/members/{uid}/eligibility/{query}", headers=headers)

    return make


def _driven(port: int, make: load.RequestMaker, clients: int, seconds: float) -> load.Load:
    run = load.drive(port, make, clients=clients, seconds=seconds)
    if run.failures:
        raise RuntimeError(f"{run.failures} of {run.requests} requests failed")
    return run


def _mean_size(port: int, headers: dict[str, str], uids: list[str]) -> int:
    total = 0
    for uid in uids:
        status, body = load.once(port, load.request("GET", f"/api/v1/members/{uid}/eligibility/", headers=headers))
        if status != 200:
            raise RuntimeError(f"eligibility answered {status}: {body[:200]!r}")
        total += len(body)
    return total // len(uids)


def _alone(options: argparse.Namespace) -> list[Figure]:
    from benchmarks import audience_peers, server, shop

    headers, uids = shop.make_client().headers, shop.some_uids()
    with server.running() as (port, _pid):
        figures = measure(port, headers, uids, clients=options.clients, seconds=options.seconds)
        return figures + audience_peers.measure(port, headers, uids, clients=options.clients, seconds=options.seconds)


if __name__ == "__main__":
    from benchmarks import alone

    alone.run(__doc__, _alone)
