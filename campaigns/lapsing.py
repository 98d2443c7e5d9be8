"""Tasks that were accepted and not finished in time: their places in the quotas go back to the others."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns import quotas
from campaigns.models import Completion, Progress

# One job gives so many back; what is left waits for the next minute.
SLICE = 1_000


@transaction.atomic
def lapse(*, now: datetime) -> int:
    """Give back what lapsed by now; return how many. In the order of their tasks, as everything that takes places."""
    done = Completion.objects.filter(
        enrolment=OuterRef("enrolment"), task_key=OuterRef("task_key"), period=OuterRef("period")
    )
    late = Progress.objects.filter(finish_until__lte=now, lapsed_at=None).exclude(Exists(done))
    # Whoever holds the enrolment is at play: their turn ends first.
    held = late.select_for_update(skip_locked=True, of=("self", "enrolment")).select_related("enrolment")
    rows = list(held.order_by("pk")[:SLICE])
    places: dict[tuple[int, str], list[Sequence[str]]] = defaultdict(list)
    for row in rows:
        places[row.enrolment.campaign_id, row.task_key] += row.places
    for campaign_id, task_key in sorted(places):
        quotas.give_back(campaign_id, task_key, places[campaign_id, task_key])
    Progress.objects.filter(pk__in=[row.pk for row in rows]).update(lapsed_at=now, places=[])
    return len(rows)
