"""Energy (能量) as a campaign configures it, and when a drop is ripe. Pure.

{"sources": [{"event": "view", "amount": 5, "per_day": 10}, {"task": "check-in", "amount": 20, "per_day": 1},
             {"order": {"least": "99.00"}, "amount": 100, "per_day": 3}],
 "matures_at": "07:00", "lasts_days": 3,
 "help": {"bonus": 2, "per_day": 10}, "steal": {"percent": 20, "keep": 60},
 "milestones": [{"at": 500, "reward": {…}}], "cause": {"title": "A wood in the desert", "goal": 1000000}}

A drop is ripe on the day after, at `matures_at` by the campaign's clocks, and withers `lasts_days` later. `help`:
friends collect for the owner and are thanked with `bonus`, so often a day. Without `steal` nobody takes from friends;
with it each friend takes `percent` of a drop once, and `keep` percent of it are always left to the owner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from campaigns.checked_json import Node
from campaigns.definition import Reward, parse_reward

MATURES_AT = time(7)
LASTS_DAYS = 3
MOST_DAYS = 366
MOST_AMOUNT = 1_000_000
MOST_PER_DAY = 1_000
MOST_GOAL = 10**15
ORDER = "order"


@dataclass(frozen=True, slots=True)
class Source:
    """What brings energy: `key` is "event:TYPE", "task:KEY" or "order"; so many drops a day, of `amount` each.

    `least` is what an order must come to, net of refunds.
    """

    key: str
    amount: int
    per_day: int
    least: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Help:
    bonus: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Steal:
    """Percentages of a drop: what one friend takes, and what is left to the owner whatever friends take."""

    percent: int
    keep: int

    def share(self, amount: int, remaining: int) -> int:
        """How much of a drop one friend may take now; 0 when that would go below what the owner keeps."""
        share = max(amount * self.percent // 100, 1)
        return share if remaining - share >= self.floor(amount) else 0

    def floor(self, amount: int) -> int:
        """What is left to the owner of a drop of this amount, rounded up."""
        return -(-amount * self.keep // 100)


@dataclass(frozen=True, slots=True)
class Milestone:
    at: int
    reward: Reward


@dataclass(frozen=True, slots=True)
class Cause:
    """What all collect for together (公益)."""

    title: str
    goal: int


@dataclass(frozen=True, slots=True)
class Energy:
    sources: Mapping[str, Source]
    matures_at: time = MATURES_AT
    lasts_days: int = LASTS_DAYS
    help: Help | None = None
    steal: Steal | None = None
    milestones: tuple[Milestone, ...] = ()
    cause: Cause | None = None

    def ripe_at(self, happened_at: datetime, zone: tzinfo) -> datetime:
        """When a drop is ripe, in UTC. What the clocks skip is an hour later: 03:30 for 02:30."""
        return self._at(happened_at.astimezone(zone).date() + timedelta(days=1), zone)

    def withers_at(self, happened_at: datetime, zone: tzinfo, *, now: datetime) -> datetime:
        """When what is left of a drop is lost, in UTC. What is told late lasts from then."""
        ripe_on = happened_at.astimezone(zone).date() + timedelta(days=1)
        day = max(ripe_on, now.astimezone(zone).date()) + timedelta(days=self.lasts_days)
        return self._at(day, zone)

    def _at(self, day: date, zone: tzinfo) -> datetime:
        return datetime.combine(day, self.matures_at, zone).astimezone(UTC)

    @property
    def event_types(self) -> frozenset[str]:
        return frozenset(key.partition(":")[2] for key in self.sources if key.startswith("event:"))


def parse(config: Any) -> Energy:
    """Read a configuration. Raises DefinitionError with the path of the first fault."""
    node = Node(config)
    optional = ("matures_at", "lasts_days", "help", "steal", "milestones", "cause")
    node.keys(required=("sources",), optional=optional)
    sources: dict[str, Source] = {}
    for each in node.at("sources").each():
        source = _source(each)
        if source.key in sources:
            raise each.fail("is there twice")
        sources[source.key] = source
    if not sources:
        raise node.at("sources").fail("must name at least one source")
    return Energy(
        sources=sources,
        matures_at=_clock(node.at("matures_at")) if node.has("matures_at") else MATURES_AT,
        lasts_days=node.at("lasts_days").integer(least=1, most=MOST_DAYS) if node.has("lasts_days") else LASTS_DAYS,
        help=_help(node.at("help")) if node.has("help") else None,
        steal=_steal(node.at("steal")) if node.has("steal") else None,
        milestones=_milestones(node.at("milestones")) if node.has("milestones") else (),
        cause=_cause(node.at("cause")) if node.has("cause") else None,
    )


def of(features: Mapping[str, Any]) -> Energy | None:
    """The energy of a published campaign's features, or None."""
    return parse(features["energy"]) if "energy" in features else None


def _source(node: Node) -> Source:
    node.keys(required=("amount", "per_day"), optional=("event", "task", "order"))
    named = [kind for kind in ("event", "task", "order") if node.has(kind)]
    if len(named) != 1:
        raise node.fail("must name one of event, task, order")
    amount = node.at("amount").integer(least=1, most=MOST_AMOUNT)
    per_day = node.at("per_day").integer(least=1, most=MOST_PER_DAY)
    if named == [ORDER]:
        node.at("order").keys(optional=("least",))
        least = _money(node.at("order").at("least")) if node.at("order").has("least") else Decimal(0)
        return Source(ORDER, amount, per_day, least)
    return Source(f"{named[0]}:{node.at(named[0]).name(longest=50)}", amount, per_day)


def _money(node: Node) -> Decimal:
    try:
        amount = Decimal(node.text(longest=15))
    except InvalidOperation:
        raise node.fail("must be an amount such as 99.50, as a text") from None
    if not amount.is_finite() or not 0 <= amount < 10**10:
        raise node.fail("must be an amount from 0 on")
    return amount


def _clock(node: Node) -> time:
    text = node.text()
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None or len(text) != len("07:00"):
        raise node.fail("must be a time such as 07:00")
    return clock


def _help(node: Node) -> Help:
    node.keys(optional=("bonus", "per_day"))
    bonus = node.at("bonus").integer(most=MOST_AMOUNT) if node.has("bonus") else 0
    return Help(bonus, node.at("per_day").integer(most=MOST_PER_DAY) if node.has("per_day") else 10)


def _steal(node: Node) -> Steal:
    node.keys(required=("percent", "keep"))
    return Steal(node.at("percent").integer(least=1, most=50), node.at("keep").integer(least=50, most=99))


def _milestones(node: Node) -> tuple[Milestone, ...]:
    found: list[Milestone] = []
    for each in node.each():
        each.keys(required=("at", "reward"))
        least = found[-1].at + 1 if found else 1
        found.append(Milestone(each.at("at").integer(least=least), parse_reward(each.at("reward"))))
    return tuple(found)


def _cause(node: Node) -> Cause:
    node.keys(required=("title", "goal"))
    return Cause(node.at("title").name(longest=60), node.at("goal").integer(least=1, most=MOST_GOAL))
