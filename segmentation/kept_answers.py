"""Answers to clauses that this process keeps: the edit of one clause of a rule computes one clause.

An answer is kept with the state of the facts that it is of, and brought up to date by looking at those who were
touched since. It is named by its content: the clause, what the names in it stand for, and, where the answer moves with
time, the moment.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from pyroaring import BitMap, FrozenBitMap

from members import touches
from segmentation.rules import Leaf
from segmentation.sources import source_of
from segmentation.sources.base import Source
from segmentation.world import World

MEGABYTE = 1 << 20
# Beyond so many touched members, the clause is computed anew.
MOST_TOUCHED = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """`members` for whom a clause held in the state of facts `state`; `size` in bytes."""

    members: FrozenBitMap
    state: str
    size: int


class Answers:
    """The answers used last, which take up `most` bytes together. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> Answer | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: Hashable, answer: Answer, *, most: int) -> None:
        with self._lock:
            before = self._answers.pop(key, None)
            self._answers[key] = answer
            self._size += answer.size - (before.size if before else 0)
            while self._size > most:
                _, oldest = self._answers.popitem(last=False)
                self._size -= oldest.size

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._size = 0


answers = Answers()


def members_of(leaf: Leaf, world: World) -> BitMap:
    """Return the members for whom the clause holds, of a world of everyone from a kept answer where there is one."""
    source = source_of(leaf)
    key = _key(leaf, source, world)
    if key is None:
        return source.members_of(leaf, world)
    kept = answers.get(key)
    if kept and kept.state == world.state:
        return BitMap(kept.members)
    members = _brought_up_to_date(kept, leaf, source, world) if kept else None
    if members is None:
        members = source.members_of(leaf, world)
    whole = FrozenBitMap(members)
    answers.put(key, Answer(whole, world.state, _bytes(whole)), most=settings.KEPT_ANSWERS_MB * MEGABYTE)
    return members


def _key(leaf: Leaf, source: Source, world: World) -> Hashable | None:
    """Return the name of the answer; None where none is kept."""
    if world.only is not None or not world.state or not settings.KEPT_ANSWERS_MB:
        return None
    identity = source.identity(leaf)
    if identity is None:
        return None
    moment = world.now if source.moves_with_time(leaf) else None
    return connection.settings_dict["NAME"], world.zone.key, leaf, identity, moment


def _brought_up_to_date(kept: Answer, leaf: Leaf, source: Source, world: World) -> BitMap | None:
    # Whoever is new has an answer too, though no fact of these families.
    touched = world.touched_since(kept.state, source.families | {touches.PROFILE})
    if touched is None or len(touched) > MOST_TOUCHED:
        return None
    members = BitMap(kept.members & world.members)
    if touched:
        members -= touched
        members |= source.members_of(leaf, world.narrowed(touched))
    return members


def _bytes(members: FrozenBitMap) -> int:
    held = members.get_statistics()
    containers = held["n_bytes_array_containers"], held["n_bytes_run_containers"], held["n_bytes_bitset_containers"]
    return 1000 + sum(containers)
