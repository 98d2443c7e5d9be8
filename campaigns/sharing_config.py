"""What the configurations of tasks among friends have in common: how they are checked, and amounts of money."""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.definition import DefinitionError, Reward, parse_reward
from campaigns.kinds.face import ConfigFault

AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?", re.ASCII)
MOST_CENTS = 2_000_000_000
MOST_HOURS = 24 * 366
HOURS = _("This must be a whole number of hours from 1 to 8,784.")


def unknown_settings(config: Mapping[str, Any], known: Collection[str], words: Promise) -> Iterator[ConfigFault]:
    yield from (ConfigFault(str(key), words) for key in config if key not in known)


def number_faults(config: Mapping[str, Any], key: str, *, least: int, most: int, words: Promise) -> list[ConfigFault]:
    """What is wrong with a number that must be there."""
    return [] if is_number(config.get(key), least, most) else [ConfigFault(key, words)]


def is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def reward_faults(config: Mapping[str, Any], key: str) -> list[ConfigFault]:
    """What is wrong with a reward, where there is one."""
    if key not in config:
        return []
    try:
        reward_in(config, key)
    except DefinitionError as error:
        path = f"{key}.{error.path}" if error.path else key
        return [ConfigFault(path, _("This is no reward: %s.") % error.message)]
    return []


def reward_in(config: Mapping[str, Any], key: str) -> Reward | None:
    """The reward that the configuration names; None where it gives nothing. Raises DefinitionError."""
    reward = parse_reward(config.get(key) or {})
    return reward if reward != Reward() else None


def rewards_of(config: Mapping[str, Any], key: str) -> Iterator[Reward]:
    if reward := reward_in(config, key):
        yield reward


def is_amount(value: Any) -> bool:
    """Whether it is money such as "99.50", as a text, above 0."""
    return isinstance(value, str) and bool(AMOUNT.fullmatch(value)) and 0 < cents(value) <= MOST_CENTS


def cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


def money(amount: int) -> str:
    """Cents as people read them: 9990 is "99.90"."""
    whole, hundredths = divmod(amount, 100)
    return f"{whole}.{hundredths:02}"
