"""What is wrong with how often, how long and for whom tasks may be done, with time zone, features and rewards."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns import audience_faults, features, kinds, zones
from campaigns.checked_json import Node
from campaigns.definition import Audience, DefinitionError, Reward, parse_audience, parse_quota
from campaigns.drafts import Draft
from campaigns.models import Task
from rewards.models import Gift
from segmentation.models import Tag

Named = tuple[str, str]


def of(draft: Draft) -> Iterator[Named]:
    """(code, message) of each fault."""
    if not zones.is_known(draft.campaign.time_zone):
        message = _("There is no time zone “%(zone)s”.") % {"zone": draft.campaign.time_zone}
        yield "time_zone_unknown", message
    for task in draft.tasks:
        yield from _limits(task)
        yield from _quotas(task)
    for chain in draft.chains:
        for step in draft.steps[chain.pk]:
            yield from _audience(step.skip, _("who skips step “%(step)s”") % {"step": step.task})
    yield from _features(draft)
    yield from _rewards(draft)


def _limits(task: Task) -> Iterator[Named]:
    words = {"task": task}
    if task.period == Task.Period.TIMES and not task.times:
        yield "times_missing", _("Task “%(task)s” may be done several times: say how many.") % words
    if task.finish_within and task.claim_mode != Task.ClaimMode.ACCEPT_FIRST:
        yield "finish_within_unused", _("Task “%(task)s” has a time to finish it, but is not accepted first.") % words


def _quotas(task: Task) -> Iterator[Named]:
    try:
        quotas = [parse_quota(each) for each in Node(task.quotas, "quotas").each()]
    except DefinitionError as error:
        message = _("The quotas of task “%(task)s” cannot be read: %(error)s.")
        yield "quota_invalid", message % {"task": task, "error": error}
        return
    if any(count > 1 for count in Counter(quota.key for quota in quotas).values()):
        yield "quota_twice", _("Task “%(task)s” has two quotas for the same time and audience.") % {"task": task}
    for quota in quotas:
        yield from _unknown(quota.audience, _("a quota of task “%(task)s”") % {"task": task})


def _audience(value: Any, name: str) -> Iterator[Named]:
    try:
        audience = parse_audience(value)
    except DefinitionError as error:
        yield (
            "audience_invalid",
            _("The audience of %(part)s cannot be read: %(error)s.") % {"part": name, "error": error},
        )
    else:
        yield from _unknown(audience, name)


def _unknown(audience: Audience, name: str) -> Iterator[Named]:
    yield from (("audience_unknown", message) for message in audience_faults.unknown_in(audience, name))


def _features(draft: Draft) -> Iterator[Named]:
    for name, config in draft.campaign.features.items():
        if name not in features.names() or not isinstance(config, Mapping):
            yield "feature_unknown", _("There is no feature “%(name)s”.") % {"name": name}
            continue
        feature = features.find(name)
        found = feature.faults(config)
        for fault in found:
            place = f"{fault.path}: " if fault.path else ""
            yield "feature_invalid", f"{feature.LABEL}: {place}{fault.message}"
        if not found:
            for audience in feature.audiences(config):
                yield from _unknown(audience, str(feature.LABEL))


def _rewards(draft: Draft) -> Iterator[Named]:
    """What the configurations of tasks and features give: it exists, and a pool is one of the campaign's."""
    given = list(_given(draft))
    named = {
        part: {value for _name, reward in given if (value := getattr(reward, part))} for part in ("gift", "tag", "pool")
    }
    known = {
        "gift": set(Gift.objects.filter(slug__in=named["gift"]).values_list("slug", flat=True)),
        "tag": _tags() if named["tag"] else set(),
        "pool": {offer.pool.slug for offer in draft.pools},
    }
    wordings = {
        "gift": _("%(part)s gives a gift that does not exist: %(key)s."),
        "tag": _("%(part)s gives a tag that cannot be set: %(key)s."),
        "pool": _("%(part)s gives draws from a prize pool that is none of the campaign's: %(key)s."),
    }
    for name, reward in given:
        for part, words in wordings.items():
            if (key := getattr(reward, part)) and key not in known[part]:
                yield f"{part}_unknown", words % {"part": name, "key": key}


def _tags() -> set[str]:
    rows = Tag.objects.filter(rule=None).values_list("group__slug", "slug")
    return {f"{group}.{tag}" for group, tag in rows}


def _given(draft: Draft) -> Iterator[tuple[str, Reward]]:
    """(words, reward) of each reward in a configuration that has no faults."""
    for task in draft.tasks:
        if (
            task.kind in kinds.names()
            and isinstance(task.config, dict)
            and not kinds.find(task.kind).faults(task.config)
        ):
            name = _("Task “%(task)s”") % {"task": task}
            yield from ((name, reward) for reward in kinds.find(task.kind).rewards(task.config))
    for name, feature in features.of(draft.campaign.features).items():
        config = draft.campaign.features[name]
        if isinstance(config, Mapping) and not feature.faults(config):
            yield from ((str(feature.LABEL), reward) for reward in feature.rewards(config))
