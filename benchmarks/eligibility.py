"""Eligibility over 50 campaigns, against a view that does as little as an API call can."""

from statistics import median

from benchmarks import load
from benchmarks.report import Figure
from benchmarks.shop import Client

ROUNDS = 3


def measure(port: int, client: Client, uids: list[str], *, clients: int, seconds: float) -> list[Figure]:
    """Return requests per second of both, measured in turn; the floor's answer has the mean size of the real one."""
    size = _mean_size(port, client, uids[:50])

    def eligibility(client_number: int, number: int) -> bytes:
        uid = uids[(client_number * 7919 + number) % len(uids)]
        return load.request("GET", f"/api/v1/members/{uid}/eligibility/", headers=client.headers)

    def floor(_client_number: int, _number: int) -> bytes:
        return load.request("GET", f"/bench/floor/{size}/", headers=client.headers)

    decided, least = [], []
    for _round in range(ROUNDS):
        for make, results in ((floor, least), (eligibility, decided)):
            run = load.drive(port, make, clients=clients, seconds=seconds)
            if run.failures:
                raise RuntimeError(f"{run.failures} of {run.requests} requests failed")
            results.append(run.per_second)
    return [
        Figure("eligibility over 50 campaigns", median(decided), median(least), 0.6, "higher", "requests/s"),
        Figure("size of an eligibility answer", float(size), None, None, "lower", "bytes"),
    ]


def _mean_size(port: int, client: Client, uids: list[str]) -> int:
    total = 0
    for uid in uids:
        status, body = load.once(
            port, load.request("GET", f"/api/v1/members/{uid}/eligibility/", headers=client.headers)
        )
        if status != 200:
            raise RuntimeError(f"eligibility answered {status}: {body[:200]!r}")
        total += len(body)
    return total // len(uids)
