"""What is tried out and never happened: whatever is written inside is taken back, whatever comes of it.

Its hooks for after the commit never run, a lock that it takes lives no longer than its bound, and who keeps things in
memory asks `is_under_way` first, since what is seen inside was never true.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

# As long as it may hold what others wait for.
SECONDS = 1.5

_under_way: ContextVar[bool] = ContextVar("undone", default=False)

P = ParamSpec("P")
T = TypeVar("T")


class TookTooLong(Exception):
    """It was stopped at its bound, or somebody else held what it needed. Nothing of it stays."""


def is_under_way() -> bool:
    """Whether what the caller reads and writes will be taken back."""
    return _under_way.get()


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep that many answers of a function, by its arguments and their types; none of what is under way, nor for it.

    The function's `forget()` lets all of them go.
    """

    def decorator(function: Callable[P, T]) -> Callable[P, T]:
        keeping = lru_cache(most, typed=True)(function)

        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
            # Whatever it is called with can be a key: `lru_cache` says so to the types, and refuses all else.
            return function(*args, **kwargs) if _under_way.get() else keeping(*args, **kwargs)  # type: ignore[arg-type]

        # An attribute of a function, which has no type to declare it.
        wrapper.forget = keeping.cache_clear  # type: ignore[attr-defined]
        return wrapper

    return decorator


@contextmanager
def undone(seconds: float | None = None) -> Iterator[None]:
    """Take back all that is written inside. Raises TookTooLong at the bound: within a statement, or before the next."""
    bound = SECONDS if seconds is None else seconds
    token = _under_way.set(True)
    try:
        with transaction.atomic():
            _limit_statements(bound)
            with connection.execute_wrapper(_until(monotonic() + bound)):
                yield
            transaction.set_rollback(True)
    except OperationalError as error:
        # What PostgreSQL stops itself: 57014 a statement at its time limit, 55P03 a wait for a lock.
        if getattr(error.__cause__, "sqlstate", "") in {"57014", "55P03"}:
            raise TookTooLong from error
        raise
    finally:
        _under_way.reset(token)


def _limit_statements(seconds: float) -> None:
    limit = str(max(int(seconds * 1000), 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %(limit)s, true), set_config('lock_timeout', %(limit)s, true)",
            {"limit": limit},
        )


def _until(moment: float) -> Callable[..., Any]:
    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if monotonic() > moment:
            raise TookTooLong
        return execute(sql, params, many, context)

    return wrapper
