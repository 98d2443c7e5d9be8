"""Sets of members, kept as immutable roaring bitmaps in chunks of 2^20 ids, one row a chunk."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from pyroaring import BitMap, FrozenBitMap

from segmentation.models import MemberSet, MemberSetChunk

CHUNK_BITS = 20
CHUNK_SIZE = 1 << CHUNK_BITS
# What a roaring bitmap of 32 bits can hold.
LARGEST_ID = (1 << 32) - 1
# A chunk takes 128 kB at most, so that a worker keeps 64 MB at most.
CACHED_CHUNKS = 512


@transaction.atomic
def store(members: BitMap) -> MemberSet:
    """Write `members` as a new set. Sets never change: a new version is a new set."""
    stored = MemberSet.objects.create(size=len(members))
    MemberSetChunk.objects.bulk_create(
        MemberSetChunk(member_set=stored, chunk=number, bitmap=chunk.serialize()) for number, chunk in _chunks(members)
    )
    return stored


def load(member_set_id: int) -> BitMap:
    """Return the whole set."""
    return load_all([member_set_id])[member_set_id]


def load_all(member_set_ids: Iterable[int]) -> dict[int, BitMap]:
    """Return several whole sets; what the worker does not have of them is read in one query."""
    wanted = set(member_set_ids)
    whole = {each: chunks for each in wanted if (chunks := _cache.whole(each)) is not None}
    rows = _chunk_rows(sorted(wanted - whole.keys()), None)
    for each, packed in rows.items():
        whole[each] = {number: FrozenBitMap.deserialize(chunk) for number, chunk in packed.items()}
        _cache.put_whole(each, whole[each])
    return {each: _joined(chunks) for each, chunks in whole.items()}


def load_within(member_set_id: int, member_ids: Iterable[int] | None) -> BitMap:
    """Return the members of the set among `member_ids`, or all of it; reads the chunks that these ids are in."""
    if member_ids is None:
        return load(member_set_id)
    return BitMap(member_id for member_id in member_ids if holds(member_set_id, member_id))


def holds(member_set_id: int, member_id: int) -> bool:
    """Tell whether the member is in the set. Raises MemberSet.DoesNotExist for a set that is gone."""
    return (member_id & (CHUNK_SIZE - 1)) in _chunk(member_set_id, member_id >> CHUNK_BITS)


def sets_holding(member_set_ids: Iterable[int], member_id: int) -> set[int]:
    """Return those of the sets that the member is in; what the worker does not have of them is read in one query.

    Raises MemberSet.DoesNotExist for a set that is gone.
    """
    wanted, number = set(member_set_ids), member_id >> CHUNK_BITS
    chunks = {each: chunk for each in wanted if (chunk := _cache.get(each, number)) is not None}
    for each, packed in _chunk_rows(sorted(wanted - chunks.keys()), number).items():
        chunks[each] = FrozenBitMap.deserialize(packed[number]) if number in packed else FrozenBitMap()
        _cache.put(each, number, chunks[each])
    return {each for each, chunk in chunks.items() if (member_id & (CHUNK_SIZE - 1)) in chunk}


def chunk_holds(packed: bytes, member_id: int) -> bool:
    """Tell whether the member is in a set, by the packed chunk of it that the member's id falls in."""
    return (member_id & (CHUNK_SIZE - 1)) in FrozenBitMap.deserialize(packed)


class _Cache:
    """Chunks kept by the worker, and which ones a set has. Safe for ever: a trigger refuses to change a chunk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: OrderedDict[tuple[int, int], FrozenBitMap] = OrderedDict()
        self._numbers: dict[int, tuple[int, ...]] = {}

    def get(self, member_set_id: int, number: int) -> FrozenBitMap | None:
        with self._lock:
            found = self._chunks.get((member_set_id, number))
            if found is not None:
                self._chunks.move_to_end((member_set_id, number))
            return found

    def put(self, member_set_id: int, number: int, chunk: FrozenBitMap) -> None:
        with self._lock:
            self._chunks[member_set_id, number] = chunk
            while len(self._chunks) > CACHED_CHUNKS:
                (gone, _), _ = self._chunks.popitem(last=False)
                self._numbers.pop(gone, None)

    def whole(self, member_set_id: int) -> dict[int, FrozenBitMap] | None:
        """Return all chunks of the set, or None where one is not here."""
        numbers = self._numbers.get(member_set_id)
        if numbers is None:
            return None
        found = {number: self.get(member_set_id, number) for number in numbers}
        there = {number: chunk for number, chunk in found.items() if chunk is not None}
        return there if len(there) == len(numbers) else None

    def put_whole(self, member_set_id: int, chunks: Mapping[int, FrozenBitMap]) -> None:
        for number, chunk in chunks.items():
            self.put(member_set_id, number, chunk)
        # An empty set has no chunk that would take its entry along.
        if 0 < len(chunks) <= CACHED_CHUNKS:
            with self._lock:
                self._numbers[member_set_id] = tuple(chunks)

    def clear(self) -> None:
        with self._lock:
            self._chunks.clear()
            self._numbers.clear()


_cache = _Cache()


def _chunk(member_set_id: int, number: int) -> FrozenBitMap:
    found = _cache.get(member_set_id, number)
    if found is None:
        packed = _chunk_rows([member_set_id], number)[member_set_id]
        found = FrozenBitMap.deserialize(packed[number]) if number in packed else FrozenBitMap()
        _cache.put(member_set_id, number, found)
    return found


def _joined(chunks: Mapping[int, FrozenBitMap]) -> BitMap:
    members = BitMap()
    for number, chunk in chunks.items():
        members |= chunk.shift(number << CHUNK_BITS) if number else chunk
    return members


def _chunk_rows(member_set_ids: list[int], number: int | None) -> dict[int, dict[int, bytes]]:
    """Read one chunk or all of them, and in the same statement whether each set is there."""
    if not member_set_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.id, c.chunk, c.bitmap FROM segmentation_memberset s
            LEFT JOIN segmentation_membersetchunk c ON c.member_set_id = s.id AND (%s::int IS NULL OR c.chunk = %s)
            WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id, c.chunk
            """,
            [number, number, member_set_ids],
        )
        rows = cursor.fetchall()
    found: dict[int, dict[int, bytes]] = {each: {} for each, _, _ in rows}
    for each, chunk, bitmap in rows:
        if chunk is not None:
            found[each][chunk] = bytes(bitmap)
    for each in member_set_ids:
        if each not in found:
            raise MemberSet.DoesNotExist(f"member set {each} is gone")
    return found


def _chunks(members: BitMap) -> Iterable[tuple[int, BitMap]]:
    """Split the set into (chunk number, the low bits of its members); empty chunks are left out."""
    if not members:
        return
    for number in range(members.min() >> CHUNK_BITS, (members.max() >> CHUNK_BITS) + 1):
        start = number << CHUNK_BITS
        chunk = members & BitMap(range(start, start + CHUNK_SIZE))
        if chunk:
            low = chunk.shift(-start)
            low.run_optimize()
            yield number, low
