"""Work whose commits stand by themselves, whatever becomes of the transaction it was asked for in.

A job runs in the transaction that marks it as done. What talks to a system outside must have written down that it does
before it does, so it needs a connection of its own, and in Django a connection belongs to a thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connections

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def apart(function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    """Call the function outside of the caller's transaction and return what it returns, or raise what it raises."""

    def call() -> Result:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1, thread_name_prefix="apart") as thread:
        return thread.submit(call).result()
