"""Run a function many times at once, each in a thread with a database connection of its own."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections


class Crowd:
    """Threads that keep their connections from round to round; all of a round start at one barrier."""

    def __init__(self, size: int):
        self.size = size
        self.pool = ThreadPoolExecutor(size)

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *error: object) -> None:
        self.each(lambda _each: connections.close_all(), range(self.size))
        self.pool.shutdown()

    @staticmethod
    def _connect(barrier: Barrier) -> None:
        try:
            connection.ensure_connection()
        except Exception:
            # Nobody waits for one who cannot come; what the test sees is the reason and not a time-out.
            barrier.abort()
            raise

    def each(self, function: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
        """Call the function once per argument, all at once; return results and exceptions in order."""
        arguments = list(arguments)
        assert len(arguments) == self.size
        barrier = Barrier(self.size)

        def call(argument: Any) -> Any:
            try:
                self._connect(barrier)
                barrier.wait(timeout=30)
                return function(argument)
            except Exception as error:
                return error

        return list(self.pool.map(call, arguments))


def at_once(callers: int, call: Callable[[int], Any]) -> list[Any]:
    """Call `call(number)` in `callers` threads that start together; return the results, exceptions among them."""
    with Crowd(callers) as crowd:
        return crowd.each(call, range(callers))
