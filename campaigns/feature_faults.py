"""What is wrong with the features of a draft: their configurations, and what these name that does not exist."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns import features
from campaigns.definition import Reward
from campaigns.drafts import Draft
from rewards.models import Gift
from segmentation.models import Tag


def of(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield a code and a sentence for each fault."""
    configured = draft.campaign.features
    if not isinstance(configured, Mapping):
        yield "feature_invalid", _("The features of the campaign are no object.")
        return
    for name, config in configured.items():
        if name not in features.names():
            yield "feature_unknown", _("There is no feature “%(name)s”.") % {"name": name}
            continue
        yield from _of_one(draft, name, config)


def _of_one(draft: Draft, name: str, config: Any) -> Iterator[tuple[str, str]]:
    feature = features.find(name)
    found = feature.faults(config)
    for fault in found:
        place = f"{fault.path}: " if fault.path else ""
        yield "feature_invalid", f"{feature.LABEL}: {place}{fault.message}"
    if found:
        return
    for words in dict.fromkeys(_missing(draft, feature.rewards(config))):
        yield "feature_reward", f"{feature.LABEL}: {words}"


def _missing(draft: Draft, rewards: Iterator[Reward]) -> Iterator[str]:
    """Yield the words of each gift, tag and pool that rewards name and that cannot be given."""
    pools = {offer.pool.slug for offer in draft.pools}
    for reward in rewards:
        if reward.gift and not Gift.objects.filter(slug=reward.gift).exists():
            yield _("there is no gift “%(gift)s”") % {"gift": reward.gift}
        if reward.tag and not _can_be_given(reward.tag):
            yield _("there is no tag “%(tag)s” that can be given") % {"tag": reward.tag}
        if reward.pool and reward.pool not in pools:
            yield _("the campaign has no prize pool “%(pool)s”") % {"pool": reward.pool}


def _can_be_given(tag: str) -> bool:
    group, _dot, slug = tag.partition(".")
    return Tag.objects.filter(group__slug=group, slug=slug, rule=None).exists()
