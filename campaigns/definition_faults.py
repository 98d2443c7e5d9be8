"""What is wrong today with a revision of another day: its window, kinds, and the names that it relies on."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import audience_faults, features, kinds, uses
from campaigns.definition import Campaign, Chain, Task
from campaigns.faults import Fault
from rewards.models import Gift
from segmentation.models import Tag


def of(campaign: Campaign, *, now: datetime) -> Iterator[Fault]:
    """Everything that keeps the definition from being current again."""
    if campaign.closes_at <= now:
        yield Fault("window_over", _("The campaign's closing time is past."))
    for task in campaign.tasks:
        yield from _task(task)
    for name in campaign.features:
        if name not in features.names():
            yield Fault("feature_unknown", _("There is no feature “%(name)s” any more.") % {"name": name})
    for part in campaign.asking:
        for message in audience_faults.unknown_in(part.audience, _name(part)):
            yield Fault("audience_unknown", message)
    yield from _rewards(campaign)


def _task(task: Task) -> Iterator[Fault]:
    if task.kind not in kinds.names():
        yield Fault("kind_unknown", _("Task “%(task)s” is of an unknown kind.") % {"task": task.title})
    elif kinds.find(task.kind).faults(task.config):
        yield Fault("config_invalid", _("Task “%(task)s” is no longer configured rightly.") % {"task": task.title})


def _name(part: object) -> str:
    """What an operator calls a part that has an audience."""
    if isinstance(part, Task | Chain):
        return _("“%(name)s”") % {"name": part.title}
    return str(getattr(part, "name", "") or getattr(part, "step", "") or _("a quota"))


def _rewards(campaign: Campaign) -> Iterator[Fault]:
    rewards = [reward for _part, reward in uses.rewards_of(campaign)]
    gifts = {reward.gift for reward in rewards if reward.gift}
    for slug in sorted(gifts - set(Gift.objects.filter(slug__in=gifts).values_list("slug", flat=True))):
        yield Fault("gift_unknown", _("There is no gift “%(gift)s” any more.") % {"gift": slug})
    tags = {reward.tag for reward in rewards if reward.tag}
    known = {f"{group}.{tag}" for group, tag in Tag.objects.values_list("group__slug", "slug")} if tags else set()
    for tag in sorted(tags - known):
        yield Fault("tag_unknown", _("There is no tag “%(tag)s” any more.") % {"tag": tag})
