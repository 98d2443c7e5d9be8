"""Campaigns that do not run yet, made from the house's templates: one waits for its review, one for its opening."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from campaigns import blueprint_files, from_blueprints, publishing, reviewing
from campaigns.entering import scope_of_slug
from campaigns.models import Campaign
from campaigns.rehearsal.rehearsing import warnings_of
from demo.pictures import keep_banner
from demo.words import say
from rewards.models import Budget
from segmentation import recomputing

IN_REVIEW, SCHEDULED = "win-back", "spring-quiz"
# As quiet as in the demo's own segment, which is used again.
TIGHT = 5_000
ASKED = {"low": 60}


def make_planned(language: str, *, operator: User, by: User, now: datetime) -> None:
    """`by` has published the scheduled one; the other was planned by the operator, so that others may review it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = _make("old-customers", IN_REVIEW, language, opens_at=midnight + timedelta(days=3), by=operator, now=now)
    # Too little for all whom it would reach: what the rehearsal says about it is for whoever reviews.
    Budget.objects.create(scope=scope_of_slug(IN_REVIEW), per=Budget.Per.TOTAL, cents=TIGHT)
    then = now - timedelta(hours=2)
    note = say("planned.note", language)
    reviewing.submit(asked, by=operator, now=then, note=note, acknowledged=warnings_of(asked, now=then))
    ready = _make("quiz-pools", SCHEDULED, language, opens_at=midnight + timedelta(days=10), by=by, now=now)
    publishing.publish(ready, by=by, now=now, acknowledged=warnings_of(ready, now=now))


def _make(  # noqa: PLR0913 - a campaign is what, called what, in what language, from when, by whom
    blueprint: str, slug: str, language: str, *, opens_at: datetime, by: User, now: datetime
) -> Campaign:
    found = blueprint_files.find(blueprint)
    values = (
        {ask.name: ask.default for ask in found.asks}
        | ASKED
        | {
            "slug": slug,
            "name": say(f"planned.{slug}", language),
            "opens_at": opens_at,
            "closes_at": opens_at + timedelta(days=14),
            "organiser": say("campaign.organiser", language),
        }
    )
    created = from_blueprints.create(found, values, by=by, now=now)
    for segment in created.segments:
        recomputing.recompute(segment, now=now)
    campaign = created.campaign
    campaign.banner = keep_banner(slug, now=now)
    campaign.save(update_fields=["banner"])
    return campaign
