"""The draft as the revision that it would become, and what that changes of the pools."""

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import Max

from campaigns.definition import Campaign as Definition
from campaigns.drafts import Draft, definition_of
from rewards import pool_changes
from rewards.models import PoolVersion, PrizePool
from rewards.pool_changes import Point
from rewards.pool_terms import PoolTerms, terms_of_draft, terms_of_version


def definition_proposed(draft: Draft) -> Definition:
    """The next revision, were the draft published now. The draft has no faults."""
    last = draft.campaign.revisions.aggregate(last=Max("number"))["last"] or 0
    return definition_of(draft, revision=last + 1, versions=_versions(draft))


def _versions(draft: Draft) -> dict[str, int]:
    return {offer.pool.slug: _next_version(offer.pool) for offer in draft.pools}


def _next_version(pool: PrizePool) -> int:
    if pool.current is not None and _drafted(pool) == published_terms(pool.current):
        return pool.current.number
    return (pool.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def pool_changes_proposed(draft: Draft) -> Mapping[str, list[Point]]:
    """Pool → every change of its draft to the version that is current, in words; of one that is new, its prizes."""
    return {offer.pool.slug: _changed(offer.pool) for offer in draft.pools}


def _changed(pool: PrizePool) -> list[Point]:
    drafted = _drafted(pool)
    before = replace(drafted, prizes=()) if pool.current is None else published_terms(pool.current)
    return pool_changes.differences(before, drafted)


def pool_changes_between(before: Definition, after: Definition) -> Mapping[str, list[Point]]:
    """Pool → every change between the versions of two revisions, in words."""
    was = {pool.slug: pool.version for pool in before.pools}
    moved = [pool for pool in after.pools if was.get(pool.slug, pool.version) != pool.version]
    return {
        pool.slug: pool_changes.differences(_terms(pool.slug, was[pool.slug]), _terms(pool.slug, pool.version))
        for pool in moved
    }


def published_terms(version: PoolVersion) -> PoolTerms:
    return terms_of_version(version, version.prizes.select_related("gift"))


def _terms(slug: str, number: int) -> PoolTerms:
    return published_terms(PoolVersion.objects.get(pool__slug=slug, number=number))


def _drafted(pool: PrizePool) -> PoolTerms:
    return terms_of_draft(pool, pool.prizes.select_related("gift"))
