"""How many members are expected to take part, and how many of these do each task. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """The three scenarios: they differ by how many take part."""

    LOW = "low"
    EXPECTED = "expected"
    HIGH = "high"


# What is assumed of a shop without earlier campaigns, in per cent.
PARTICIPATION = {Level.LOW: 5.0, Level.EXPECTED: 12.0, Level.HIGH: 25.0}
AGAIN = 30.0
COMPLETION = {
    "traffic": 80.0,
    "play": 60.0,
    "incentive": 50.0,
    "custom": 50.0,
    "share": 30.0,
    "purchase": 15.0,
}
OTHERWISE = 50.0
# Of the participants who may have it, who take an offer; and of the groups that are opened, those that fill.
OFFERS = {"first_order": 30.0, "flash": 10.0, "group": 10.0}
FILLED = 50.0
# Where the rate of an offer comes from; one that is neither is assumed.
LEARNED, CHOSEN = "learned", "set"


@dataclass(frozen=True, slots=True)
class Rates:
    """All in per cent, 0 to 100.

    `participation` by scenario, of the members whom the campaign reaches. `completion` by group of kinds of task, of
    the participants to whom a task is open. `again`: of those who did a task that comes back, in each later period.
    `offers` by kind of offer, of the participants who may have it; `filled`: of the groups of a group buy, those that
    fill. `sources` says of a kind of offer whether its rate was learned or set.
    """

    participation: Mapping[Level, float] = field(default_factory=lambda: dict(PARTICIPATION))
    completion: Mapping[str, float] = field(default_factory=lambda: dict(COMPLETION))
    again: float = AGAIN
    offers: Mapping[str, float] = field(default_factory=lambda: dict(OFFERS))
    filled: float = FILLED
    sources: Mapping[str, str] = field(default_factory=dict)

    def done(self, group: str) -> float:
        """The part of the participants, 0 to 1, who do a task of the group."""
        return self.completion.get(group, OTHERWISE) / 100

    def taking(self, offer_kind: str) -> float:
        """The part of the participants who may have an offer of the kind, 0 to 1, who take it."""
        return self.offers.get(offer_kind, 0.0) / 100

    def taking_part(self, level: Level) -> float:
        return self.participation[level] / 100


def as_json(rates: Rates) -> dict[str, Any]:
    return {
        "participation": {level.value: rates.participation[level] for level in Level},
        "completion": dict(rates.completion),
        "again": rates.again,
        "offers": dict(rates.offers),
        "filled": rates.filled,
        "sources": dict(rates.sources),
    }


def parse(data: Any) -> Rates:
    """Read what `as_json` wrote; what is missing is assumed."""
    data = data if isinstance(data, Mapping) else {}
    participation = PARTICIPATION | {Level(each): value for each, value in data.get("participation", {}).items()}
    return Rates(
        participation,
        COMPLETION | dict(data.get("completion", {})),
        float(data.get("again", AGAIN)),
        OFFERS | dict(data.get("offers", {})),
        float(data.get("filled", FILLED)),
        dict(data.get("sources", {})),
    )
