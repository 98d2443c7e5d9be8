"""What keeps the next revision of a published campaign back: the rules of `campaigns.revision_rules`, asked of rows."""

from datetime import datetime

from campaigns import definition, revision_rules
from campaigns.definition import Campaign as Definition
from campaigns.drafts import Draft
from campaigns.models import Campaign, Revision
from campaigns.played import Played
from campaigns.proposed import definition_proposed
from campaigns.revision_rules import Point


def of_draft(draft: Draft, *, now: datetime) -> list[Point]:
    """The points of a draft that can be read; none before the first revision."""
    current = draft.campaign.current
    return [] if current is None else between(draft.campaign, current, definition_proposed(draft), now=now)


def between(campaign: Campaign, before: Revision, after: Definition, *, now: datetime) -> list[Point]:
    was = definition.parse(before.definition)
    return revision_rules.refused(was, after, Played(campaign), now=now)
