"""Sets of members, kept as immutable roaring bitmaps in chunks of 2^20 ids, one row a chunk."""

from collections.abc import Iterable
from functools import lru_cache

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
    members = BitMap()
    for number, packed in _chunk_rows(member_set_id, None):
        members |= BitMap.deserialize(bytes(packed)).shift(number << CHUNK_BITS)
    return members


def load_all(member_set_ids: Iterable[int]) -> dict[int, BitMap]:
    """Return several whole sets."""
    return {each: load(each) for each in set(member_set_ids)}


def load_within(member_set_id: int, member_ids: Iterable[int] | None) -> BitMap:
    """Return the members of the set among `member_ids`, or all of it; reads the chunks that these ids are in."""
    if member_ids is None:
        return load(member_set_id)
    return BitMap(member_id for member_id in member_ids if holds(member_set_id, member_id))


def holds(member_set_id: int, member_id: int) -> bool:
    """Tell whether the member is in the set. Raises MemberSet.DoesNotExist for a set that is gone."""
    return (member_id & (CHUNK_SIZE - 1)) in _chunk(member_set_id, member_id >> CHUNK_BITS)


def chunk_holds(packed: bytes, member_id: int) -> bool:
    """Tell whether the member is in a set, by the packed chunk of it that the member's id falls in."""
    return (member_id & (CHUNK_SIZE - 1)) in FrozenBitMap.deserialize(packed)


@lru_cache(maxsize=CACHED_CHUNKS)
def _chunk(member_set_id: int, number: int) -> FrozenBitMap:
    """One chunk, kept by the worker. Safe for ever, because a trigger refuses to change a chunk."""
    for _, packed in _chunk_rows(member_set_id, number):
        return FrozenBitMap.deserialize(bytes(packed))
    return FrozenBitMap()


def _chunk_rows(member_set_id: int, number: int | None) -> list[tuple[int, bytes]]:
    """Read one chunk or all of them, and in the same statement whether the set is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.chunk, c.bitmap FROM segmentation_memberset s
            LEFT JOIN segmentation_membersetchunk c ON c.member_set_id = s.id AND (%s::int IS NULL OR c.chunk = %s)
            WHERE s.id = %s ORDER BY c.chunk
            """,
            [number, number, member_set_id],
        )
        rows = cursor.fetchall()
    if not rows:
        raise MemberSet.DoesNotExist(f"member set {member_set_id} is gone")
    return [row for row in rows if row[0] is not None]


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
