"""Calling something from many threads at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(callers: int, call: Callable[[int], Any]) -> list[Any]:
    """Call `call(number)` in `callers` threads that start together; return the results, exceptions among them."""
    barrier = threading.Barrier(callers)
    results: list[Any] = [None] * callers

    def caller(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            results[number] = call(number)
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
