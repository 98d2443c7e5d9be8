"""What a game brings beside the task's reward, as its page shows it."""

from collections.abc import Mapping
from typing import Any

from campaigns.definition import parse_reward
from campaigns.presenting import Chip, chips, gifts_named
from rewards.published_prizes import gift_names


def shown_bonuses(config: Mapping[str, Any]) -> list[tuple[int, tuple[Chip, ...]]]:
    """From which score or level on, and what; the lowest first. No query where no step gives a gift."""
    steps = sorted(config.get("steps", ()), key=lambda step: step["from"])
    rewards = [(step["from"], parse_reward(step["reward"])) for step in steps]
    names = gift_names(gifts_named(reward for _least, reward in rewards))
    return [(least, chips(reward, names)) for least, reward in rewards]
