"""How many members a rule holds for, asked without keeping the answer, and who they are."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from segmentation import audience, evaluation, rules, sources, world
from segmentation.audience import NOBODY, MakeUp, Overlap
from segmentation.catalogue import resolve
from segmentation.rule_errors import RuleError
from segmentation.rules import Rule
from segmentation.sources import SourceError


@dataclass(frozen=True, slots=True)
class Live:
    """What the editor shows while a rule is written.

    With a `fault` there is no count: a RuleError has the path of its clause, a SourceError says what is not computed.
    `total` are all members. `rfm_class` is by the default RFM model, and empty before it was scored. `overlaps` are
    with all segments that have members, the largest common part first. `sample` are ids, the same for the same
    audience. `as_of` is the moment for which windows were reckoned; `seconds` is what it took.
    """

    as_of: datetime
    seconds: float = 0.0
    count: int = 0
    total: int = 0
    level: MakeUp = NOBODY
    region: MakeUp = NOBODY
    rfm_class: MakeUp = NOBODY
    overlaps: tuple[Overlap, ...] = ()
    sample: tuple[int, ...] = ()
    fault: RuleError | SourceError | None = None


def read_rule(rule_json: Any) -> Rule:
    """Return the rule with every name in it known. Raises RuleError."""
    return resolve(rules.parse(rule_json), sources.catalogue())


def estimate(rule_json: Any, *, now: datetime | None = None) -> int:
    """Return the count of members. Raises RuleError, and SourceError where a part is not computed yet."""
    return len(evaluation.members_of(read_rule(rule_json), world.everyone(now=now or timezone.now())))


def live(rule_json: Any, *, now: datetime, but: str = "") -> Live:
    """Return the count with who they are. `but` is the slug of the segment being edited: no overlap with itself."""
    clock = time.monotonic()
    try:
        rule = read_rule(rule_json)
        everyone = world.everyone(now=now)
        members = evaluation.members_of(rule, everyone)
    except (RuleError, SourceError) as fault:
        return Live(as_of=now, seconds=time.monotonic() - clock, fault=fault)
    level, region = audience.by_level_and_region(members, everyone)
    return Live(
        as_of=everyone.now,
        count=len(members),
        total=len(everyone.members),
        level=level,
        region=region,
        rfm_class=audience.by_rfm_class(members),
        overlaps=audience.overlaps(members, but=but),
        sample=audience.sample(members),
        seconds=time.monotonic() - clock,
    )
