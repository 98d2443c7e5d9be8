"""What webhooks can tell of: the kinds that each room registers, and what a client must be allowed to see for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from operations.models import ApiKey


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event. `name` reads as "thing.happened"; `example` is the `data` of one, as documents show it.

    `scope` is what an API client needs to be told of it: webhooks are no way around the scopes of a key.
    """

    name: str
    scope: ApiKey.Scope
    words: str | Promise
    example: Mapping[str, Any] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let webhooks tell of events of this kind. Apps call this in `AppConfig.ready()`."""
    if _kinds.get(kind.name, kind) != kind:
        raise ValueError(f"there is already a kind of event {kind.name!r}")
    _kinds[kind.name] = kind


def all_kinds() -> list[Kind]:
    """Return every kind, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def find(name: str) -> Kind | None:
    return _kinds.get(name)
