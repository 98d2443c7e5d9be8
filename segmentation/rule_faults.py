"""Every fault of a rule that is being written, each at its clause. `rules.parse` stops at the first."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from segmentation import rules
from segmentation.catalogue import Catalogue, resolve
from segmentation.rule_errors import RuleError

_FIRST = "rules[0]"
# A source that cannot answer says so with the path of the clause in front.
_PATH = re.compile(r"(rules\[\d+\](?:\.rules\[\d+\])*): ")


def faults_of(rule_json: Any, catalogue: Catalogue) -> list[RuleError]:
    """Return the first fault of each clause, else the one of the whole, or none."""
    try:
        resolve(rules.parse(rule_json), catalogue)
    except RuleError as fault:
        first = fault
    else:
        return []
    each = list(_of_clauses(rule_json, catalogue))
    return each if any(fault.path == first.path for fault in each) else [first, *each]


def split_path(told: str) -> tuple[str, str]:
    """Return the path of the clause that a sentence begins with ("" for none), and the rest of it."""
    found = _PATH.match(told)
    return (found[1], told[found.end() :]) if found else ("", told)


def _of_clauses(rule_json: Any, catalogue: Catalogue) -> Iterator[RuleError]:
    for path, clause in _clauses(rule_json):
        try:
            resolve(rules.parse({"version": 1, "combinator": "and", "rules": [clause]}), catalogue)
        except RuleError as fault:
            yield RuleError(path + fault.path.removeprefix(_FIRST), fault.code, fault.wording, **fault.details)


def _clauses(rule_json: Any) -> Iterator[tuple[str, Any]]:
    """Yield (path, clause) of as many clauses as a rule may have; not by recursion, which its depth could exhaust."""
    waiting: list[tuple[str, Any]] = [("", rule_json)]
    seen = 0
    while waiting and seen < rules.MOST_CLAUSES:
        path, node = waiting.pop()
        inner = node.get("rules") if isinstance(node, Mapping) else None
        if isinstance(inner, list):
            here = f"{path}.rules" if path else "rules"
            room = rules.MOST_CLAUSES - seen
            waiting += [(f"{here}[{index}]", each) for index, each in list(enumerate(inner[:room]))[::-1]]
        elif path:
            seen += 1
            yield path, node
