"""A published campaign as frozen dataclasses. Pure: no Django, no queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see something (参与人设置). An empty part asks for nothing; the parts are joined by "and".

    Tags are "group.tag", tag groups and levels and segments are their keys.
    """

    levels: frozenset[str] = frozenset()
    tag_groups: frozenset[str] = frozenset()
    tags_any: frozenset[str] = frozenset()
    tags_all: frozenset[str] = frozenset()
    tags_none: frozenset[str] = frozenset()
    segments_in: frozenset[str] = frozenset()
    segments_not_in: frozenset[str] = frozenset()
    score_from: int | None = None
    score_below: int | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    points: int = 0
    growth: int = 0
    chances: int = 0
    score: int = 0
    gift: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    key: str
    title: str
    guide: str
    kind: str
    config: Mapping[str, Any]
    period: str
    claim_mode: str
    audience: Audience
    reward: Reward


@dataclass(frozen=True, slots=True)
class Chain:
    key: str
    title: str
    audience: Audience
    reward: Reward
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool offered, by the published version that was current with the revision."""

    slug: str
    name: str
    version: int
    audience: Audience


@dataclass(frozen=True, slots=True)
class Campaign:
    slug: str
    name: str
    revision: int
    opens_at: datetime
    closes_at: datetime
    tagline: str
    rules: str
    organiser: str
    colour: str
    audience: Audience
    tasks: tuple[Task, ...]
    chains: tuple[Chain, ...]
    pools: tuple[Pool, ...]
    paused: bool = False
    by_key: Mapping[str, Task] = field(default_factory=dict, compare=False)
