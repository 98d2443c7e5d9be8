"""Which campaigns' audiences use a name: those of the draft, and those that members meet."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns import definition
from campaigns.definition import Audience, DefinitionError
from campaigns.drafts import Draft, audience_of
from campaigns.models import Campaign
from members.uses import Name


def in_audiences(name: Name) -> Iterator[str]:
    """Say which campaigns name it. One that has ended asks nobody any more."""
    for campaign in Campaign.objects.exclude(state=Campaign.State.ENDED).select_related("current"):
        if any(name in names_in(audience) for audience in _published(campaign)):
            yield _("campaign “%(campaign)s”, as published") % {"campaign": campaign}
        if any(name in names_in(audience) for audience in _drafted(campaign)):
            yield _("campaign “%(campaign)s”, draft") % {"campaign": campaign}


def in_rewards(name: Name) -> Iterator[str]:
    """Say which published campaigns give the tag, or one of the group, to those who take part."""
    for campaign in Campaign.objects.exclude(state=Campaign.State.ENDED).select_related("current"):
        if campaign.current is None:
            continue
        published = definition.parse(campaign.current.definition)
        rewards = [*(task.reward for task in published.tasks), *(chain.reward for chain in published.chains)]
        given = {reward.tag for reward in rewards if reward.tag}
        named = {("tag", tag) for tag in given} | {("tag_group", tag.partition(".")[0]) for tag in given}
        if name in named:
            yield _("a reward of campaign “%(campaign)s”") % {"campaign": campaign}


def names_in(audience: Audience) -> set[Name]:
    tags = audience.tags_any | audience.tags_all | audience.tags_none
    named = {
        "level": audience.levels,
        "tag_group": audience.tag_groups | {tag.partition(".")[0] for tag in tags},
        "tag": tags,
        "segment": audience.segments_in | audience.segments_not_in,
    }
    return {(kind, key) for kind, keys in named.items() for key in keys}


def _published(campaign: Campaign) -> list[Audience]:
    if campaign.current is None:
        return []
    return [part.audience for part in definition.parse(campaign.current.definition).asking]


def _drafted(campaign: Campaign) -> Iterator[Audience]:
    draft = Draft(campaign)
    for row in (campaign, *draft.tasks, *draft.chains, *draft.pools):
        try:
            yield audience_of(row)
        except DefinitionError:
            continue
