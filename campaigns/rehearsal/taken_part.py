"""What those who took part in a running campaign have done by now, read for a rehearsal of its next revision."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import numpy
from pyroaring import BitMap

from campaigns.definition import Campaign as Definition
from campaigns.models import Campaign, TaskQuota
from campaigns.periods import period_key
from campaigns.rehearsal.already import Already
from campaigns.zones import zone_of
from segmentation.columns import bitmap_of, read_columns, read_ids

_JOINED = "SELECT member_id AS id FROM campaigns_enrolment WHERE campaign_id = %s"
_DONE = """
    SELECT enrolment.member_id AS id, asked.number AS part, count(*) AS count
      FROM campaigns_enrolment enrolment
      JOIN campaigns_completion done ON done.enrolment_id = enrolment.id
      JOIN unnest(%s::text[]) WITH ORDINALITY AS asked (key, number) ON asked.key = done.task_key
     WHERE enrolment.campaign_id = %s GROUP BY 1, 2
"""
_STEPS = """
    SELECT enrolment.member_id AS id, asked.number AS part, max(done.step)::bigint AS count
      FROM campaigns_enrolment enrolment
      JOIN campaigns_chainprogress done ON done.enrolment_id = enrolment.id
      JOIN unnest(%s::text[]) WITH ORDINALITY AS asked (key, number) ON asked.key = done.chain_key
     WHERE enrolment.campaign_id = %s GROUP BY 1, 2
"""


def so_far(campaign: Campaign, definition: Definition, *, share: float, now: datetime) -> Already:
    """Five statements at most, and none for a campaign that was never published."""
    if campaign.current_id is None:
        return Already(share=share)
    joined = read_ids(_JOINED, [campaign.pk])
    if not joined:
        return Already(share=share)
    chained = {step for chain in definition.chains for step in chain.steps}
    tasks = [task.key for task in definition.tasks if task.key not in chained]
    chains = [chain.key for chain in definition.chains]
    return Already(
        joined,
        times=_by_count(_DONE, tasks, campaign),
        steps=_by_count(_STEPS, chains, campaign),
        quotas=_quotas(campaign, definition, now),
        share=share,
    )


def _by_count(sql: str, keys: list[str], campaign: Campaign) -> Mapping[str, Mapping[int, BitMap]]:
    """Key → count → members."""
    if not keys:
        return {}
    columns = ("int8send(source.id)", "int8send(source.part)", "int8send(source.count)")
    ids, parts, counts = read_columns(columns, sql, [keys, campaign.pk])
    found: dict[str, dict[int, BitMap]] = {}
    for number, key in enumerate(keys, 1):
        own = parts == number
        of_key, how_often = ids[own], counts[own]
        found[key] = {int(each): bitmap_of(of_key[how_often == each]) for each in numpy.unique(how_often)}
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
