"""Places in the quotas of a task: taken when it is accepted or done, given back when it lapses or is denied.

The count in the database is the only word: `eligibility` says beforehand what is full, this says it for sure.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from campaigns.admission import refusal_by
from campaigns.definition import Quota, Task
from campaigns.entering import Play
from campaigns.models import TaskQuota
from campaigns.periods import period_key
from campaigns.refusals import Refusal, Refused
from campaigns.zones import zone_of

# A quota that was changed by a revision counts from now on as it is now.
_TAKE = """
    INSERT INTO campaigns_taskquota AS kept (campaign_id, task_key, part, period, taken, quota)
    VALUES (%s, %s, %s, %s, 1, %s)
    ON CONFLICT (campaign_id, task_key, part, period) DO UPDATE SET taken = kept.taken + 1, quota = excluded.quota
    WHERE kept.taken < excluded.quota
"""


def take(play: Play, task: Task) -> list[tuple[str, str]]:
    """Take a place in each quota whose audience the member is in. Raises Refused when one is full.

    Returns (key of the quota, key of its period) of each place, to be kept for giving them back. They are taken in the
    order of their keys, so that two who take several of the same never wait for each other.
    """
    taken = []
    for part, period, quota in sorted(_asked(play, task)):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [play.enrolment.campaign_id, task.key, part, period, quota])
            if not cursor.rowcount:
                raise Refused(Refusal.QUOTA)
        taken.append((part, period))
    return taken


def give_back(campaign_id: int, task_key: str, places: Sequence[Sequence[str]]) -> None:
    """Let others have the places again."""
    for part, period in sorted(map(tuple, places)):
        kept = TaskQuota.objects.filter(campaign=campaign_id, task_key=task_key, part=part, period=period)
        kept.filter(taken__gt=0).update(taken=F("taken") - 1)


def _asked(play: Play, task: Task) -> list[tuple[str, str, int]]:
    return [
        (quota.key, period_key(quota.per, play.at or play.now, zone_of(play.definition)), quota.quota)
        for quota in task.quotas
        if _is_for(quota, play)
    ]


def _is_for(quota: Quota, play: Play) -> bool:
    return refusal_by(quota.audience, play.subject) is None
