"""Taking note of warnings: who has acknowledged which about which version of a draft, and whether that is all of them.

A warning is acknowledged by its key, for the draft as it then is: once the draft is changed, everything is to be read
again.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import User

from campaigns import campaign_files
from campaigns.models import Acknowledgement, Campaign
from campaigns.rehearsal.findings import Finding, Severity, of
from operations.audit import Actor

LONGEST_KEY = 200


def draft_of(campaign: Campaign) -> str:
    """Name the draft as it is now."""
    return hashlib.sha256(campaign_files.dump(campaign).encode()).hexdigest()


def acknowledge(campaign: Campaign, warnings: Iterable[Finding], *, by: User, now: datetime) -> None:
    """Put on record that the user has read these warnings about the draft as it is now; each once."""
    draft = draft_of(campaign)
    rows = [
        Acknowledgement(campaign=campaign, draft=draft, key=each.key[:LONGEST_KEY], message=each.message, by=by, at=now)
        for each in warnings
    ]
    Acknowledgement.objects.bulk_create(rows, ignore_conflicts=True)


def acknowledged_by(campaign: Campaign, user: Actor) -> frozenset[str]:
    """The keys of the warnings about the draft as it is now that the user has acknowledged."""
    if not isinstance(user, User):
        return frozenset()
    rows = Acknowledgement.objects.filter(campaign=campaign, by=user)
    if not rows.exists():
        return frozenset()
    return frozenset(rows.filter(draft=draft_of(campaign)).values_list("key", flat=True))


def open_warnings(
    campaign: Campaign, findings: Iterable[Finding], acknowledged: Collection[str], *, by: Actor
) -> tuple[Finding, ...]:
    """The warnings that are acknowledged neither here and now nor before, by this user."""
    warnings = of(Severity.WARNING, findings)
    missing = [each for each in warnings if each.key not in acknowledged]
    if not missing:
        return ()
    before = acknowledged_by(campaign, by)
    return tuple(each for each in missing if each.key[:LONGEST_KEY] not in before)
