"""The demo's second campaign, with a task of every kind and every feature: loaded from its file, and published."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from campaigns import callback_secrets, campaign_files, publishing
from campaigns.blueprint_files import filled
from campaigns.models import Campaign
from campaigns.rehearsal.rehearsing import warnings_of
from demo.pictures import keep_banner
from demo.words import said

SLUG = "new-year-farm"
FILE = Path(__file__).parent / "files" / "carnival.json"
OPEN_FOR_DAYS = 6


def definition(language: str, *, opens_at: datetime, closes_at: datetime) -> Any:
    """The campaign's file in one language."""
    window = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
    return filled(said(json.loads(FILE.read_text(encoding="utf-8")), language), window | {"slug": SLUG})


def make_carnival(language: str, *, by: User, now: datetime) -> Campaign:
    """Load and publish it; it opened six days ago and goes on for three weeks."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    opens_at = midnight - timedelta(days=OPEN_FOR_DAYS)
    file = definition(language, opens_at=opens_at, closes_at=midnight + timedelta(days=21))
    campaign = campaign_files.load(file | {"banner": keep_banner(SLUG, now=now)}, by=by, now=now)
    publishing.publish(campaign, by=by, now=now, acknowledged=warnings_of(campaign, now=now))
    callback_secrets.issue(campaign, "follow", earlier_until=now, by=by, now=now)
    return campaign
