"""A random split of members into groups, the same whenever it is asked again. Pure: no Django, no queries.

Each member falls on one of SCALE places by a hash of the salt and the member's id, and groups own places in proportion
to their shares. So a split needs nothing but its salt to be made again, whoever comes or goes moves nobody else, and
splits by different salts are independent of each other.

The hash is two rounds of the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
Generators, 2014), keyed by BLAKE2b of the salt: one round with a key of one addition would make groups of near keys
resemble each other.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

# Shares are whole numbers that total this: hundredths of a per cent.
SCALE = 10_000
FEWEST, MOST = 2, 10

Ids = NDArray[np.uint64]


class BadShares(ValueError):
    """Shares that do not make a split."""


def places(member_ids: Iterable[int], salt: str) -> NDArray[np.int64]:
    """Return for each member a place from 0 to SCALE - 1."""
    ids = np.fromiter(member_ids, dtype=np.uint64)
    digest = blake2b(salt.encode(), digest_size=16).digest()
    first, second = (np.uint64(int.from_bytes(part, "big")) for part in (digest[:8], digest[8:]))
    mixed = _mix(_mix(ids ^ first) ^ second)
    # 2^64 is no multiple of SCALE: the excess is one in 10^15.
    return (mixed % np.uint64(SCALE)).astype(np.int64)


def split(member_ids: Iterable[int], salt: str, shares: Sequence[int]) -> list[NDArray[np.int64]]:
    """Return the members of each group, in order of id. Raises BadShares."""
    check(shares)
    ids = np.fromiter(member_ids, dtype=np.int64)
    ceilings = np.cumsum(shares)
    group = np.searchsorted(ceilings, places(ids, salt), side="right")
    return [ids[group == number] for number in range(len(shares))]


def even_shares(groups: int) -> list[int]:
    """Return shares as equal as whole numbers can be; the first ones are the larger."""
    each, rest = divmod(SCALE, groups)
    return [each + (number < rest) for number in range(groups)]


def check(shares: Sequence[int]) -> None:
    """Raise BadShares unless there are FEWEST to MOST positive shares that total SCALE."""
    if not FEWEST <= len(shares) <= MOST:
        raise BadShares(f"{len(shares)} groups, not {FEWEST} to {MOST}")
    if min(shares) <= 0 or sum(shares) != SCALE:
        raise BadShares(f"shares are positive and total {SCALE}, not {sum(shares)}")


def _mix(values: Ids) -> Ids:
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
