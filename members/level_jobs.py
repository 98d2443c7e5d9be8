"""Levels of many members at once, in slices: the end of paid periods each night, and a ladder that was changed.

Each slice is a job of its own, so that members are locked for moments only, and a crash loses no more than a slice.
"""

from datetime import datetime

from django.db import transaction

from members import standing
from members.models import Member, PaidPeriod
from operations import jobs

SLICE = 500
END_PAID = "members.jobs.end_paid_levels"
FOLLOW_LADDER = "members.jobs.follow_ladder"


@transaction.atomic
def end_paid_levels(*, now: datetime) -> None:
    """Close the paid periods of one slice of members that are over, and have the next slice follow."""
    over = PaidPeriod.objects.filter(closed=False, ends_at__lte=now).order_by("ends_at")
    member_ids = set(over.values_list("member_id", flat=True)[:SLICE])
    standing.end_paid_periods(member_ids, now=now)
    if over.exists():
        jobs.enqueue(END_PAID, key=f"{END_PAID}:{now.isoformat()}")


def ladder_changed(*, now: datetime) -> None:
    """Have all members put where the ladder now has them. In the transaction that changed it."""
    run = now.isoformat()
    jobs.enqueue(FOLLOW_LADDER, key=f"{FOLLOW_LADDER}:{run}:0", arguments={"run": run, "after": 0})


@transaction.atomic
def follow_ladder(run: str, after: int, *, now: datetime) -> None:
    """Put the next slice of members, those with the ids above `after`, where the ladder has them."""
    member_ids = list(Member.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:SLICE])
    standing.follow_ladder(member_ids, now=now)
    if len(member_ids) == SLICE:
        last = member_ids[-1]
        jobs.enqueue(FOLLOW_LADDER, key=f"{FOLLOW_LADDER}:{run}:{last}", arguments={"run": run, "after": last})
