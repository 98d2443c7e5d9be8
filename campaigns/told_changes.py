"""Differences as the pages of the admin show them: of a proposal, of the draft, between two revisions."""

from collections.abc import Mapping
from datetime import datetime

from campaigns import revision_faults
from campaigns.definition import Campaign as Definition
from campaigns.definition import parse
from campaigns.drafts import Draft
from campaigns.faults import Fault, faults
from campaigns.models import Campaign, Proposal, Revision
from campaigns.proposed import definition_proposed, pool_changes_between, pool_changes_proposed
from campaigns.revision_diff import Change, differences, introduced
from campaigns.revision_words import Words
from rewards.pool_changes import Point


def of_draft(campaign: Campaign, words: Words) -> list[Change]:
    """What publishing the draft would change; of a campaign that was never published, all that it brings."""
    draft = Draft(campaign)
    return _since(campaign.current, definition_proposed(draft), words, pool_changes_proposed(draft))


def of_proposal(proposal: Proposal, words: Words) -> list[Change]:
    """What a proposal changes, or changed, of the revision before it."""
    if proposal.revision is not None:
        return brought_by(proposal.revision, words)
    after = parse(proposal.definition)
    if proposal.state == Proposal.State.IN_REVIEW:
        pools = pool_changes_proposed(Draft(proposal.campaign))
        return _since(proposal.campaign.current, after, words, pools)
    return _since(_earlier(proposal.campaign, after.revision), after, words, {})


def since_submission(proposal: Proposal, words: Words, *, now: datetime) -> list[Change] | list[Fault]:
    """What was changed in the draft since it was submitted, or what is wrong with it now."""
    if found := [fault for fault in faults(proposal.campaign, now=now) if not fault.against]:
        return found
    draft = Draft(proposal.campaign)
    return differences(parse(proposal.definition), definition_proposed(draft), words, pool_changes_proposed(draft))


def between(before: Revision, after: Revision, words: Words) -> list[Change]:
    was, now = parse(before.definition), parse(after.definition)
    return differences(was, now, words, pool_changes_between(was, now))


def brought_by(revision: Revision, words: Words) -> list[Change]:
    """What a revision changed of the one before it; of the first, all that it brought."""
    earlier = _earlier(revision.campaign, revision.number)
    return between(earlier, revision, words) if earlier else introduced(parse(revision.definition), words)


def against_participants(revision: Revision, *, now: datetime) -> list[str]:
    """What going back to the revision would take away from those who take part."""
    campaign = revision.campaign
    if campaign.current is None:
        return []
    points = revision_faults.between(campaign, campaign.current, parse(revision.definition), now=now)
    return [point.message for point in points]


def _earlier(campaign: Campaign, number: int) -> Revision | None:
    return campaign.revisions.filter(number__lt=number).order_by("-number").first()


def _since(before: Revision | None, after: Definition, words: Words, pools: Mapping[str, list[Point]]) -> list[Change]:
    if before is None:
        return introduced(after, words, pools)
    return differences(parse(before.definition), after, words, pools)
