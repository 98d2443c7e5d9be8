"""Templates of campaigns (`campaigns/blueprints/*.json`), read in one language and with an operator's values.

A file holds a campaign's file without key, name and window, and what it needs: tag groups, gifts, and segments made by
`segmentation.starting_points`. A text in two languages is {"en": …, "zh-hans": …}. "$name" stands for a value that
the operator gave or, as "$segment.name", for the key of a segment; "{name}" inside a text for its words.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

FOLDER = Path(__file__).parent / "blueprints"
LANGUAGES = frozenset({"en", "zh-hans"})
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Ask:
    """A value that an operator gives. `kind` is count, days, amount or category."""

    name: str
    kind: str
    label: str
    default: Any


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A template in the language of the reader. `audiences` say whom it tells apart, `data` is the rest of its file."""

    key: str
    icon: str
    title: str
    purpose: str
    audiences: tuple[str, ...]
    asks: tuple[Ask, ...]
    data: Mapping[str, Any]

    @property
    def task_titles(self) -> Iterator[str]:
        values = {ask.name: ask.default for ask in self.asks}
        return (filled(task["title"], values) for task in self.data["campaign"]["tasks"])


def all_blueprints() -> list[Blueprint]:
    """Every template, in the order in which they are offered."""
    return [_blueprint(key) for key in sorted(_files(), key=lambda key: _files()[key]["position"])]


def find(key: str) -> Blueprint:
    """Raises LookupError for a key that no template has."""
    if key not in _files():
        raise LookupError(f"no template has the key {key}")
    return _blueprint(key)


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """The same JSON with the values in their places, at any depth."""
    if isinstance(value, Mapping):
        return {key: filled(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    if not isinstance(value, str):
        return value
    if value.startswith("$") and value[1:] in values:
        return values[value[1:]]
    for name, given in values.items():
        value = value.replace("{" + name + "}", str(given))
    return value


@cache
def _files() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}


def _blueprint(key: str) -> Blueprint:
    data = _in_language(_files()[key], get_language() or FALLBACK)
    asks = tuple(Ask(**each) for each in data["asks"])
    audiences = tuple(data["audiences"])
    return Blueprint(key, data["icon"], data["title"], data["purpose"], audiences, asks, data)


def _in_language(value: Any, language: str) -> Any:
    if isinstance(value, list):
        return [_in_language(each, language) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value and value.keys() <= LANGUAGES:
        return value.get(language, value[FALLBACK])
    return {key: _in_language(each, language) for key, each in value.items()}
