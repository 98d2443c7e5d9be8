"""How many members a rule holds for, asked without keeping the answer."""

from datetime import datetime
from typing import Any

from segmentation import evaluation, rules, sources, world
from segmentation.catalogue import resolve
from segmentation.rules import Rule


def read_rule(rule_json: Any) -> Rule:
    """Return the rule with every name in it known. Raises RuleError."""
    return resolve(rules.parse(rule_json), sources.catalogue())


def estimate(rule_json: Any, *, now: datetime | None = None) -> int:
    """Return the count of members. Raises RuleError, and SourceError where a part is not computed yet."""
    return len(evaluation.members_of(read_rule(rule_json), world.everyone(now=now)))
