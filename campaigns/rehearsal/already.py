"""What those who took part have done by now, and what of each task is left to them. Pure but for the bitmaps.

A revision of a running campaign meets members who took part before it. They are not expected to come again: they do
what they have not done yet, as likely as anybody who takes part, and what comes back as often as is said of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap

from campaigns.definition import Task
from campaigns.rehearsal.reach import ChainReach

NOBODY = BitMap()


@dataclass(frozen=True)
class Cohort:
    """Members of a chain who have so many of its steps behind them, and the part of them, 0 to 1, who go on."""

    members: BitMap
    going_on: float
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Chances that were given and are not drawn yet, and how many members have them."""

    chances: int
    members: int


@dataclass(frozen=True)
class Already:
    """`joined` took part. `times`: task → how often it was done → by whom. `steps`: chain → last step done → by whom.

    `quotas`: task → quota → places taken in its period of now. `held`: pool → what is still to be drawn from it, and
    under "" from the one that each member has. `share`: the part, 0 to 1, of those who are to come over
    the whole campaign who are expected in the days that are left.
    """

    joined: BitMap = NOBODY
    times: Mapping[str, Mapping[int, BitMap]] = field(default_factory=dict)
    steps: Mapping[str, Mapping[int, BitMap]] = field(default_factory=dict)
    quotas: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    share: float = 1.0

    def coming(self, members: BitMap, part: float) -> float:
        """How many of the members are still to take part, or to come back for what they have not done yet.

        `part` is that of all members, 0 to 1, who take part in a whole campaign.
        """
        known = members.intersection_cardinality(self.joined)
        return (len(members) - known) * part * self.share + known * self.share

    def newcomers(self, members: BitMap, part: float) -> float:
        return (len(members) - members.intersection_cardinality(self.joined)) * part * self.share

    def did(self, task: Task, members: BitMap) -> int:
        """How many of the members have done the task, once or more."""
        return sum(members.intersection_cardinality(each) for each in self.times.get(task.key, {}).values())

    def not_yet(self, task: Task, members: BitMap, part: float) -> float:
        """How many are expected of those who have not done the task."""
        some = self.did(task, members)
        return self.coming(members, part) - some * self.share

    def again(self, task: Task, members: BitMap, periods: int) -> float:
        """How many further times are open to those who have done it, of one that can be done so often."""
        by_number = self.times.get(task.key, {})
        found = 0
        for number, each in by_number.items():
            left = max(periods - number, 0) if task.period in {"once", "times"} else periods
            found += members.intersection_cardinality(each) * left
        return float(found)

    def cohorts(self, chain: ChainReach, part: float) -> list[Cohort]:
        """The members of a chain by what they have behind them; who has not begun is in the first two."""
        by_step = self.steps.get(chain.chain.key, {})
        known = chain.members & self.joined
        begun = [Cohort(chain.members & each, self.share, step) for step, each in by_step.items()]
        for each in begun:
            known -= each.members
        fresh = Cohort(chain.members - self.joined, part * self.share)
        return [fresh, Cohort(known, self.share), *begun]

    def taken(self, task: Task, quota: str) -> int:
        return self.quotas.get(task.key, {}).get(quota, 0)
