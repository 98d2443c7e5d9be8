"""What a member's behaviour events come to, for tasks."""

from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo

from django.db.models import Count
from django.db.models.functions import TruncDate

from members.models import Event

# What of an event a task may ask for, and what of many may be counted once.
WHERE = ("item", "category", "keyword")
DISTINCT = ("days", "items")


def count(  # noqa: PLR0913 - what is counted, by keyword
    member_id: int,
    kind: str,
    *,
    since: datetime,
    until: datetime,
    zone: tzinfo,
    where: Mapping[str, Collection[str]] | None = None,
    distinct: str | None = None,
) -> int:
    """Count the member's events of a type from `since` up to, and without, `until`.

    `where` gives the values that count for some of WHERE; `distinct` counts the days of `zone`, or the items.
    """
    events = Event.objects.filter(member_id=member_id, type=kind, occurred_at__gte=since, occurred_at__lt=until)
    for name, values in (where or {}).items():
        events = events.filter(**{f"{name}__in": list(values)})
    match distinct:
        case "days":
            counted = Count(TruncDate("occurred_at", tzinfo=zone), distinct=True)
        case "items":
            events, counted = events.exclude(item=""), Count("item", distinct=True)
        case _:
            return events.count()
    found: int = events.aggregate(counted=counted)["counted"]
    return found
