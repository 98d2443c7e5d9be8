"""The facts of everyone as they are now: the store's, with those who were touched since from PostgreSQL."""

import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
from pyroaring import BitMap

from members import touches
from segmentation.columns import read_ids
from segmentation.facts import versions
from segmentation.facts.parts import KeptPart, Part, ReadPart
from segmentation.facts.reading import Scope
from segmentation.facts.refreshing import FAMILIES
from segmentation.facts.shelf import Shelf, ShelfDamaged
from segmentation.facts.versions import Version

# Beyond this share of all members the store spares nothing: reading the touched ones by their ids takes as long.
MOST_TOUCHED = 0.25

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Everyone:
    """`parts` have each member once; `members` are those who were not erased."""

    members: BitMap
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class _Opened:
    version: Version
    base: Shelf
    layer: Shelf | None


@dataclass(frozen=True)
class _Recent:
    """The facts of the members `ids`, read in the state `state` or later."""

    token: str
    ids: BitMap
    state: str
    part: ReadPart


class _Process:
    """What this process holds of the store. Its threads share it; each field is replaced as a whole."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.opened: _Opened | None = None
        self.recent: _Recent | None = None
        self.refused: str | None = None


_process = _Process()


def everyone(state: str) -> Everyone | None:
    """Return the facts of everyone; None where there is no store that answers for them.

    `state` is the state of the facts (`members.touches.state`), taken before.
    """
    root = versions.directory()
    opened = _open(root) if root else None
    if opened is None:
        return None
    touched = touches.touched_since(opened.version.state, FAMILIES)
    if touched is None or len(touched) > max(1000, MOST_TOUCHED * len(opened.base.members)):
        _refuse(opened.version, "too many members were touched since it was written")
        return None
    return _patched(opened, BitMap(touched), state)


def _patched(opened: _Opened, touched: BitMap, state: str) -> Everyone:
    base, layer = opened.base, opened.layer
    parts: list[Part] = []
    hidden, members = touched, base.members
    if layer:
        parts += [KeptPart(shard, touched) for shard in layer.shards]
        hidden, members = touched | layer.ids, (members - layer.ids) | layer.members
    parts += [KeptPart(shard, hidden) for shard in base.shards]
    if touched:
        parts.append(_recent(opened.version.token, touched, state))
        alive = read_ids(
            "SELECT id FROM members_member WHERE id = ANY(%s::bigint[]) AND erased_at IS NULL", [list(touched)]
        )
        members = (members - touched) | alive
    return Everyone(BitMap(members), tuple(parts))


def _recent(token: str, touched: BitMap, state: str) -> ReadPart:
    """Return the facts of those touched, as they were read before if none of them was touched again."""
    recent = _process.recent
    if recent and recent.token == token and recent.ids == touched:
        again = touches.touched_since(recent.state, FAMILIES)
        if again == []:
            return recent.part
    part = ReadPart(Scope(list(touched)), versions.site_zone())
    _process.recent = _Recent(token, touched, state, part)
    return part


def _open(root: Path) -> _Opened | None:
    version = versions.read_pointer(root)
    if version is None:
        return None
    if reason := versions.refusal(version):
        _refuse(version, reason)
        return None
    with _process.lock:
        if _process.opened is None or _process.opened.version.token != version.token:
            try:
                _process.opened = _opened(root, version)
            except ShelfDamaged as error:
                _refuse(version, str(error))
                return None
        return _process.opened


def _opened(root: Path, version: Version) -> _Opened:
    """Open the version; a base that is open already stays so."""
    before = _process.opened
    if before and before.version.base == version.base:
        return _Opened(version, before.base, Shelf(root / version.layer) if version.layer else None)
    return _Opened(version, *versions.shelves(root, version))


def _refuse(version: Version, reason: str) -> None:
    """Say once for each version why PostgreSQL answers instead."""
    if _process.refused != version.token:
        _process.refused = version.token
        log.warning("facts.store_refused", reason=reason)
