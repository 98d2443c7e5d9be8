"""The segments that hold a member, by what their last good versions say: one query."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from django.db import connection
from pyroaring import FrozenBitMap

from segmentation.member_sets import CHUNK_BITS, CHUNK_SIZE

# A chunk takes 128 kB at most, so that a worker keeps 64 MB at most.
KEPT_CHUNKS = 512

# A set never changes, so that a chunk which the worker has read before need not come again: of those it asks none.
SQL = """
    SELECT m.id, s.slug, s.name, s.kind, s.refreshed_at, s.members_id, c.bitmap
    FROM members_member m
    LEFT JOIN segmentation_segment s ON s.members_id IS NOT NULL
    LEFT JOIN segmentation_membersetchunk c
           ON c.member_set_id = s.members_id AND c.chunk = m.id >> %(bits)s
          AND NOT (c.member_set_id, c.chunk) IN (SELECT * FROM unnest(%(sets)s::bigint[], %(chunks)s::bigint[]))
    WHERE m.uid = %(uid)s
    ORDER BY s.slug
"""


@dataclass(frozen=True, slots=True)
class Membership:
    slug: str
    name: str
    kind: str
    refreshed_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {"slug": self.slug, "name": self.name, "kind": self.kind, "refreshed_at": self.refreshed_at}


Key = tuple[int, int]  # of a chunk: its set and its number


class _Chunks:
    """Chunks that this worker has read, the ones not used for longest forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, FrozenBitMap] = OrderedDict()
        self._lock = Lock()

    def known(self) -> dict[Key, FrozenBitMap]:
        with self._lock:
            return dict(self._kept)

    def keep(self, used: dict[Key, FrozenBitMap]) -> None:
        with self._lock:
            for key, chunk in used.items():
                self._kept[key] = chunk
                self._kept.move_to_end(key)
            while len(self._kept) > KEPT_CHUNKS:
                self._kept.popitem(last=False)


_chunks = _Chunks()


def segments_of(uid: str) -> list[Membership] | None:
    """Return the segments that hold the member, by key; None where no member has the uid."""
    known = _chunks.known()
    with connection.cursor() as cursor:
        sets, numbers = [key[0] for key in known], [key[1] for key in known]
        cursor.execute(SQL, {"uid": uid, "bits": CHUNK_BITS, "sets": sets, "chunks": numbers})
        rows = cursor.fetchall()
    if not rows:
        return None
    held, used = [], {}
    for member_id, slug, name, kind, refreshed_at, set_id, packed in rows:
        key = (set_id, member_id >> CHUNK_BITS)
        chunk = known.get(key) if packed is None else FrozenBitMap.deserialize(bytes(packed))
        # A set without a chunk there holds nobody there; without a segment at all there is one row, of the member.
        if chunk is None:
            continue
        used[key] = chunk
        if (member_id & (CHUNK_SIZE - 1)) in chunk:
            held.append(Membership(slug, name, kind, refreshed_at))
    _chunks.keep(used)
    return held
