"""What may be won, kept in each worker's memory for one edition of the catalogue (`CatalogueEdition`).

The edition rides along in a query that a page makes anyway, such as that for a member's facts. Whoever has none (None:
the table was emptied) asks the database each time.
"""

from collections.abc import Iterable
from threading import Lock

from django.utils.translation import get_language

from rewards.published_prizes import PublishedPool, gift_names, published_pool

MOST_POOLS = 256
MOST_NAMES = 10_000

_lock = Lock()
_pools: dict[tuple[str, int, str | None, int], PublishedPool | None] = {}
_names: dict[tuple[int, str], str] = {}


def pool_of_edition(pool: str, version: int, edition: int | None) -> PublishedPool | None:
    """As `published_pool`, without a query where this worker has read it in this edition and language."""
    if edition is None:
        return published_pool(pool, version)
    asked = (pool, version, get_language(), edition)
    if asked not in _pools:
        read = published_pool(pool, version)
        with _lock:
            if len(_pools) >= MOST_POOLS:
                _pools.clear()
            _pools[asked] = read
        return read
    return _pools.get(asked) or published_pool(pool, version)


def names_of_edition(slugs: Iterable[str], edition: int | None) -> dict[str, str]:
    """As `gift_names`, without a query where this worker has read all of them in this edition."""
    wanted = set(slugs)
    if edition is None:
        return gift_names(wanted)
    known = {slug: _names[edition, slug] for slug in wanted if (edition, slug) in _names}
    if missing := wanted - known.keys():
        read = gift_names(missing)
        with _lock:
            if len(_names) >= MOST_NAMES:
                _names.clear()
            _names.update({(edition, slug): name for slug, name in read.items()})
        known |= read
    return known
