"""An earlier revision made current again, as a new one; and an earlier revision taken back into the draft."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import definition_faults, definition_files, publishing, revision_faults, states
from campaigns.definition import Campaign as Definition
from campaigns.definition import parse
from campaigns.faults import Fault
from campaigns.models import Campaign, Revision
from campaigns.proposed import published_terms
from campaigns.publishing import NotReady
from campaigns.states import NotPossible
from operations import audit, four_eyes
from operations.audit import Actor
from operations.four_eyes import PUBLISHING, Seen
from operations.sentences import labelled
from rewards import pool_changes, pools
from rewards.models import PoolVersion


@transaction.atomic
def roll_back(revision: Revision, *, by: Actor, now: datetime, reason: str, seen: Seen | None = None) -> Revision:
    """Make what the revision says current again, as a new revision, with the versions of its pools.

    Progress, streaks and chances stay. The draft stays too. The rules for a new revision hold here as well: what is
    against those who take part needs the right to decide that, and where publishing needs two people this does, who
    have `seen` it. Raises NotReady, NotPossible unless it runs, and four_eyes.SecondPersonNeeded.
    """
    if publishing.needs_review():
        four_eyes.require([PUBLISHING], seen)
    held = states.locked(revision.campaign)
    before = _current(held)
    again, found = check(held, revision, now=now)
    if not all(fault.against for fault in found) or (found and not _may(by, reason, found)):
        raise NotReady(found)
    made = publishing.write_revision(held, again, by=by, now=now, reason=reason.strip(), restores=revision.number)
    changes = {"revision": [before.number, made.number], "restores": [None, revision.number]}
    audit.record("campaign.rolled_back", held, by=by, now=now, changes=changes, reason=made.reason)
    return made


def check(held: Campaign, revision: Revision, *, now: datetime) -> tuple[Definition, list[Fault]]:
    """Return what would hold, and what speaks against it. Raises NotPossible unless the campaign runs.

    Raises NotReady where the revision says what holds already.
    """
    before = _current(held)
    again = replace(parse(revision.definition), revision=publishing.next_number(held))
    found = [*definition_faults.of(again, now=now), *_against(held, before, again, now)]
    if not found and {**revision.definition, "revision": before.number} == before.definition:
        raise NotReady([Fault("unchanged", _("Revision %(number)d is what holds now.") % {"number": before.number})])
    return again, found


def _current(held: Campaign) -> Revision:
    """Return the revision that holds. Raises NotPossible unless the campaign runs."""
    if held.state not in states.RUNNING or held.current is None:
        raise NotPossible(held.state)
    return held.current


def _may(by: Actor, reason: str, found: list[Fault]) -> bool:
    return publishing.may_worsen(by, reason) and (
        not any(fault.code.startswith("pool_worse_") for fault in found) or _has(by, pools.WORSEN)
    )


def _has(by: Actor, right: str) -> bool:
    return getattr(by, "has_perm", lambda _right: False)(right)


def _against(campaign: Campaign, before: Revision, again: Definition, now: datetime) -> Iterator[Fault]:
    for point in revision_faults.between(campaign, before, again, now=now):
        yield Fault(point.code, point.message, against=not point.structural)
    if settings.DRAWS_MAY_WORSEN:
        return
    was = {pool.slug: pool.version for pool in parse(before.definition).pools}
    for pool in again.pools:
        yield from _worse(pool.slug, pool.name, was.get(pool.slug, pool.version), pool.version)


def _worse(slug: str, name: str, before: int, after: int) -> Iterator[Fault]:
    if before == after:
        return
    rows = PoolVersion.objects.filter(pool__slug=slug).select_related("pool")
    old, new = rows.get(number=before), rows.get(number=after)
    if pools.is_launched(old.pool):
        for point in pool_changes.worsenings(published_terms(old), published_terms(new)):
            yield Fault(f"pool_worse_{point.code}", labelled(name, point.message), against=True)


@transaction.atomic
def take_into_draft(revision: Revision, *, by: Actor, now: datetime) -> Campaign:
    """Write what the revision says over the draft. The pools keep the drafts they have: they are edited by themselves.

    Raises DefinitionError where it names what does not exist any more, and NotPossible once the campaign is over.
    """
    held = states.locked(revision.campaign)
    if held.state in states.OVER:
        raise NotPossible(held.state)
    campaign = definition_files.load(parse(revision.definition), now=now)
    audit.record("campaign.draft_restored", held, by=by, now=now, changes={"revision": [None, revision.number]})
    return campaign
