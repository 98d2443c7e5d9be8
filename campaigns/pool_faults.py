"""What is wrong with the pools that rewards and results of a draft name, and what an operator should look at again."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.definition import Audience, DefinitionError
from campaigns.drafts import Draft, audience_of
from campaigns.models import Chain, Task
from campaigns.pool_choice import PoolKind, kind_of
from campaigns.result_pools import pools_named
from rewards.models import PrizePool

Named = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """A pool of the draft, with an audience that could be read."""

    slug: str
    name: str
    audience: Audience
    named_only: bool


def offers_of(draft: Draft) -> list[Offer]:
    """The pools of the draft in their order; those whose audience cannot be read are named by `audience_faults`."""
    found = []
    for offer in draft.pools:
        try:
            found.append(Offer(offer.pool.slug, offer.pool.name, audience_of(offer), offer.named_only))
        except DefinitionError:
            continue
    return found


def names_of(row: Task | Chain) -> list[str]:
    """The keys of the pools that its chances may be for; none: level, tags and score choose."""
    return ([row.pool.slug] if row.pool else []) + pools_named(getattr(row, "config", None))


def named_in(draft: Draft) -> frozenset[str]:
    """The keys of all pools that some reward or result names."""
    return frozenset(slug for row in giving(draft) for slug in names_of(row))


def giving(draft: Draft) -> list[Task | Chain]:
    return [*draft.tasks, *draft.chains]


def of(draft: Draft) -> Iterator[Named]:
    """(code, message) of each fault."""
    rows = giving(draft)
    ordinary = any(not offer.named_only for offer in draft.pools)
    if not ordinary and any(row.chances and not names_of(row) for row in rows):
        yield "no_pool", _("Draw chances are given, but the campaign has no prize pool.")
    offered = {offer.pool.slug for offer in draft.pools}
    missing = named_in(draft) - offered
    known = set(PrizePool.objects.filter(slug__in=missing).values_list("slug", flat=True)) if missing else set()
    for row in rows:
        yield from _of_row(row, offered, known)


def _of_row(row: Task | Chain, offered: set[str], known: set[str]) -> Iterator[Named]:
    part = (_("task “%(name)s”") if isinstance(row, Task) else _("chain “%(name)s”")) % {"name": row}
    named = names_of(row)
    for slug in sorted({*named} - offered):
        words = {"part": part, "pool": slug}
        if slug in known:
            yield "pool_not_offered", _("The prize pool “%(pool)s” of %(part)s is none of the campaign's.") % words
        else:
            yield "pool_unknown", _("There is no prize pool “%(pool)s”, which %(part)s names.") % words
    if named and not row.chances:
        yield (
            "pool_without_chances",
            _("A prize pool is named by %(part)s, which gives no draw chances.") % {"part": part},
        )
    if row.pool and len(named) > 1:
        message = _("The prize pool of the chances of %(part)s is named twice: by the reward and by the results.")
        yield "pool_named_twice", message % {"part": part}


def warnings(draft: Draft) -> Iterator[str]:
    """What can be published, but hardly is what was meant."""
    yield from (message for _key, message in warned(draft))


def warned(draft: Draft) -> Iterator[Named]:
    """(key, message) of each warning; the key stays the same whatever the names."""
    offers, named = offers_of(draft), named_in(draft)
    for offer in offers:
        if offer.named_only and offer.slug not in named:
            message = _("No task and no result names “%(pool)s”, so nobody draws from it.")
            yield f"pool_unnamed:{offer.slug}", message % {"pool": offer.name}
    for least, below in gaps([offer.audience for offer in offers if kind_of(offer) in _OF_THE_SCORE]):
        if below is None:
            message = _("Members with a campaign score of %(from)d and more have no draw.") % {"from": least}
        else:
            message = _("Members with a campaign score from %(from)d to %(to)d have no draw.")
            message %= {"from": least, "to": below - 1}
        yield f"score_gap:{least}", message


_OF_THE_SCORE = (PoolKind.SCORE, PoolKind.EVERYONE)


def gate(offers: list[Offer]) -> int | None:
    """The lowest campaign score that may draw; None: every score may, or there are identity pools only."""
    scored = [offer.audience for offer in offers if kind_of(offer) in _OF_THE_SCORE]
    return min((audience.score_from or 0 for audience in scored), default=0) or None


def gaps(audiences: list[Audience]) -> list[tuple[int, int | None]]:
    """The scores above the lowest that no range holds, as (from, below); below None: and all above."""
    found: list[tuple[int, int | None]] = []
    reached: int | None = None
    for each in sorted(audiences, key=lambda each: each.score_from or 0):
        least = each.score_from or 0
        if reached is not None and least > reached:
            found.append((reached, least))
        if each.score_below is None:
            return found
        reached = max(reached or 0, each.score_below)
    return found if reached is None else [*found, (reached, None)]
