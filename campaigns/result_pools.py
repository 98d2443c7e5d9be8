"""Which pool the result of a quiz or a game names for the chances that it earns: a task's `config["pools"]`.

By the score, 0 to 100: [{"from": 80, "pool": "high"}, {"from": 50, "below": 80, "pool": "low"}], in any order. The
ranges join without a gap up to the best result; whoever has less than the lowest earns no chance (the gate). By the
stage that was reached in a level game: [{"stage": 5, "pool": "high"}, {"stage": 3, "pool": "low"}]: the highest of
these that was reached; below the lowest there is no chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.kinds.face import ConfigFault
from campaigns.pool_choice import SCORE, STAGE, bucket_of

MOST_ENTRIES = 20
BEST = 100
MOST_STAGE = 10_000
Entries = Sequence[Mapping[str, Any]]


def bucket_for(pools: Entries, *, score: int | None = None, stage: int | None = None) -> str | None:
    """The bucket of the chances that a result earns; None: it earns none."""
    by, key, reached = (SCORE, "from", score) if score is not None else (STAGE, "stage", stage or 0)
    passed = [each for each in pools if key in each and each[key] <= reached]
    best = max(passed, key=lambda each: each[key], default=None)
    return bucket_of(by, best["pool"]) if best else None


def least(pools: Entries) -> int:
    """The lowest score or stage that earns a chance."""
    return min(each.get("from", each.get("stage", 0)) for each in pools)


def pools_named(config: Any) -> list[str]:
    """The keys of the pools that a task's configuration names, also where the rest of it is faulty."""
    pools = config.get("pools") if isinstance(config, Mapping) else None
    entries = [each for each in pools if isinstance(each, Mapping)] if isinstance(pools, list) else []
    return [each["pool"] for each in entries if isinstance(each.get("pool"), str)]


def faults(pools: Any, *, by: str) -> list[ConfigFault]:
    """What is wrong with `config["pools"]` of a kind whose results are scores, or stages."""
    if not isinstance(pools, list) or not 1 <= len(pools) <= MOST_ENTRIES:
        return [ConfigFault("pools", _("This must be a list of 1 to 20 results, each with its prize pool."))]
    kept = {"from", "below", "pool"} if by == SCORE else {"stage", "pool"}
    found = [fault for index, each in enumerate(pools) for fault in _entry_faults(each, f"pools[{index}]", kept)]
    if found:
        return found
    return list(_range_faults(pools) if by == SCORE else _stage_faults(pools))


def _entry_faults(entry: Any, path: str, kept: set[str]) -> Iterator[ConfigFault]:
    if not isinstance(entry, Mapping):
        yield ConfigFault(path, _("This must be an object that names a prize pool."))
        return
    for key in entry:
        if key not in kept:
            yield ConfigFault(f"{path}.{key}", _("A result has no such setting."))
    if not isinstance(entry.get("pool"), str) or not entry["pool"]:
        yield ConfigFault(f"{path}.pool", _("A result names a prize pool by its key."))
    if "stage" in kept and not _is_number(entry.get("stage"), 1, MOST_STAGE):
        yield ConfigFault(f"{path}.stage", _("A stage is a whole number from 1."))
    if "from" in kept and not _is_number(entry.get("from"), 0, BEST):
        yield ConfigFault(f"{path}.from", _("A score is a whole number from 0 to 100."))
    if entry.get("below") is not None and not _is_number(entry["below"], 1, BEST):
        yield ConfigFault(f"{path}.below", _("A score is a whole number from 0 to 100."))


def _range_faults(pools: Entries) -> Iterator[ConfigFault]:
    ranges = sorted(pools, key=lambda each: each["from"])
    for each in ranges:
        if each.get("below") is not None and each["below"] <= each["from"]:
            yield ConfigFault("pools", _("The range from %(from)d below %(below)d is empty.") % each)
    for lower, upper in pairwise(ranges):
        below = lower.get("below")
        if below is None or below > upper["from"]:
            yield ConfigFault("pools", _("From %(score)d on two ranges overlap.") % {"score": upper["from"]})
        elif below < upper["from"]:
            words = {"from": below, "below": upper["from"]}
            yield ConfigFault("pools", _("There is a gap: a score from %(from)d below %(below)d has no pool.") % words)
    if (top := ranges[-1].get("below")) is not None:
        yield ConfigFault("pools", _("There is a gap: a score of %(from)d and more has no pool.") % {"from": top})


def _stage_faults(pools: Entries) -> Iterator[ConfigFault]:
    stages = [each["stage"] for each in pools]
    for stage in sorted({stage for stage in stages if stages.count(stage) > 1}):
        yield ConfigFault("pools", _("Stage %(stage)d is there twice.") % {"stage": stage})


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
