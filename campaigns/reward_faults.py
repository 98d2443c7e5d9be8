"""What the rewards in configurations of tasks and features name, and cannot be given: gifts, tags and pools."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from campaigns import features, kinds
from campaigns.definition import Reward
from campaigns.drafts import Draft
from rewards.models import Gift
from segmentation.models import Tag


def of(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield a code and a sentence for each name that nothing answers to. Configurations with faults are left out."""
    pools = {offer.pool.slug for offer in draft.pools}
    for words, rewards in _rewards(draft):
        for missing in dict.fromkeys(each for reward in rewards for each in _missing(reward, pools)):
            yield "reward_unknown", f"{words}: {missing}"


def _rewards(draft: Draft) -> Iterator[tuple[str, Iterable[Reward]]]:
    for task in draft.tasks:
        kind = kinds.find(task.kind) if task.kind in kinds.names() else None
        if kind is not None and isinstance(task.config, dict) and not kind.faults(task.config):
            yield _("Task “%(task)s”") % {"task": task}, kind.rewards(task.config)
    configured = draft.campaign.features
    for name, feature in features.of(configured if isinstance(configured, dict) else {}).items():
        if not feature.faults(configured[name]):
            yield str(feature.LABEL), feature.rewards(configured[name])


def _missing(reward: Reward, pools: set[str]) -> Iterator[str]:
    if reward.gift and not Gift.objects.filter(slug=reward.gift).exists():
        yield _("There is no gift “%(gift)s”.") % {"gift": reward.gift}
    if reward.tag and not _can_be_given(reward.tag):
        yield _("There is no tag “%(tag)s” that can be given.") % {"tag": reward.tag}
    if reward.pool and reward.pool not in pools:
        yield _("The campaign has no prize pool “%(pool)s”.") % {"pool": reward.pool}


def _can_be_given(tag: str) -> bool:
    group, _dot, slug = tag.partition(".")
    return Tag.objects.filter(group__slug=group, slug=slug, rule__isnull=True).exists()
