"""What workers run for `members`."""

from collections.abc import Sequence

from django.utils import timezone

from members import entering, event_partitions, importing, inbox, level_jobs, standing, touches
from members.models import Activity
from operations import jobs


def forget_used_tokens() -> None:
    entering.forget_used_tokens(now=timezone.now())


def take_back_paid_levels(activity_ids: Sequence[int]) -> None:
    standing.refund_orders(_orders_of(activity_ids), now=timezone.now())


def restore_paid_levels(activity_ids: Sequence[int]) -> None:
    standing.restore_orders(_orders_of(activity_ids), now=timezone.now())


def end_paid_levels() -> None:
    level_jobs.end_paid_levels(now=timezone.now())


def follow_ladder(run: str, after: int) -> None:
    level_jobs.follow_ladder(run, after, now=timezone.now())


def import_slice(run: int, position: int, rows: int) -> None:
    importing.work(run, position=position, rows=rows, now=timezone.now())


def note_lost_imports() -> None:
    importing.note_lost(now=timezone.now())


def forget_old_imports() -> None:
    importing.forget_old(now=timezone.now())


def forget_old_messages(part: int = 1) -> None:
    now = timezone.now()
    if inbox.forget_old(now=now) >= inbox.PURGED_AT_ONCE:
        function = "members.jobs.forget_old_messages"
        jobs.enqueue(function, key=f"{function}:{now.isoformat()}", arguments={"part": part + 1})


def forget_touches() -> None:
    touches.forget(now=timezone.now())


def keep_event_partitions() -> None:
    event_partitions.keep(now=timezone.now())


def _orders_of(activity_ids: Sequence[int]) -> set[str]:
    return set(Activity.objects.filter(pk__in=activity_ids).values_list("reference", flat=True))
