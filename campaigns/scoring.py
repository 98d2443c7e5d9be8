"""The campaign score (活动分数) of those who take part: the one place that moves it."""

from datetime import datetime

from django.db.models import F

from campaigns.models import Enrolment


def add(enrolment_id: int, amount: int, *, now: datetime) -> None:
    """Add to the score, behind the enrolment's lock."""
    Enrolment.objects.filter(pk=enrolment_id).update(score=F("score") + amount)
