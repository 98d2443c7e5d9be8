"""Tags by participation, as a campaign configures them. Pure.

{"joined": "group.tag", "finished": "group.tag" or [{"task": KEY, "tag": "group.tag"}, {"chain": KEY, "tag": …}],
 "won": "group.tag", "scored": [{"from": 80, "tag": "group.tag"}]}

`finished` as one tag is for whoever finished a chain, or, in a campaign without chains, every task. `won` is for
whoever drew a prize that is no consolation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.checked_json import Node

TAG = re.compile(r"[-\w]{1,50}\.[-\w]{1,50}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ParticipationTags:
    """`finished` is for finishing at all; `by_task` and `by_chain` for one by its key; `scored` by the lowest score."""

    joined: str | None = None
    finished: str | None = None
    by_task: tuple[tuple[str, str], ...] = ()
    by_chain: tuple[tuple[str, str], ...] = ()
    won: str | None = None
    scored: tuple[tuple[int, str], ...] = ()

    @property
    def every(self) -> Iterator[str]:
        """Every tag named."""
        yield from (tag for tag in (self.joined, self.finished, self.won) if tag)
        yield from (tag for _key, tag in (*self.by_task, *self.by_chain))
        yield from (tag for _score, tag in self.scored)

    def reached(self, before: int, after: int) -> list[str]:
        """The tags whose score was reached between the two, the lowest first."""
        return [tag for score, tag in self.scored if before < score <= after]


def parse(config: Any) -> ParticipationTags:
    """Read a configuration. Raises DefinitionError with the path of the first fault."""
    node = Node(config)
    node.keys(optional=("joined", "finished", "won", "scored"))
    named = isinstance(node.at("finished").value, str)
    return ParticipationTags(
        joined=_tag(node.at("joined")) if node.has("joined") else None,
        finished=_tag(node.at("finished")) if named else None,
        by_task=() if named else _by(node, "task"),
        by_chain=() if named else _by(node, "chain"),
        won=_tag(node.at("won")) if node.has("won") else None,
        scored=_scored(node.at("scored")) if node.has("scored") else (),
    )


def of(features: Mapping[str, Any]) -> ParticipationTags | None:
    """The tags of a published campaign's features, or None."""
    return parse(features["tags"]) if "tags" in features else None


def _by(node: Node, what: str) -> tuple[tuple[str, str], ...]:
    found = []
    for each in node.at("finished").each() if node.has("finished") else ():
        each.keys(required=("tag",), optional=("task", "chain"))
        if each.has("task") == each.has("chain"):
            raise each.fail("must name a task or a chain")
        if each.has(what):
            found.append((each.at(what).name(longest=50), _tag(each.at("tag"))))
    return tuple(found)


def _scored(node: Node) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    for each in node.each():
        each.keys(required=("from", "tag"))
        found.append((each.at("from").integer(least=found[-1][0] + 1 if found else 1), _tag(each.at("tag"))))
    return tuple(found)


def _tag(node: Node) -> str:
    tag = node.name(longest=101)
    if not TAG.fullmatch(tag):
        raise node.fail("must name a tag with its group, such as group.tag")
    return tag
