"""The demo's second campaign, with a task of every kind and every feature: loaded from its file, and published."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from campaigns import callback_secrets
from campaigns.models import Campaign
from demo import from_files

SLUG = "new-year-farm"
OPEN_FOR_DAYS = 6
FILE = from_files.FILES / f"{SLUG}.json"


def make_carnival(language: str, *, by: User, now: datetime) -> Campaign:
    """Load and publish it; it opened six days ago and goes on for three weeks."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    opens_at = midnight - timedelta(days=OPEN_FOR_DAYS)
    window = {"opens_at": opens_at, "closes_at": midnight + timedelta(days=21)}
    campaign = from_files.publish(SLUG, language, **window, by=by, now=now)
    callback_secrets.issue(campaign, "follow", earlier_until=now, by=by, now=now)
    return campaign
