"""What participants handed in, or were not given yet, and that waits for somebody to look at it."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from campaigns import held_rewards
from campaigns.models import Submission
from operations.concerns import Concern, Severity, counted


def held(_now: datetime) -> Iterator[Concern]:
    """Yield how many rewards are held back and wait for a reviewer."""
    found, shown = counted(held_rewards.waiting())
    if found:
        words = ngettext(
            "%(count)s reward is held back until somebody has checked it.",
            "%(count)s rewards are held back until somebody has checked them.",
            found,
        )
        link = reverse("admin:campaigns_heldcompletion_changelist")
        yield Concern(Severity.WARNING, words % {"count": shown}, link)


def handed_in(_now: datetime) -> Iterator[Concern]:
    """Yield how many proofs of tasks wait for a reviewer, and since when the oldest does."""
    pending = Submission.objects.filter(state=Submission.State.PENDING)
    found, shown = counted(pending)
    if found:
        words = ngettext(
            "%(count)s proof of a task waits for review.", "%(count)s proofs of tasks wait for review.", found
        )
        oldest = pending.order_by("handed_in_at").values_list("handed_in_at", flat=True).first()
        link = reverse("admin:campaigns_submission_changelist") + "?state__exact=pending"
        yield Concern(Severity.NOTE, words % {"count": shown}, link, oldest)
