"""Draws that a member's level brings: given once in each period, when a member who takes part comes by."""

from datetime import datetime

from django.db import transaction
from django.db.models import Subquery

from campaigns.definition import Campaign
from campaigns.eligibility import Subject
from campaigns.entering import scope_of
from campaigns.models import Campaign as Draft
from campaigns.models import Enrolment
from rewards.chances import grant_chances


def give(subject: Subject, definition: Campaign, *, now: datetime) -> bool:
    """Grant what is due (`Subject.level_chances`) and tell whether anything was. Where nothing is due, no query.

    The enrolment notes the period, so that facts loaded later say that nothing is due; it comes before the chances in
    the order of locks. Whoever rises within a period has had that period's draws.
    """
    if subject.level_chances is None:
        return False
    period, count = subject.level_chances
    # No join: it would put the condition into a subquery, which PostgreSQL does not ask again after a wait.
    campaign = Subquery(Draft.objects.filter(slug=definition.slug).values("pk"))
    enrolments = Enrolment.objects.filter(member=subject.member_id, campaign=campaign)
    with transaction.atomic():
        if not enrolments.exclude(level_chances_period=period).update(level_chances_period=period):
            return False
        key = f"level:{definition.slug}:{period}:{subject.member_id}"
        grant_chances(subject.member_id, scope_of(definition), count=count, key=key, now=now)
    return True
