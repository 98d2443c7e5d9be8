"""Which campaigns' audiences use a name: those of the draft, and those that members meet."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import definition, features, kinds
from campaigns.definition import Audience, DefinitionError, Reward, parse_audience
from campaigns.drafts import Draft, audience_of, drafts_of, quotas_of
from campaigns.models import Campaign
from campaigns.states import OVER
from members.uses import Name, Use
from operations.sentences import listed

# The parts of a campaign that have an audience, by the class that says what one is, in a definition and in a draft.
PARTS = {
    "Task": gettext_lazy("task “%(part)s”"),
    "Chain": gettext_lazy("chain “%(part)s”"),
    "Pool": gettext_lazy("prize pool “%(part)s”"),
    "CampaignPool": gettext_lazy("prize pool “%(part)s”"),
    "Offer": gettext_lazy("offer “%(part)s”"),
    "Quota": gettext_lazy("a quota"),
    "Skip": gettext_lazy("a step that falls away"),
}
Part = tuple[str, Audience]
# What an audience can name, and what a reward can; of anything else no campaign has to be read.
IN_AUDIENCES = frozenset({"level", "tag_group", "tag", "segment"})
IN_REWARDS = frozenset({"tag_group", "tag"})


def in_audiences(name: Name) -> Iterator[Use]:
    """Say which campaigns name it, and in which part. One that has ended asks nobody any more."""
    if name[0] not in IN_AUDIENCES:
        return
    for draft in _drafts_in_force():
        campaign = draft.campaign
        url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        if parts := _naming(name, _published(campaign)):
            yield Use(_("campaign “%(campaign)s”, as published") % {"campaign": campaign}, url, listed(parts))
        if parts := _naming(name, _drafted(draft)):
            yield Use(_("campaign “%(campaign)s”, draft") % {"campaign": campaign}, url, listed(parts))


def _drafts_in_force() -> list[Draft]:
    return drafts_of(Campaign.objects.exclude(state__in=OVER).select_related("current"))


def _naming(name: Name, parts: Iterable[Part]) -> list[str]:
    """Return the words of the parts whose audience names it."""
    return [words for words, audience in parts if name in names_in(audience)]


def in_rewards(name: Name) -> Iterator[str]:
    """Say which published campaigns give the tag, or one of the group, to those who take part."""
    if name[0] not in IN_REWARDS:
        return
    for campaign in Campaign.objects.exclude(state__in=OVER).select_related("current"):
        if campaign.current is None:
            continue
        published = definition.parse(campaign.current.definition)
        rewards = [reward for _, reward in rewards_of(published)]
        given = {reward.tag for reward in rewards if reward.tag}
        named = {("tag", tag) for tag in given} | {("tag_group", tag.partition(".")[0]) for tag in given}
        if name in named:
            yield _("a reward of campaign “%(campaign)s”") % {"campaign": campaign}


def gifts_in_rewards(name: Name) -> Iterator[Use]:
    """Say which campaigns, as published and in draft, give the gift for a task or a chain, or by an offer."""
    kind, slug = name
    if kind != "gift":
        return
    for draft in _drafts_in_force():
        campaign = draft.campaign
        url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        current = definition.parse(campaign.current.definition) if campaign.current is not None else None
        published = rewards_of(current) if current is not None else ()
        if parts := [words for words, reward in published if reward.gift == slug]:
            yield Use(_("campaign “%(campaign)s”, as published") % {"campaign": campaign}, url, listed(parts))
        if parts := [words for words, given in _drafted_rewards(draft) if given == slug]:
            yield Use(_("campaign “%(campaign)s”, draft") % {"campaign": campaign}, url, listed(parts))


def rewards_of(published: definition.Campaign) -> Iterator[tuple[str, Reward]]:
    """Every reward that a campaign names, with the words of the part that gives it."""
    parts: tuple[definition.Task | definition.Chain, ...] = (*published.tasks, *published.chains)
    for part in parts:
        yield _words(part), part.reward
    for task in published.tasks:
        for reward in kinds.find(task.kind).rewards(task.config) if task.kind in kinds.names() else ():
            yield _words(task), reward
    for name, feature in features.of(published.features).items():
        for reward in feature.rewards(published.features[name]):
            yield str(feature.LABEL), reward
    for offer in published.offers:
        yield from ((_words(offer), Reward(gift=gift)) for gift in offer.gifts)


def _drafted_rewards(draft: Draft) -> Iterator[tuple[str, str]]:
    """(words of the part, key of the gift) of every gift that a draft gives, where its configurations can be read."""
    for part in (*draft.tasks, *draft.chains):
        if part.gift:
            yield _words(part), part.gift.slug
    for offer in draft.offers:
        yield from ((_words(offer), gift.slug) for gift in (offer.gift, offer.leader_gift) if gift)
    for task in draft.tasks:
        kind = kinds.find(task.kind) if task.kind in kinds.names() else None
        if kind is not None and isinstance(task.config, dict) and not kind.faults(task.config):
            yield from ((_words(task), reward.gift) for reward in kind.rewards(task.config) if reward.gift)
    configured = draft.campaign.features
    for name, feature in features.of(configured if isinstance(configured, dict) else {}).items():
        if not feature.faults(configured[name]):
            for reward in feature.rewards(configured[name]):
                if reward.gift:
                    yield str(feature.LABEL), reward.gift


def names_in(audience: Audience) -> set[Name]:
    tags = audience.tags_any | audience.tags_all | audience.tags_none
    named = {
        "level": audience.levels,
        "tag_group": audience.tag_groups | {tag.partition(".")[0] for tag in tags},
        "tag": tags,
        "segment": audience.segments_in | audience.segments_not_in,
    }
    return {(kind, key) for kind, keys in named.items() for key in keys}


def _published(campaign: Campaign) -> Iterator[Part]:
    if campaign.current is not None:
        published = definition.parse(campaign.current.definition)
        for part in published.asking:
            yield _words(part), part.audience
        for name, feature in features.of(published.features).items():
            yield from ((str(feature.LABEL), audience) for audience in feature.audiences(published.features[name]))


def _drafted(draft: Draft) -> Iterator[Part]:
    for row in (draft.campaign, *draft.tasks, *draft.chains, *draft.pools, *draft.offers):
        try:
            yield _words(row), audience_of(row)
        except DefinitionError:
            continue
    for task in draft.tasks:
        with suppress(DefinitionError):
            yield from ((_words(task), quota.audience) for quota in quotas_of(task))
    for chain in draft.chains:
        for step in draft.steps[chain.pk]:
            with suppress(DefinitionError):
                yield _words(chain), parse_audience(step.skip)


def _words(part: object) -> str:
    words = PARTS.get(type(part).__name__)
    called = getattr(part, "title", "") or getattr(part, "name", "") or str(part)
    return str(words) % {"part": called} if words else _("for whom")
