"""Every reward that a published campaign names: of tasks and chains, of their kinds, and of its features."""

from collections.abc import Iterator

from campaigns import features, kinds
from campaigns.definition import Campaign, Reward


def of(definition: Campaign) -> Iterator[Reward]:
    """Yield them all, some of them perhaps twice."""
    for task in definition.tasks:
        yield task.reward
        yield from kinds.find(task.kind).rewards(task.config)
    yield from (chain.reward for chain in definition.chains)
    for name, feature in features.of(definition.features).items():
        yield from feature.rewards(definition.features[name])
