"""The difference between two definitions of a campaign, field by field, in the words of operators."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import features, kinds, revision_words, told_settings
from campaigns.definition import Campaign, Chain, Pool, Reward, Task
from campaigns.models import Task as DraftTask
from campaigns.offers.terms import Offer
from campaigns.revision_words import Words
from operations.sentences import labelled
from rewards.pool_changes import Point

Kind = Literal["added", "removed", "changed"]
USUAL_CLAIM = str(DraftTask._meta.get_field("claim_mode").default)
TEXTS = ("name", "tagline", "organiser", "colour", "rules", "time_zone")


@dataclass(frozen=True, slots=True)
class Change:
    """What was added, removed or changed; `lines` say what of it."""

    kind: Kind
    words: str
    lines: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        labels = {
            "added": pgettext("difference", "added"),
            "removed": pgettext("difference", "removed"),
            "changed": pgettext("difference", "changed"),
        }
        return labels[self.kind]


def differences(
    before: Campaign, after: Campaign, words: Words, pools: Mapping[str, Sequence[Point]] | None = None
) -> list[Change]:
    """Every change from `before` to `after`. `pools` says what changed inside of the pools, by their keys."""
    return [
        *_campaign(before, after, words),
        *_tasks(before, after, words),
        *_chains(before, after, words),
        *_pools(before, after, words, pools or {}),
        *_offers(before, after),
        *_features(before.features, after.features, words),
    ]


def introduced(after: Campaign, words: Words, pools: Mapping[str, Sequence[Point]] | None = None) -> list[Change]:
    """Everything that a first revision brings."""
    nothing = replace(after, tasks=(), chains=(), pools=(), offers=(), features={}, by_key={})
    lines = [
        _said(field, show(getattr(after, field))) for field, show in _shown_fields().items() if getattr(after, field)
    ]
    name = _("Campaign “%(name)s” (%(key)s)") % {"name": after.name, "key": after.slug}
    campaign = Change("added", name, (*lines, _("For whom: %s") % words.audience(after.audience)))
    return [campaign, *differences(nothing, after, words, pools)]


def _shown_fields() -> dict[str, Callable[[Any], str]]:
    texts: dict[str, Callable[[Any], str]] = dict.fromkeys(TEXTS, revision_words.text)
    moments = dict.fromkeys(("opens_at", "closes_at"), revision_words.moment)
    return texts | {"banner": revision_words.picture} | moments


def _said(field: str, value: str) -> str:
    return labelled(revision_words.field_of_campaign(field), value)


def _arrow(what: object, old: object, new: object) -> str:
    return _("%(what)s: %(old)s → %(new)s") % {"what": what, "old": old, "new": new}


def _campaign(before: Campaign, after: Campaign, words: Words) -> Iterator[Change]:
    for field, show in _shown_fields().items():
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Change("changed", _arrow(revision_words.field_of_campaign(field), show(old), show(new)))
    if before.audience != after.audience:
        yield Change("changed", _arrow(_("For whom"), words.audience(before.audience), words.audience(after.audience)))


def _tasks(before: Campaign, after: Campaign, words: Words) -> Iterator[Change]:
    for old in before.tasks:
        if old.key not in after.by_key:
            yield Change("removed", _task_name(old))
    for task in after.tasks:
        was = before.by_key.get(task.key)
        if was is None:
            yield Change("added", _task_name(task), tuple(_told(task, words)))
        elif was != task:
            yield Change("changed", _task_name(task), tuple(_task(was, task, words)))
    yield from _order(_("The order of the tasks"), before.tasks, after.tasks)


def _task_name(task: Task) -> str:
    return _("Task “%(title)s” (%(key)s)") % {"title": task.title, "key": task.key}


def _told(task: Task, words: Words) -> Iterator[str]:
    """A task that is new: all that members will meet, and what is as usual is left out."""
    yield f"{revision_words.kind(task.kind)} · {revision_words.period(task.period, task.times)}"
    if task.kind in kinds.names():
        yield from told_settings.told(kinds.find(task.kind).Form, task.config, words)
    yield _("Reward: %s") % (words.reward(task.reward) or _("nothing"))
    yield _("For whom: %s") % words.audience(task.audience)
    rest = {
        _("Guide text"): task.guide,
        _("Claim mode"): task.claim_mode != USUAL_CLAIM and revision_words.claim_mode(task.claim_mode),
        _("Time to finish"): task.finish_within and revision_words.minutes(task.finish_within),
        _("Time to claim"): task.claim_within and revision_words.hours(task.claim_within),
        _("Quotas"): task.quotas and words.quotas(task.quotas),
        _("Place"): task.slot,
    }
    yield from (labelled(what, said) for what, said in rest.items() if said)


def _task(before: Task, after: Task, words: Words) -> Iterator[str]:
    shown: dict[str, tuple[str, Any]] = {
        "title": (_("Title"), revision_words.text),
        "guide": (_("Guide text"), revision_words.text),
        "kind": (_("Kind"), revision_words.kind),
        "claim_mode": (_("Claim mode"), revision_words.claim_mode),
        "finish_within": (_("Time to finish"), revision_words.minutes),
        "claim_within": (_("Time to claim"), revision_words.hours),
        "quotas": (_("Quotas"), words.quotas),
        "slot": (_("Place"), revision_words.text),
        "audience": (_("For whom"), words.audience),
    }
    if (before.period, before.times) != (after.period, after.times):
        old, new = (revision_words.period(each.period, each.times) for each in (before, after))
        yield _arrow(_("Period"), old, new)
    yield from _fields(before, after, shown)
    yield from _reward(before.reward, after.reward, words)
    form = kinds.find(after.kind).Form if after.kind in kinds.names() and before.kind == after.kind else None
    for what, old, new in revision_words.settings(before.config, after.config, form):
        yield _arrow(what, old, new)


def _fields(before: Any, after: Any, shown: Mapping[str, tuple[str, Any]]) -> Iterator[str]:
    for field, (label, show) in shown.items():
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield _arrow(label, show(old), show(new))


def _reward(before: Reward, after: Reward, words: Words) -> Iterator[str]:
    was, now = words.reward_parts(before), words.reward_parts(after)
    for what in dict.fromkeys((*was, *now)):
        if was.get(what) != now.get(what):
            yield _arrow(_("Reward, %s") % what, was.get(what, _("nothing")), now.get(what, _("nothing")))


def _order(label: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """A change of the order of those that are in both."""
    both = {each.key for each in before} & {each.key for each in after}
    was, now = ([each for each in rows if each.key in both] for rows in (before, after))
    if [each.key for each in was] != [each.key for each in now]:
        titles = (" · ".join(each.title for each in rows) for rows in (was, now))
        yield Change("changed", _arrow(label, *titles))


def _chains(before: Campaign, after: Campaign, words: Words) -> Iterator[Change]:
    was = {chain.key: chain for chain in before.chains}
    for key, chain in was.items():
        if all(each.key != key for each in after.chains):
            yield Change("removed", _chain_name(chain))
    for chain in after.chains:
        old = was.get(chain.key)
        if old is None:
            yield Change("added", _chain_name(chain), tuple(_told_chain(chain, after, words)))
        elif old != chain:
            yield Change("changed", _chain_name(chain), tuple(_chain(old, chain, (before, after), words)))
    yield from _order(_("The order of the chains"), before.chains, after.chains)


def _chain_name(chain: Chain) -> str:
    return _("Chain “%(title)s” (%(key)s)") % {"title": chain.title, "key": chain.key}


def _told_chain(chain: Chain, campaign: Campaign, words: Words) -> Iterator[str]:
    """A chain that is new."""
    yield _steps(chain, campaign)
    yield _("Reward: %s") % (words.reward(chain.reward) or _("nothing"))
    yield _("For whom: %s") % words.audience(chain.audience)
    if chain.within:
        yield labelled(_("Time to finish"), revision_words.hours(chain.within))
    for skip in chain.skips:
        yield labelled(_("Step “%s” is skipped by") % skip.step, words.audience(skip.audience))


def _steps(chain: Chain, campaign: Campaign) -> str:
    return " → ".join(campaign.by_key[key].title for key in chain.steps)


def _chain(before: Chain, after: Chain, campaigns: tuple[Campaign, Campaign], words: Words) -> Iterator[str]:
    if before.steps != after.steps:
        yield _arrow(_("Steps"), _steps(before, campaigns[0]), _steps(after, campaigns[1]))
    skips = [{skip.step: skip.audience for skip in chain.skips} for chain in (before, after)]
    for step in dict.fromkeys((*skips[0], *skips[1])):
        old, new = (each.get(step) for each in skips)
        if old != new:
            said = (words.audience(each) if each is not None else _("nobody") for each in (old, new))
            yield _arrow(_("Step “%s” is skipped by") % step, *said)
    shown: dict[str, tuple[str, Any]] = {
        "title": (_("Title"), revision_words.text),
        "within": (_("Time to finish"), revision_words.hours),
        "slot": (_("Place"), revision_words.text),
        "audience": (_("For whom"), words.audience),
    }
    yield from _fields(before, after, shown)
    yield from _reward(before.reward, after.reward, words)


def _pools(before: Campaign, after: Campaign, words: Words, inside: Mapping[str, Sequence[Point]]) -> Iterator[Change]:
    was = {pool.slug: pool for pool in before.pools}
    kept = {pool.slug for pool in after.pools}
    for pool in before.pools:
        if pool.slug not in kept:
            yield Change("removed", _pool_name(pool))
    for pool in after.pools:
        old, points = was.get(pool.slug), inside.get(pool.slug, ())
        if old is None:
            whom = _("For whom: %s") % words.audience(pool.audience)
            yield Change("added", _pool_name(pool), (whom, *(point.message for point in points)))
        elif lines := [*_pool(old, pool, words), *(point.message for point in points)]:
            yield Change("changed", _pool_name(pool), tuple(lines))
    order = [
        [each.slug for each in rows if each.slug in was and each.slug in kept] for rows in (before.pools, after.pools)
    ]
    if order[0] != order[1]:
        titles = (" · ".join(words.pools.get(slug, slug) for slug in slugs) for slugs in order)
        yield Change("changed", _arrow(_("The order of the prize pools"), *titles))


def _pool_name(pool: Pool) -> str:
    return _("Prize pool “%(name)s” (%(key)s)") % {"name": pool.name, "key": pool.slug}


def _pool(before: Pool, after: Pool, words: Words) -> Iterator[str]:
    shown: dict[str, tuple[str, Any]] = {
        "name": (pgettext("of a thing", "Name"), revision_words.text),
        "version": (_("Version"), str),
        "named_only": (_("Only by name"), revision_words.text),
        "audience": (_("For whom"), words.audience),
    }
    yield from _fields(before, after, shown)


def _offers(before: Campaign, after: Campaign) -> Iterator[Change]:
    was = {offer.key: offer for offer in before.offers}
    kept = {offer.key for offer in after.offers}
    for offer in before.offers:
        if offer.key not in kept:
            yield Change("removed", _offer_name(offer))
    for offer in after.offers:
        old = was.get(offer.key)
        if old != offer:
            lines = [_arrow(*each) for each in revision_words.offer(old, offer)]
            yield Change("added" if old is None else "changed", _offer_name(offer), tuple(lines))


def _offer_name(offer: Offer) -> str:
    return _("Offer “%(title)s” (%(key)s)") % {"title": offer.title, "key": offer.key}


def _features(before: Mapping[str, Any], after: Mapping[str, Any], words: Words) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        form = features.find(name).Form if name in features.names() else None
        if name in before and name in after:
            lines = tuple(_arrow(*each) for each in revision_words.settings(old, new, form))
            yield Change("changed", revision_words.feature(name), lines)
        elif name in after:
            lines = tuple(told_settings.told(form, new or {}, words)) if form else ()
            yield Change("added", revision_words.feature(name), lines)
        else:
            yield Change("removed", revision_words.feature(name))
