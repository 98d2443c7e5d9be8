"""What the configurations of kinds of task have in common: whole numbers, texts, links and rewards. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.checked_json import DefinitionError
from campaigns.definition import parse_reward
from campaigns.kinds.face import ConfigFault

LONGEST_LINK = 2_000


def unknown(config: Mapping[str, Any], known: Collection[str], words: Promise, path: str = "") -> Iterator[ConfigFault]:
    """A fault for each setting that does not exist."""
    for key in config:
        if key not in known:
            yield ConfigFault(f"{path}{key}", words)


def is_integer(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_text(value: Any, longest: int = 200) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest


def is_names(value: Any) -> bool:
    """Whether it is a list of texts, not an empty one."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each for each in value)


def is_link(value: Any) -> bool:
    """Whether it is a web address that a page may lead to."""
    if not is_text(value, LONGEST_LINK) or any(each.isspace() for each in value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def reward_faults(value: Any, path: str, *, empty_allowed: bool = False) -> Iterator[ConfigFault]:
    """What is wrong with a reward as JSON, such as {"points": 10}."""
    if not isinstance(value, Mapping) or not (value or empty_allowed):
        yield ConfigFault(path, _("This must be a reward that gives something."))
        return
    try:
        parse_reward(value)
    except DefinitionError:
        yield ConfigFault(path, _("This is no reward: its parts are points, growth, chances, score, gift, tag, pool."))
