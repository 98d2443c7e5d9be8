"""Crowds that this process keeps for a short time: who edits asks for the same ones again and again.

A crowd is named by all that it follows from, the state of the facts among it, so that a kept one is never another one.
It is built outside of the lock that all share: whoever asks for the same one waits for it, nobody else does.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from pyroaring import BitMap, FrozenBitMap

MOST = 64
LASTS_SECONDS = 120.0


@dataclass(slots=True)
class _Place:
    """Where one crowd is kept; `turn` is held by the one who builds it."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    crowd: FrozenBitMap | None = None
    until: float = 0.0


class KeptCrowds:
    """At most `most` crowds, each for `lasts` seconds after it was built. Threads share it."""

    def __init__(self, *, most: int = MOST, lasts: float = LASTS_SECONDS) -> None:
        self._lock = threading.Lock()
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()
        self._most, self._lasts = most, lasts

    def get(self, name: Hashable, build: Callable[[], BitMap], *, clock: float) -> FrozenBitMap:
        """Return the crowd, built where it is not kept. `clock` are seconds that only go forward."""
        place = self._place(name)
        with place.turn:
            if place.crowd is None or place.until <= clock:
                place.crowd, place.until = FrozenBitMap(build()), clock + self._lasts
            return place.crowd

    def __len__(self) -> int:
        return len(self._places)

    def clear(self) -> None:
        with self._lock:
            self._places.clear()

    def _place(self, name: Hashable) -> _Place:
        with self._lock:
            place = self._places.setdefault(name, _Place())
            self._places.move_to_end(name)
            while len(self._places) > self._most:
                self._places.popitem(last=False)
            return place


crowds = KeptCrowds()
