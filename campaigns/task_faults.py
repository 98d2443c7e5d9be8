"""What is wrong with the tasks, chains and features of a draft, beside their audiences and pools."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns import features, kinds
from campaigns.definition import DefinitionError, Reward
from campaigns.drafts import Draft, quotas_of
from campaigns.kinds.face import ConfigFault
from campaigns.models import Task
from rewards.models import Gift, PrizePool
from segmentation.models import Tag

Named = tuple[str, str]


def of_tasks(draft: Draft) -> Iterator[Named]:
    """(code, message) of each fault."""
    for task in draft.tasks:
        yield from _of_kind(task)
        yield from _of_modes(task)
        yield from _of_quotas(task)


def of_features(draft: Draft) -> Iterator[Named]:
    """(code, message) of each fault."""
    configured = draft.campaign.features
    if not isinstance(configured, dict):
        yield "feature_invalid", _("The features of the campaign are no object.")
        return
    for name, config in configured.items():
        if name not in features.names():
            yield "feature_unknown", _("There is no feature “%(name)s”.") % {"name": name}
            continue
        feature = features.find(name)
        found = feature.faults(config)
        for fault in found:
            yield "feature_invalid", _worded(str(feature.LABEL), fault)
        if not found:
            yield from _of_rewards(str(feature.LABEL), feature.rewards(config))


def _of_kind(task: Task) -> Iterator[Named]:
    if task.kind not in kinds.names():
        yield "kind_unknown", _("Task “%(task)s” is of an unknown kind.") % {"task": task}
        return
    if not isinstance(task.config, dict):
        yield "config_invalid", _("Task “%(task)s”: the configuration is no object.") % {"task": task}
        return
    kind = kinds.find(task.kind)
    found = kind.faults(task.config)
    for fault in found:
        yield "config_invalid", _worded(_("Task “%(task)s”") % {"task": task}, fault)
    if not found:
        yield from _of_rewards(str(task), kind.rewards(task.config))


def _worded(what: str, fault: ConfigFault) -> str:
    place = f"{fault.path}: " if fault.path else ""
    return _("%(what)s: ") % {"what": what} + f"{place}{fault.message}"


def _of_rewards(what: str, rewards: Iterator[Reward]) -> Iterator[Named]:
    """What a configuration gives must exist."""
    for reward in rewards:
        for key, exists in _named(reward).items():
            if not exists:
                words = {"what": what, "key": key}
                yield "reward_unknown", _("%(what)s: there is no “%(key)s” that could be given.") % words


def _named(reward: Reward) -> Mapping[str, bool]:
    found: dict[str, bool] = {}
    if reward.gift:
        found[reward.gift] = Gift.objects.filter(slug=reward.gift).exists()
    if reward.pool:
        found[reward.pool] = PrizePool.objects.filter(slug=reward.pool).exists()
    if reward.tag:
        group, _dot, slug = reward.tag.partition(".")
        found[reward.tag] = Tag.objects.filter(group__slug=group, slug=slug, rule__isnull=True).exists()
    return found


def _of_modes(task: Task) -> Iterator[Named]:
    words: dict[str, Any] = {"task": task}
    if task.period == Task.Period.TIMES and not task.times:
        yield "times_missing", _("Task “%(task)s” may be done several times; say how many.") % words
    if task.kind in kinds.names() and task.period not in kinds.find(task.kind).PERIODS:
        yield "period_unfit", _("Task “%(task)s” would be done again by itself in its period; choose another.") % words
    if task.period != Task.Period.TIMES and task.times:
        yield "times_unused", _("Task “%(task)s” says how many times, and its period is another.") % words
    if task.claim_mode == Task.ClaimMode.ACCEPT_FIRST and not task.finish_within:
        yield (
            "time_missing",
            _("Task “%(task)s” is accepted first; say how many minutes there are to finish it.") % words,
        )
    if task.claim_mode != Task.ClaimMode.ACCEPT_FIRST and task.finish_within:
        yield "time_unused", _("Task “%(task)s” has minutes to finish it, and is not accepted first.") % words


def _of_quotas(task: Task) -> Iterator[Named]:
    try:
        quotas = quotas_of(task)
    except DefinitionError as error:
        words = {"task": task, "error": error}
        yield "quota_invalid", _("The quotas of task “%(task)s” cannot be read: %(error)s.") % words
        return
    keys = [quota.key for quota in quotas]
    if len(set(keys)) < len(keys):
        yield "quota_twice", _("Task “%(task)s” has two quotas for the same members and time.") % {"task": task}
