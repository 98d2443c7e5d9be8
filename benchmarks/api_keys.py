"""What each call pays before its view begins: the check of its key, and of the bound on its client's calls."""

from collections.abc import Callable
from datetime import datetime
from timeit import repeat

from benchmarks.report import Figure
from operations import addresses, api_keys, call_counts
from operations.api_keys import create_api_key

CALLS = 20_000
MOST_MICROSECONDS = 100.0


def measure(*, now: datetime) -> list[Figure]:
    """Of a key that this process knows, bound to three ranges of addresses; microseconds a call, the best of five."""
    ranges = ["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"]
    _key, plain, _secret = create_api_key("benchmark of keys", ["eligibility"], address_ranges=ranges)
    api_keys.valid_key(plain, clock=0.0)

    def check() -> None:
        known = api_keys.valid_key(plain, address="2001:db8::1", clock=1.0)
        assert known is not None
        assert api_keys.may_come_from(known, addresses.normal_address("2001:db8::1"))

    def count() -> None:
        assert call_counts.count("benchmark", bound=10_000_000, portion=100_000, now=now).admitted

    return [
        Figure("check of a known API key", _best(check), MOST_MICROSECONDS, 1.0, "lower", "µs"),
        Figure("bound on the calls of a client", _best(count), MOST_MICROSECONDS, 1.0, "lower", "µs"),
    ]


def _best(call: Callable[[], None]) -> float:
    call()
    return min(repeat(call, number=CALLS, repeat=5)) / CALLS * 1_000_000
