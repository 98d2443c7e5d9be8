"""The live count while one clause of a rule changes, the store that it reads, and set algebra.

python -m benchmarks.live_count           in a process of its own, so that its peak memory is its own
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from statistics import median
from typing import Any

from benchmarks.report import Figure

EDITS = 80
CATEGORIES = ("milk", "snacks", "tea", "skincare", "toys", "books")
CHANNELS = ("app", "miniprogram", "web", "store")
REGIONS = ("上海", "北京", "广东", "江苏", "浙江", "四川", "湖北", "山东")
MEASURES = {
    "orders.count": (">=", 1, 30),
    "orders.amount.sum": (">=", 50, 5000),
    "orders.amount.avg": (">=", 50, 400),
    "orders.amount.max": (">", 50, 900),
    "orders.quantity.sum": ("between", 1, 60),
    "orders.days": (">=", 1, 20),
    "orders.first.days_ago": ("<=", 10, 700),
    "orders.last.days_ago": ("<=", 1, 300),
}


def measure_apart() -> list[Figure]:
    """Measure in a process of its own, so that its peak memory is that of building and counting alone."""
    with tempfile.TemporaryDirectory() as directory:
        printed = subprocess.run(
            [sys.executable, "-m", "benchmarks.live_count"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"FACTS_DIR": directory},
        )
    return [Figure(**row) for row in json.loads(printed.stdout)]


def measure(*, now: datetime) -> list[Figure]:
    """Measure with what the store of this database has; build one first."""
    from segmentation.facts import refreshing

    figures = []
    seconds, _ = _timed(lambda: refreshing.refresh(told=_quiet, from_scratch=True))
    figures.append(Figure("store: built from all facts", seconds, None, None, "lower", "seconds"))
    figures += _live_figures(now)
    figures += _touched_figures(now)
    figures += _set_figures()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures.append(Figure("live: peak memory of the process", peak, None, None, "lower", "MB"))
    figures.append(_linearity(now))
    return figures


def _live_figures(now: datetime) -> list[Figure]:
    answers, alone = edits(now, EDITS, random.Random(1))
    whole = [seconds for seconds, _ in answers]
    return [
        Figure("live count after one edit, p50", median(whole) * 1000, None, None, "lower", "ms"),
        Figure("live count after one edit, p95", _at(whole, 0.95) * 1000, 300, 1.0, "lower", "ms"),
        Figure("live count, the worst", max(whole) * 1000, None, None, "lower", "ms"),
        Figure("live count, the count alone, p95", _at(alone, 0.95) * 1000, None, None, "lower", "ms"),
    ]


def edits(now: datetime, number: int, chance: random.Random) -> tuple[list[tuple[float, float]], list[float]]:
    """Edit one clause after another of rules of 3 to 6 clauses; return the seconds of each live count."""
    from segmentation import counting

    rule: list[dict[str, Any]] = []
    whole, alone = [], []
    for edit in range(number):
        if edit % 8 == 0:
            rule = [_clause(chance) for _ in range(chance.randint(3, 6))]
            counting.live(_rule(rule, chance), now=now)
        rule[chance.randrange(len(rule))] = _clause(chance)
        edited = _rule(rule, chance)
        seconds, answer = _timed(lambda asked=edited: counting.live(asked, now=now))
        if answer.fault:
            raise RuntimeError(str(answer.fault))
        whole.append((seconds, answer.count))
        again, _ = _timed(lambda asked=edited: counting.estimate(asked, now=now))
        alone.append(again)
    return whole, alone


def _rule(clauses: Sequence[dict[str, Any]], chance: random.Random) -> dict[str, Any]:
    return {"version": 1, "combinator": chance.choice(["and", "or"]), "rules": list(clauses)}


def _clause(chance: random.Random) -> dict[str, Any]:
    kind = chance.random()
    if kind < 0.15:
        return {"field": "profile.region", "operator": "in", "value": chance.sample(REGIONS, 3)}
    if kind < 0.25:
        return {"field": "level", "operator": "in", "value": [chance.choice(["normal", "growth", "senior"])]}
    field = chance.choice(list(MEASURES))
    operator, low, high = MEASURES[field]
    number = chance.randint(low, high)
    clause: dict[str, Any] = {
        "field": field,
        "operator": operator,
        "value": [number, 2 * number] if operator == "between" else number,
    }
    if chance.random() < 0.6:
        clause["window"] = {"last_days": chance.choice([7, 30, 90, 180, 365])}
    if chance.random() < 0.4:
        key, values = chance.choice([("category", CATEGORIES), ("channel", CHANNELS)])
        clause["where"] = {key: chance.sample(values, 2)}
    return clause


def _touched_figures(now: datetime) -> list[Figure]:
    """Touch 10,000 members, count before and after the store was refreshed."""
    from django.db import transaction

    from members import touches
    from members.models import Member
    from segmentation.facts import refreshing

    some = list(Member.objects.order_by("uid").values_list("pk", flat=True)[:10_000])
    with transaction.atomic():
        touches.touch(touches.ORDERS, some)
    first, _ = _timed(lambda: edits(now, 1, random.Random(2)))
    seconds, _ = edits(now, 20, random.Random(3))
    refresh, _ = _timed(lambda: refreshing.refresh(told=_quiet))
    return [
        Figure("live count, the first after 10,000 touched", first * 1000, None, None, "lower", "ms"),
        Figure("live count with 10,000 touched, p95", _at([s for s, _ in seconds], 0.95) * 1000, 300, 1, "lower", "ms"),
        Figure("store: refreshed after 10,000 touched", refresh, None, None, "lower", "seconds"),
    ]


def _linearity(now: datetime) -> Figure:
    """Compare with a store of three times as many members, which are those of this one three times over."""
    from django.conf import settings

    once = median(edits(now, 20, random.Random(5))[1])
    where = settings.FACTS_DIR
    with tempfile.TemporaryDirectory() as directory:
        _write_thrice(directory)
        thrice = median(edits(now, 20, random.Random(5))[1])
        settings.FACTS_DIR = where
    return Figure("the count at three times the members", thrice * 1000, once * 1000, 3.3, "lower", "ms")


def _write_thrice(directory: str) -> None:
    """Write a store under `directory` in which each member comes three times, under ids of other ranges."""
    from django.conf import settings

    from segmentation.facts import choosing, versions
    from segmentation.facts.shelf import Writing

    root = versions.directory()
    version = root and versions.read_pointer(root)
    if not root or not version:
        raise RuntimeError("there is no store")
    base, _ = versions.shelves(root, version)
    settings.FACTS_DIR = directory
    new = versions.directory() or root
    with versions.alone(new):
        writing = Writing(new / "thrice")
        step = 1 + max(base.members)
        for copy in range(3):
            for shard, low in zip(base.shards, base.lows, strict=True):
                tables = {kind: getattr(shard, kind) for kind in choosing.KINDS}
                moved = {
                    kind: table if kind == "items" else table.with_columns(member=table.member + copy * step)
                    for kind, table in tables.items()
                }
                writing.add(choosing.Whole(**moved), low + copy * step)
        writing.finish(choosing.all_words(base.shards[:1]))
        versions.publish(new, replace(version, token=str(uuid.uuid4()), base="thrice", layer=None), before=None)


def _set_figures() -> list[Figure]:
    from django.db import transaction
    from pyroaring import BitMap

    from segmentation import member_sets, world
    from segmentation.models import MemberSetChunk

    members = list(world.everyone().members)
    chance = random.Random(4)
    with transaction.atomic():
        ids = [member_sets.store(BitMap(chance.sample(members, int(len(members) * s)))).pk for s in SHARES]
        fifth = member_sets.store(BitMap(chance.sample(members, len(members) // 5))).pk
        size = sum(
            len(bytes(row)) for row in MemberSetChunk.objects.filter(member_set=fifth).values_list("bitmap", flat=True)
        )
        a, b, c, d, e = member_sets.load_all(ids).values()
        algebra = min(_timed(lambda: (((a & b) | c) - d) - e)[0] for _ in range(50))
        loaded = min(_timed(lambda: member_sets.load_all(ids))[0] for _ in range(50))
        check = min(_timed(lambda: [member_sets.holds(each, members[7]) for each in ids])[0] for _ in range(50))
        transaction.set_rollback(True)
    return [
        Figure("algebra over 5 sets of up to 50 %", algebra * 1000, 1, 1, "lower", "ms"),
        Figure("5 sets from the worker's chunks", loaded * 1000, None, None, "lower", "ms"),
        Figure("one member in 5 sets", check * 1000, 1, 1, "lower", "ms"),
        Figure("a version with a fifth of all members", size / 1000, 150, 1, "lower", "kB"),
    ]


SHARES = (0.5, 0.4, 0.3, 0.2, 0.1)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _at(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _quiet(_what: str) -> None:
    pass


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django
    from django.utils import timezone

    django.setup()
    json.dump([asdict(figure) for figure in measure(now=timezone.localtime())], sys.stdout)
