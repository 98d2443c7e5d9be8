"""Campaigns of the demo that come from files with both languages in them, published when they were."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from campaigns import campaign_files, publishing
from campaigns.blueprint_files import filled
from campaigns.models import Campaign
from campaigns.rehearsal.rehearsing import warnings_of
from demo.pictures import keep_banner
from demo.words import said

FILES = Path(__file__).parent / "files"


def definition(file: Path, slug: str, language: str, *, opens_at: datetime, closes_at: datetime) -> Any:
    """The campaign of a file in one language."""
    window = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
    return filled(said(json.loads(file.read_text(encoding="utf-8")), language), window | {"slug": slug})


def publish(  # noqa: PLR0913 - which campaign, in what language, from when to when, by whom
    slug: str, language: str, *, opens_at: datetime, closes_at: datetime, by: User, now: datetime
) -> Campaign:
    """Load the campaign of that file and publish it as of `now`, which may be long ago."""
    loaded = definition(FILES / f"{slug}.json", slug, language, opens_at=opens_at, closes_at=closes_at)
    campaign = campaign_files.load(loaded | {"banner": keep_banner(slug, now=now)}, by=by, now=now)
    publishing.publish(campaign, by=by, now=now, acknowledged=warnings_of(campaign, now=now))
    return campaign
