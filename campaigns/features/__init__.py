"""What a campaign has beside tasks, chains and pools. A module in this package is a feature: its name is the key.

A campaign's `features` hold its configuration by that name; without one the campaign does not have it. Each has the
same face, `campaigns.features.face.Feature`, and adding one touches nothing else.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

from campaigns.features.face import Feature

NOT_A_FEATURE = "face"


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.name != NOT_A_FEATURE))


@cache
def find(name: str) -> Feature:
    """The feature of this name. Raises LookupError for one that does not exist."""
    if name not in names():
        raise LookupError(f"no feature is called {name}")
    return cast(Feature, import_module(f"{__name__}.{name}").FEATURE)


def of(configured: Mapping[str, Any]) -> dict[str, Feature]:
    """The features that a campaign has, by name. Names that do not exist any more are left out."""
    return {name: find(name) for name in configured if name in names()}
