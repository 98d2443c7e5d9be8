"""The store brought up to date: the members that were touched are read anew, the rows of the others are taken over."""

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from pyroaring import BitMap

from members import touches
from members.models import Level
from segmentation.columns import bitmap_of
from segmentation.facts import bulk, choosing, versions
from segmentation.facts.choosing import Facts, Joined
from segmentation.facts.parts import ReadPart
from segmentation.facts.reading import Scope
from segmentation.facts.shelf import Shelf, ShelfDamaged, Writing
from segmentation.facts.versions import Version

# The families of facts that the columns are made of.
FAMILIES = frozenset({touches.ORDERS, touches.EVENTS, touches.PROFILE, touches.LEVEL})
# Members whose facts are read at once, by their ids.
SLICE = 5_000
# Beyond this share of all members it is quicker to read everything in the order of its pages.
MOST_TOUCHED = 0.1
# A layer with more members than this, or than this share of all, is worked into the base.
LARGEST_LAYER, LARGEST_SHARE = 20_000, 0.03
# With fewer touched than this, a store that is younger than this stays as it is: a reader looks at them by itself.
FEW_TOUCHED, YOUNG = 200, timedelta(hours=1)
# Rows and words of members who were erased may stay in a base that is younger than this; then it is built anew.
LEFT_OF_ERASED = timedelta(hours=20)
# A shop with fewer orders and events is answered from PostgreSQL.
LEAST_ROWS = 50_000

Told = Callable[[str], None]


class Outcome(StrEnum):
    OFF = "there is no store here: FACTS_DIR is empty"
    SMALL = "too few facts for a store"
    FRESH = "up to date"
    LAYERED = "touched members read anew"
    FOLDED = "touched members read anew and worked into the base"
    BUILT = "built from all facts"


def refresh(*, told: Told, from_scratch: bool = False) -> Outcome:
    """Bring the store of this machine up to date. Raises Busy while another process does, OSError for a full disk."""
    root = versions.directory()
    if root is None:
        return Outcome.OFF
    if not from_scratch and not is_large():
        return Outcome.SMALL
    with versions.alone(root):
        current = versions.read_pointer(root)
        versions.clear_away(root, current)
        with transaction.atomic():
            outcome = _Refresh(root, None if from_scratch else current, touches.state(), told).run()
        versions.clear_away(root, versions.read_pointer(root))
    return outcome


def needs_everything() -> bool:
    """Tell whether the next refresh has to read all facts, which takes longer than a worker's job may."""
    root = versions.directory()
    if root is None or not is_large():
        return False
    current = versions.read_pointer(root)
    if current is None or versions.refusal(current) or has_to_forget(root, current):
        return True
    return touches.touched_since(current.state, FAMILIES) is None


def refresh_in_worker() -> None:
    """Refresh the store; where everything has to be read, in a process of its own, which no job's time limit ends."""
    if needs_everything():
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "refresh_facts"]
        subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603
        return
    with suppress(versions.Busy):
        refresh(told=lambda _what: None)


def has_to_forget(root: Path, version: Version) -> bool:
    """Tell whether something of members who were erased has been there for long: in the base, or among the words."""
    try:
        base, layer = versions.shelves(root, version)
    except ShelfDamaged:
        return False
    return layer is not None and bool(layer.ids - layer.members) and base.age > LEFT_OF_ERASED


def is_large() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) >= %(least)s FROM (SELECT FROM ((SELECT FROM members_order LIMIT %(least)s) UNION ALL"
            " (SELECT FROM members_event LIMIT %(least)s)) AS facts LIMIT %(least)s) AS first",
            {"least": LEAST_ROWS},
        )
        return bool(cursor.fetchone()[0])


def _slugs_of_levels() -> dict[str, str]:
    return dict(Level.objects.values_list(Cast("pk", TextField()), "slug"))


@dataclass(frozen=True)
class _Refresh:
    """One refresh, from the version `current` to the state of the facts `state`."""

    root: Path
    current: Version | None
    state: str
    told: Told
    # Read before the facts: one that changes while they are read is found out by whoever opens the version.
    levels: dict[str, str] = field(default_factory=_slugs_of_levels)
    partitions: list[str] = field(default_factory=bulk.event_partitions)

    def run(self) -> Outcome:
        current = self.current
        if current is None or versions.refusal(current) or has_to_forget(self.root, current):
            return self._build()
        touched = touches.touched_since(current.state, FAMILIES)
        if touched is not None and len(touched) < FEW_TOUCHED and versions.age(self.root) < YOUNG:
            return Outcome.FRESH
        try:
            base, layer = versions.shelves(self.root, current)
        except ShelfDamaged:
            return self._build()
        if touched == []:
            self._publish(base=current.base, layer=current.layer)
            return Outcome.FRESH
        if touched is None or not base.shards or len(touched) > max(SLICE, MOST_TOUCHED * len(base.members)):
            return self._build()
        return self._patch(base, layer, BitMap(touched))

    def _build(self) -> Outcome:
        name = versions.new_name()
        work = self.root / f"{name}.work"
        with self._nothing_left(name, work.name):
            work.mkdir()
            bulk.build(Writing(self.root / name), work, versions.site_zone(), self.told)
            self._publish(base=name, layer=None)
            shutil.rmtree(work)
        return Outcome.BUILT

    def _patch(self, base: Shelf, layer: Shelf | None, touched: BitMap) -> Outcome:
        ids, fresh = touched, list(_read(list(touched), self.told))
        if layer:
            fresh += [choosing.without(shard, touched) for shard in layer.shards]
            ids = touched | layer.ids
        joined = Joined(fresh, choosing.all_words(fresh))
        name = versions.new_name()
        # Who has no row was erased. The layer remembers them, until the base is built anew and its words with it.
        remembered = ids - bitmap_of(joined.people.member)
        with self._nothing_left(name):
            writing = Writing(self.root / name)
            if not remembered and len(ids) > max(LARGEST_LAYER, LARGEST_SHARE * len(base.members)):
                _fold(writing, base, joined, ids, self.told)
                self._publish(base=name, layer=None)
                return Outcome.FOLDED
            writing.add(joined, 0)
            writing.finish(joined.words, ids)
            self._publish(base=base.name, layer=name)
            return Outcome.LAYERED

    def _publish(self, *, base: str, layer: str | None) -> None:
        version = Version(
            token=str(uuid.uuid4()),
            state=self.state,
            zone=settings.TIME_ZONE,
            base=base,
            layer=layer,
            levels=self.levels,
            partitions=self.partitions,
        )
        versions.publish(self.root, version, before=self.current)

    @contextmanager
    def _nothing_left(self, *names: str) -> Iterator[None]:
        """Clear what was begun away where it fails, since a full disk should not stay full; not what serves by then."""
        try:
            yield
        except BaseException:
            serving = versions.read_pointer(self.root)
            for name in names:
                if serving is None or name not in (serving.base, serving.layer):
                    shutil.rmtree(self.root / name, ignore_errors=True)
            raise


def _read(ids: list[int], told: Told) -> Iterator[Facts]:
    for start in range(0, len(ids), SLICE):
        told(f"reading {start}/{len(ids)}")
        yield ReadPart(Scope(ids[start : start + SLICE]), versions.site_zone())


def _fold(writing: Writing, base: Shelf, fresh: Facts, ids: BitMap, told: Told) -> None:
    """Write a base in which the facts of `ids` are those in `fresh`."""
    words = choosing.all_words([base.shards[0], fresh])
    last = max(base.members.max() if base.members else 0, ids.max()) + 1
    lows = [0, *base.lows[1:]]
    for number, (low, high) in enumerate(zip(lows, [*lows[1:], max(last, lows[-1] + 1)], strict=True)):
        told(f"writing {number + 1}/{len(lows)}")
        kept = choosing.without(base.shards[number], ids)
        joined = Joined([kept, choosing.between(fresh, low, high)], words)
        members = [table.member for table in (joined.orders, joined.events, joined.people)]
        for start, end in choosing.cuts(members, low, high):
            writing.add(choosing.between(joined, start, end), start)
    writing.finish(words)
