"""The kinds of task. A module in this package is a kind: its name is the key, and adding one touches nothing else.

Each kind has the same face, `campaigns.kinds.face.Kind`. What is done when a task moves is the same for all kinds and
lives in `campaigns.playing`.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from django.urls import URLPattern
    from django.utils.functional import Promise

    from campaigns.kinds.face import Kind

NOT_KINDS = {"face", "forms"}


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.name not in NOT_KINDS))


@cache
def find(name: str) -> "Kind":
    """The kind of this name. Raises LookupError for one that does not exist."""
    if name not in names():
        raise LookupError(f"no kind of task is called {name}")
    return cast("Kind", import_module(f"{__name__}.{name}").KIND)


def choices() -> "list[tuple[str, str | Promise]]":
    """For the model and its form."""
    return [(name, find(name).LABEL) for name in names()]


def followed() -> list[str]:
    """The kinds of activity that some kind of task follows."""
    return sorted({activity for name in names() for activity in find(name).FOLLOWS})


def taking_back() -> list[str]:
    """The kinds of activity after which what was done by some kind of task may be taken back."""
    return sorted({activity for name in names() for activity in find(name).TAKES_BACK})


def observing() -> frozenset[str]:
    """The kinds of task whose progress is what the house knows."""
    return frozenset(name for name in names() if find(name).OBSERVES)


def urls() -> "Iterator[URLPattern]":
    """The pages of all kinds beside the tasks' own."""
    for name in names():
        yield from find(name).urls


def api_urls() -> "Iterator[URLPattern]":
    """The calls of all kinds beside the ways in which every task moves."""
    for name in names():
        yield from find(name).api_urls
