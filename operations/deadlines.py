"""Sockets that are shut when their time is over, whatever still comes in by drops: a socket's own time-out begins anew
with every byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Thread
from time import monotonic


class Watch:
    """One thread that shuts the sockets of many. Use it as a context: it ends with it."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._watched: dict[socket.socket, float] = {}
        self._thread = Thread(target=self._run, name="deadlines", daemon=True)
        self._over = False

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()

    @contextmanager
    def watching(self, watched: socket.socket, *, until: float) -> Iterator[None]:
        """Shut the socket at `until`, as `monotonic` counts, if it is still in use by then."""
        with self._changed:
            # The thread sleeps until the first deadline that it knows of.
            wake = not self._watched or until < min(self._watched.values())
            self._watched[watched] = until
            if wake:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._watched.pop(watched, None)

    def _run(self) -> None:
        with self._changed:
            while not self._over:
                first = min(self._watched.values(), default=None)
                self._changed.wait(None if first is None else max(0.0, first - monotonic()))
                for each in [each for each, until in self._watched.items() if until <= monotonic()]:
                    del self._watched[each]
                    with suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
