"""What has an audience of its own beside tasks, chains and pools: offers, features, quotas, steps that fall away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.utils.translation import gettext as _
from pyroaring import BitMap

from campaigns import features
from campaigns.definition import EVERYONE, Audience, Campaign
from campaigns.rehearsal.findings import Finding, Place, Severity
from campaigns.rehearsal.population import Population
from campaigns.rehearsal.reach import Reach

OFFER, FEATURE, QUOTA, SKIP = "offer", "feature", "quota", "skip"
Meant = Callable[[Audience], BitMap]


@dataclass(frozen=True)
class Beside:
    """`members` are whom it reaches; `meant` are all in its audience, whether the campaign is for them or not.

    `idle`: it reaches nobody because the tasks by which it lives reach nobody. `short` is its name where it stands
    below what it is, "" for the same.
    """

    kind: str
    key: str
    name: str
    members: BitMap
    meant: BitMap
    place: Place
    idle: bool = False
    short: str = ""


def audiences(definition: Campaign) -> Iterator[Audience]:
    """Every audience of a campaign: those of its parts, and those in the configurations of its features."""
    yield from (part.audience for part in definition.asking)
    for name, feature in features.of(definition.features).items():
        yield from feature.audiences(definition.features[name])


def of(definition: Campaign, reach: Reach, population: Population, *, most_score: int | None) -> tuple[Beside, ...]:
    """`most_score` is the most that anybody can earn; None: any score."""

    def meant(audience: Audience) -> BitMap:
        return population.admitted(audience) if _can_hold(audience, most_score) else BitMap()

    return (
        *_offers(definition, reach, meant),
        *_features(definition, reach, meant),
        *_limits(definition, reach, meant),
    )


def _can_hold(audience: Audience, most: int | None) -> bool:
    least = audience.score_from or 0
    return (most is None or least <= most) and (audience.score_below is None or least < audience.score_below)


def _offers(definition: Campaign, reach: Reach, meant: Meant) -> Iterator[Beside]:
    for offer in definition.offers:
        place = Place("offer", offer.key)
        yield Beside(OFFER, offer.key, offer.title, reach.offers[offer.key], meant(offer.audience), place)


def _features(definition: Campaign, reach: Reach, meant: Meant) -> Iterator[Beside]:
    for name, feature in features.of(definition.features).items():
        config = definition.features[name]
        named = list(feature.audiences(config))
        all_meant = _any(meant(each) for each in named) if named else reach.everyone
        members, tasks = all_meant & reach.campaign, feature.lives_by(config)
        idle = False
        if tasks is not None:
            served = _any(reach.tasks[key] for key in tasks if key in reach.tasks)
            idle, members = not served, members & served
        yield Beside(FEATURE, name, str(feature.LABEL), members, all_meant, Place("feature", name), idle)


def _limits(definition: Campaign, reach: Reach, meant: Meant) -> Iterator[Beside]:
    for task in definition.tasks:
        for number, quota in enumerate(task.quotas, 1):
            if quota.audience != EVERYONE:
                own, name = meant(quota.audience), _("Quota %(number)d of “%(task)s”")
                words = {"number": number, "task": task.title}
                members = own & reach.tasks[task.key]
                yield Beside(QUOTA, f"{task.key}:{quota.key}", name % words, members, own, Place("task", task.key))
    for chain in definition.chains:
        for skip in chain.skips:
            own, name = meant(skip.audience), _("“%(task)s” falls away in chain “%(chain)s”")
            title = definition.by_key[skip.step].title
            words = {"task": title, "chain": chain.title}
            members = own & reach.chains[chain.key].members
            yield Beside(
                SKIP,
                f"{chain.key}:{skip.step}",
                name % words,
                members,
                own,
                Place("chain", chain.key),
                short=title,
            )


def _any(sets: Iterator[BitMap]) -> BitMap:
    return reduce(or_, sets, BitMap())


def findings(besides: tuple[Beside, ...], reach: Reach) -> Iterator[Finding]:
    """A warning of each that reaches nobody: for want of members, or because the campaign is not for those."""
    if not reach.campaign:
        return
    for each in besides:
        if not each.members:
            yield _lost(each)


def _lost(each: Beside) -> Finding:
    outside = bool(each.meant) and not each.idle
    key = f"{'outside' if outside else 'nobody'}:{each.kind}:{each.key}"
    # Where a step falls away for nobody, the chain is what it is without that.
    severity = Severity.NOTE if each.kind == SKIP else Severity.WARNING
    words = {"name": each.name, "members": f"{len(each.meant):,}"}
    return Finding(severity, key, _said(each, outside=outside) % words, each.place)


def _said(each: Beside, *, outside: bool) -> str:
    if each.idle:
        return _("Nobody gets anything from “%(name)s”: the tasks by which it lives reach no member.")
    if outside:
        return {
            OFFER: _("Offer “%(name)s” is for %(members)s members, and the campaign is for none of them."),
            FEATURE: _("“%(name)s” is for %(members)s members, and the campaign is for none of them."),
            QUOTA: _("%(name)s limits nobody: whom it is for, %(members)s members, does not meet the task."),
            SKIP: _("%(name)s: for %(members)s members, none of whom meets the chain."),
        }[each.kind]
    return {
        OFFER: _("No member whom the campaign reaches is in the audience of offer “%(name)s” today."),
        FEATURE: _("No member is in the audience of “%(name)s” today."),
        QUOTA: _("%(name)s limits nobody: no member is in its audience today."),
        SKIP: _("%(name)s: for nobody, no member is in that audience today."),
    }[each.kind]
