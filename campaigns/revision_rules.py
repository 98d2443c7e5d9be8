"""What a revision may not change once people take part: one definition held against the one before. Pure but for words.

*Structural* points would break what members have done: progress would belong to nothing, or to something else. They
are never published. Points *against participants* take something away that was announced; somebody who may decide that
publishes them with a reason. Odds and prizes are held to the same by `rewards.pool_changes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import kinds
from campaigns.definition import Campaign, Chain, Quota, Reward, Task
from campaigns.offers.terms import Offer


@dataclass(frozen=True, slots=True)
class Point:
    """One change that is refused; `structural` ones cannot be forced."""

    code: str
    message: str
    structural: bool = False


class Played(Protocol):
    """What members have done so far."""

    @property
    def anybody(self) -> bool:
        """Whether anyone takes part."""

    def task(self, key: str) -> bool:
        """Whether anyone has begun the task."""

    def chain(self, key: str) -> int:
        """How many steps of the chain the furthest member has done."""

    def offer(self, key: str) -> bool:
        """Whether anyone has taken the offer."""


def refused(before: Campaign, after: Campaign, played: Played, *, now: datetime) -> list[Point]:
    """Return every point in which `after` may not follow `before`."""
    return [
        *_campaign(before, after, now),
        *_window(before, after, played),
        *(point for task in before.tasks for point in _task(task, after.by_key.get(task.key), played)),
        *(point for chain in before.chains for point in _chain(chain, _chain_of(after, chain.key), played)),
        *(_pools(before, after) if played.anybody else ()),
        *(_quotas(before, after) if played.anybody else ()),
        *(point for offer in before.offers for point in _offer(offer, after, played)),
    ]


def _campaign(before: Campaign, after: Campaign, now: datetime) -> Iterator[Point]:
    if after.slug != before.slug:
        words = {"old": before.slug, "new": after.slug}
        yield Point("slug_changed", _("The campaign's key may not change from %(old)s to %(new)s.") % words, True)
    if after.opens_at != before.opens_at and now >= before.opens_at:
        words = {"opens": _moment(before.opens_at)}
        message = _("The campaign has been open since %(opens)s: its opening time may not change any more.")
        yield Point("opens_moved", message % words, True)


def _window(before: Campaign, after: Campaign, played: Played) -> Iterator[Point]:
    if not played.anybody:
        return
    if after.time_zone != before.time_zone:
        message = _("The time zone may not change: members' days and weeks are counted in it.")
        yield Point("time_zone_changed", message, True)
    if after.closes_at < before.closes_at:
        words = {"old": _moment(before.closes_at), "new": _moment(after.closes_at)}
        yield Point("closes_earlier", _("The campaign closes earlier: %(new)s instead of %(old)s.") % words)


def _task(before: Task, after: Task | None, played: Played) -> Iterator[Point]:
    if after == before or not played.task(before.key):
        return
    words = {"task": before.title, "key": before.key}
    if after is None:
        message = _("Members have progress in task “%(task)s” (%(key)s): it may not vanish or get another key.")
        yield Point("task_gone", message % words, True)
        return
    if after.kind != before.kind:
        message = _("Members have progress in task “%(task)s”: it may not become one of another kind.")
        yield Point("kind_changed", message % words, True)
    if after.period != before.period:
        message = _("Members have progress in task “%(task)s”: its period may not change.")
        yield Point("period_changed", message % words, True)
    yield from _harder(before, after)
    yield from _lower(_("task “%(name)s”") % {"name": before.title}, before.reward, after.reward)


def _harder(before: Task, after: Task) -> Iterator[Point]:
    """The same task asks for more, or leaves less time."""
    name = before.title
    if after.kind == before.kind and after.target > before.target:
        words = {"task": name, "old": before.target, "new": after.target}
        yield Point("target_raised", _("Task “%(task)s” asks for more: %(new)d instead of %(old)d.") % words)
    if after.kind == before.kind and kinds.find(after.kind).counts_less(before.config, after.config):
        yield Point("counts_less", _("Of what members do, less counts for task “%(task)s”.") % {"task": name})
    if after.period == before.period and after.times < before.times:
        words = {"task": name, "old": before.times, "new": after.times}
        yield Point("times_lowered", _("Task “%(task)s” may be done %(new)d times instead of %(old)d.") % words)
    if _shorter(before.finish_within, after.finish_within):
        yield Point("less_time", _("Task “%(task)s” leaves less time to finish it.") % {"task": name})
    if _shorter(before.claim_within, after.claim_within):
        yield Point("less_time", _("Task “%(task)s” leaves less time to claim its reward.") % {"task": name})


def _shorter(before: int, after: int) -> bool:
    """0 is without end."""
    return after > 0 and (before == 0 or after < before)


def _lower(part: str, before: Reward, after: Reward) -> Iterator[Point]:
    for name, words in _amounts().items():
        old, new = getattr(before, name), getattr(after, name)
        if new < old:
            said = {"part": part, "what": words, "old": old, "new": new}
            yield Point("reward_lowered", _("The reward of %(part)s falls: %(what)s %(old)d → %(new)d.") % said)
    for name, words in (("gift", _("gift")), ("tag", _("tag"))):
        old, new = getattr(before, name), getattr(after, name)
        if old and new != old:
            said = {"part": part, "what": words, "old": old}
            yield Point("reward_lowered", _("The reward of %(part)s loses its %(what)s “%(old)s”.") % said)
    if before.chances and after.chances and after.pool != before.pool:
        yield Point("chances_moved", _("The draw chances of %(part)s are for another prize pool.") % {"part": part})


def _amounts() -> dict[str, str]:
    return {"points": _("points"), "growth": _("growth value"), "chances": _("draw chances"), "score": _("score")}


def _chain(before: Chain, after: Chain | None, played: Played) -> Iterator[Point]:
    if after == before or not (done := played.chain(before.key)):
        return
    words = {"chain": before.title, "key": before.key}
    if after is None:
        message = _("Members are on their way in chain “%(chain)s” (%(key)s): it may not vanish or get another key.")
        yield Point("chain_gone", message % words, True)
        return
    if after.steps[: len(before.steps)] != before.steps:
        message = _("Chain “%(chain)s” was begun (up to step %(done)d): steps may be appended, not removed or moved.")
        yield Point("steps_changed", message % (words | {"done": done}), True)
    if _shorter(before.within, after.within):
        yield Point("less_time", _("Chain “%(chain)s” leaves less time to finish it.") % words)
    yield from _lower(_("chain “%(name)s”") % {"name": before.title}, before.reward, after.reward)


def _chain_of(campaign: Campaign, key: str) -> Chain | None:
    return next((each for each in campaign.chains if each.key == key), None)


def _pools(before: Campaign, after: Campaign) -> Iterator[Point]:
    offered = {pool.slug for pool in after.pools}
    for pool in before.pools:
        if pool.slug not in offered:
            yield Point("pool_gone", _("Prize pool “%(pool)s” is no longer offered.") % {"pool": pool.name})


def _quotas(before: Campaign, after: Campaign) -> Iterator[Point]:
    for task in before.tasks:
        now = after.by_key.get(task.key)
        if now is None or now.quotas == task.quotas:
            continue
        was = {quota.key: quota for quota in task.quotas}
        if any(_stricter(was.get(quota.key), quota) for quota in now.quotas):
            yield Point("quota_lowered", _("Fewer members may do task “%(task)s”.") % {"task": task.title})


def _stricter(before: Quota | None, after: Quota) -> bool:
    return before is None or after.quota < before.quota


def _offer(before: Offer, campaign: Campaign, played: Played) -> Iterator[Point]:
    after = campaign.offer(before.key)
    if after == before or not played.offer(before.key):
        return
    words = {"offer": before.title, "key": before.key}
    if after is None:
        message = _("Members have taken offer “%(offer)s” (%(key)s): it may not vanish or get another key.")
        yield Point("offer_gone", message % words, True)
        return
    if after.kind != before.kind:
        message = _("Members have taken offer “%(offer)s”: it may not become one of another kind.")
        yield Point("offer_kind_changed", message % words, True)
    if _worse(before, after):
        yield Point("offer_worse", _("Offer “%(offer)s” is worse than it was announced.") % words)


def _worse(before: Offer, after: Offer) -> bool:
    """It costs more, there is less of it or less time for it, or what it gives is another gift."""
    return (
        after.offer_price > before.offer_price
        or _shorter(before.stock, after.stock)
        or after.per_member < before.per_member
        or after.minutes < before.minutes
        or after.hours < before.hours
        or after.size > before.size
        or (before.closes_at != after.closes_at and after.closes_at is not None and not _later(before, after))
        or any(old and new != old for old, new in ((before.gift, after.gift), (before.leader_gift, after.leader_gift)))
    )


def _later(before: Offer, after: Offer) -> bool:
    """Whether it closes later; without a time of its own an offer closes with the campaign."""
    return before.closes_at is not None and after.closes_at is not None and after.closes_at > before.closes_at


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
