"""Rewards that wait to be claimed and soon lapse: the member is told once, in the inbox."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Concat

from campaigns import inbox_words, published, states
from campaigns.models import Completion
from members import inbox
from members.models import InboxMessage

# How long before its end a claim is told of.
NOTICE = timedelta(hours=24)
SLICE = 500


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Tell of at most `SLICE` claims that end within `NOTICE`; return how many were looked at."""
    key = Concat(Value(f"{inbox_words.REWARD_WAITING}:"), Cast(OuterRef("pk"), CharField()))
    told = InboxMessage.objects.filter(member=OuterRef("enrolment__member"), key=key)
    waiting = Completion.objects.filter(
        claim_until__gt=now,
        claim_until__lte=now + NOTICE,
        rewarded_at=None,
        held_at=None,
        refused_at=None,
        enrolment__member__erased_at=None,
        enrolment__campaign__state__in=states.OPEN,
    ).exclude(Exists(told))
    rows = list(waiting.annotate(slug=F("enrolment__campaign__slug")).select_related("enrolment")[:SLICE])
    definitions = {slug: published.definition_of(slug) for slug in {row.slug for row in rows}}
    messages = []
    for row in rows:
        definition = definitions[row.slug]
        task = definition.by_key.get(row.task_key) if definition else None
        if definition and task and row.claim_until:
            until = row.claim_until.isoformat()
            member_id = row.enrolment.member_id
            messages.append(
                inbox_words.of_task(inbox_words.REWARD_WAITING, member_id, definition, task, str(row.pk), until=until)
            )
    inbox.put(messages, now=now)
    return len(messages)
