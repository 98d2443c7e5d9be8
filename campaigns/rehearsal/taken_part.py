"""What those who took part in a running campaign have done by now, read for a rehearsal of its next revision."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import numpy
from django.db.models import Count, F, Sum
from pyroaring import BitMap

from campaigns.definition import Campaign as Definition
from campaigns.definition import Task
from campaigns.entering import scope_of
from campaigns.models import Campaign, TaskQuota
from campaigns.periods import TIMES, period_key
from campaigns.rehearsal.already import Already, Held
from campaigns.zones import zone_of
from rewards.models import Chances
from segmentation.columns import bitmap_of, read_columns

_JOINED = "SELECT id, member_id AS member FROM campaigns_enrolment WHERE campaign_id = %s"
# Not joined in the database: to hash a million participants takes it three times as long as to send them. Enrolments of
# a campaign are of one time, so that few others are between its first and its last.
_BETWEEN = "enrolment_id BETWEEN %s AND %s"
_DONE = f"""
    SELECT (enrolment_id << 16) | array_position(%s::text[], task_key::text) AS packed FROM campaigns_completion
     WHERE task_key = ANY(%s) AND {_BETWEEN}
"""  # noqa: S608
_STEPS = f"""
    SELECT (enrolment_id << 24) | (array_position(%s::text[], chain_key::text) << 8) | step AS packed
      FROM campaigns_chainprogress WHERE chain_key = ANY(%s) AND {_BETWEEN}
"""  # noqa: S608


def so_far(campaign: Campaign, definition: Definition, *, share: float, now: datetime) -> Already:
    """Six statements at most, and none for a campaign that was never published."""
    if campaign.current_id is None:
        return Already(share=share)
    taking_part = TakingPart(*read_columns(("int8send(source.id)", "int8send(source.member)"), _JOINED, [campaign.pk]))
    if not taking_part.members.size:
        return Already(share=share)
    chained = {step for chain in definition.chains for step in chain.steps}
    tasks = [task for task in definition.tasks if task.key not in chained]
    return Already(
        bitmap_of(taking_part.members),
        times=_times(tasks, taking_part),
        steps=_steps([chain.key for chain in definition.chains], taking_part),
        quotas=_quotas(campaign, definition, now),
        held=_held(definition),
        share=share,
    )


class TakingPart:
    """The enrolments of a campaign, ascending, and whose they are."""

    def __init__(self, ids: numpy.ndarray, members: numpy.ndarray) -> None:
        # As they were written they are in order but for a few.
        order = numpy.argsort(ids, kind="stable")
        self.ids, self.members = ids[order], members[order]

    def read(self, sql: str, keys: list[str], bits: int) -> tuple[numpy.ndarray, numpy.ndarray]:
        """(member, the lowest `bits`) of each row that `sql` packs behind its enrolment, of enrolments of these."""
        bounds = [int(self.ids[0]), int(self.ids[-1])]
        (packed,) = read_columns(("int8send(source.packed)",), sql, [keys, keys, *bounds])
        # In order they are found several times as fast.
        packed = numpy.sort(packed)
        enrolments = packed >> bits
        places = numpy.searchsorted(self.ids, enrolments)
        own = self.ids[places] == enrolments
        return self.members[places[own]], packed[own] & ((1 << bits) - 1)


def _times(tasks: list[Task], taking_part: TakingPart) -> Mapping[str, Mapping[int, BitMap]]:
    """How often each was done is asked only of a task that is done a number of times."""
    if not tasks:
        return {}
    members, parts = taking_part.read(_DONE, [task.key for task in tasks], 16)
    found = {}
    for number, task in enumerate(tasks, 1):
        own = members[parts == number]
        found[task.key] = _by_number(own) if task.period == TIMES else {1: bitmap_of(own)}
    return found


def _by_number(members: numpy.ndarray) -> dict[int, BitMap]:
    each, counts = numpy.unique(members, return_counts=True)
    return {int(count): bitmap_of(each[counts == count]) for count in numpy.unique(counts)}


def _steps(chains: list[str], taking_part: TakingPart) -> Mapping[str, Mapping[int, BitMap]]:
    """Whoever has done a step is counted with the last one alone."""
    if not chains:
        return {}
    members, parts = taking_part.read(_STEPS, chains, 24)
    found: dict[str, dict[int, BitMap]] = {}
    for number, key in enumerate(chains, 1):
        own = parts >> 8 == number
        steps, seen = parts[own] & 0xFF, BitMap()
        found[key] = {}
        for step in sorted({*steps.tolist()}, reverse=True):
            found[key][step] = bitmap_of(members[own][steps == step]) - seen
            seen |= found[key][step]
    return found


def _held(definition: Definition) -> Mapping[str, Held]:
    rows = Chances.objects.filter(scope=scope_of(definition), granted__gt=F("used")).order_by().values_list("bucket")
    found: dict[str, Held] = {}
    for bucket, chances, members in rows.annotate(undrawn=Sum(F("granted") - F("used")), people=Count("pk")):
        pool = bucket.partition(":")[2]
        before = found.get(pool, Held(0, 0))
        found[pool] = Held(before.chances + chances, before.members + members)
    return found


def _quotas(campaign: Campaign, definition: Definition, now: datetime) -> Mapping[str, Mapping[str, int]]:
    zone = zone_of(definition)
    asked = {
        (task.key, quota.key): period_key(quota.per, now, zone) for task in definition.tasks for quota in task.quotas
    }
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if asked:
        rows = TaskQuota.objects.filter(campaign=campaign).values_list("task_key", "part", "period", "taken")
        for task, part, period, taken in rows.filter(period__in=set(asked.values())):
            if asked.get((task, part)) == period:
                found[task][part] = taken
    return found
