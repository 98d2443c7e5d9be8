"""Review by a second person (四眼): submit the draft, approve it, send it back, or withdraw it. Each is audited.

Whoever decides takes the campaign's row first, as everyone does who changes the draft, then the pools. So what is
approved is what was submitted, or the approval is refused.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import campaign_files, publishing, states
from campaigns.definition import as_json
from campaigns.drafts import Draft
from campaigns.faults import Fault
from campaigns.models import Campaign, Proposal, Revision
from campaigns.proposed import definition_proposed
from campaigns.publishing import NotReady
from campaigns.rehearsal.rehearsing import Rehearsal, rehearse
from campaigns.states import NotPossible, State
from operations import audit
from operations.four_eyes import Seen
from rewards.models import Gift, PrizePool

__all__ = ["Changed", "Decided", "NotPossible", "NotReady", "OwnProposal", "approve", "send_back", "submit", "withdraw"]


class OwnProposal(Exception):
    """Nobody decides about what they submitted themselves."""


class Decided(Exception):
    """The proposal is no longer in review; `state` is what it is."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Changed(Exception):
    """The draft is no longer what was submitted."""


@transaction.atomic
def submit(
    campaign: Campaign, *, by: User, now: datetime, note: str = "", acknowledged: Collection[str] = ()
) -> Proposal:
    """Put the draft before a second person. Raises NotReady with every fault, NotPossible where there is nothing to do.

    `acknowledged` are warnings of the rehearsal that the submitter has taken note of (`campaigns.publishing.publish`).

    What is against those who take part is let through with a note that says why; who approves it must have the right
    to decide that.
    """
    held = states.locked(campaign)
    if held.state not in (State.DRAFT, *states.RUNNING):
        raise NotPossible(held.state)
    if (open_now := open_proposal(held)) is not None:
        raise NotReady([Fault("in_review", _("There is a proposal in review already, of %s.") % open_now.submitted_by)])
    rehearsal = rehearse(held, now=now)
    _refuse(rehearsal, note)
    publishing.take_note(rehearsal, acknowledged, by=by, now=now)
    draft = Draft(held)
    definition = as_json(definition_proposed(draft))
    _refuse_the_same(held, definition)
    file = campaign_files.dump(held)
    proposal = Proposal.objects.create(
        campaign=held,
        file=file,
        gifts=gifts_of(file),
        definition=definition,
        note=note.strip(),
        submitted_at=now,
        submitted_by=by,
    )
    changes = {"proposal": [None, proposal.pk]}
    if held.state == State.DRAFT:
        states.change(held, states.SUBMIT, State.IN_REVIEW, by=by, now=now, reason=proposal.note, changes=changes)
    else:
        audit.record(states.SUBMIT.action, held, by=by, now=now, changes=changes, reason=proposal.note)
    return proposal


def _refuse(rehearsal: Rehearsal, note: str) -> None:
    found = rehearsal.faults
    forced = bool(note.strip()) and all(fault.against for fault in found)
    if found and not forced:
        raise NotReady(found)


def _refuse_the_same(campaign: Campaign, definition: Mapping[str, Any]) -> None:
    current = campaign.current
    if current is not None and {**definition, "revision": current.number} == current.definition:
        raise NotReady([Fault("unchanged", _("The draft says the same as the current revision."))])


@transaction.atomic
def approve(proposal: Proposal, *, by: User, now: datetime, acknowledged: Collection[str] = ()) -> Revision:
    """Publish what was submitted: the campaign is live, or scheduled until it opens.

    Raises Decided, OwnProposal, Changed if the draft is not what was submitted, NotReady with faults that came since
    and with warnings that the second person, too, has to acknowledge.
    """
    held, proposal = _open(proposal)
    if by.pk == proposal.submitted_by_id:
        raise OwnProposal
    _hold_pools(held)
    if differs(proposal, held):
        raise Changed
    seen = Seen(proposal.submitted_by_id, by.pk)
    revision = publishing.publish_held(held, by=by, now=now, reason=proposal.note, acknowledged=acknowledged, seen=seen)
    _decide(proposal, Proposal.State.APPROVED, by=by, now=now, revision=revision)
    changes = {"proposal": [None, proposal.pk], "revision": [None, revision.number]}
    audit.record("campaign.approved", held, by=by, now=now, changes=changes)
    return revision


@transaction.atomic
def send_back(proposal: Proposal, *, by: User, now: datetime, reason: str) -> None:
    """Refuse it, and say why. Raises Decided, OwnProposal."""
    held, proposal = _open(proposal)
    if by.pk == proposal.submitted_by_id:
        raise OwnProposal
    _decide(proposal, Proposal.State.SENT_BACK, by=by, now=now, reason=reason.strip())
    _back(held, states.SEND_BACK, proposal, by=by, now=now)


@transaction.atomic
def withdraw(proposal: Proposal, *, by: User, now: datetime) -> None:
    """Take one's own proposal back. Raises Decided, and OwnProposal for somebody else's."""
    held, proposal = _open(proposal)
    if by.pk != proposal.submitted_by_id:
        raise OwnProposal
    _decide(proposal, Proposal.State.WITHDRAWN, by=by, now=now)
    _back(held, states.WITHDRAW, proposal, by=by, now=now)


def open_proposal(campaign: Campaign) -> Proposal | None:
    rows = Proposal.objects.filter(campaign=campaign, state=Proposal.State.IN_REVIEW)
    return rows.select_related("submitted_by").first()


def differs(proposal: Proposal, campaign: Campaign) -> bool:
    """Whether the draft, its pools or the gifts in them are not what was submitted."""
    file = campaign_files.dump(campaign)
    return file != proposal.file or gifts_of(file) != proposal.gifts


def gifts_of(file: str) -> dict[str, Any]:
    """What a member gets of every gift that a campaign's file names, wherever it does."""
    rows = Gift.objects.filter(slug__in=set(_named(campaign_files.read(file), "gift")))
    told = ("name", "kind", "amount", "face_value", "cost", "threshold", "valid_days", "valid_until", "link")
    return {row["slug"]: {key: str(row[key]) for key in told} for row in rows.values("slug", *told)}


def _named(value: Any, key: str) -> Iterator[str]:
    """Every text that stands under the key, at any depth."""
    if isinstance(value, Mapping):
        if isinstance(value.get(key), str):
            yield value[key]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _named(each, key)


def _open(proposal: Proposal) -> tuple[Campaign, Proposal]:
    """The campaign, held, and the proposal as it is now."""
    held = states.locked(proposal.campaign)
    proposal = Proposal.objects.get(pk=proposal.pk)
    if proposal.state != Proposal.State.IN_REVIEW:
        raise Decided(proposal.state)
    return held, proposal


def _hold_pools(campaign: Campaign) -> None:
    """Nobody changes a prize until the pools are published; draws go on."""
    slugs = campaign.pools.values("pool_id")
    list(PrizePool.objects.filter(pk__in=slugs).order_by("pk").select_for_update(no_key=True))


def _decide(proposal: Proposal, state: str, *, by: User, now: datetime, **fields: Any) -> None:
    waiting = Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.IN_REVIEW)
    if not waiting.update(state=state, decided_by=by, decided_at=now, **fields):
        raise Decided(Proposal.objects.values_list("state", flat=True).get(pk=proposal.pk))
    proposal.refresh_from_db()


def _back(campaign: Campaign, what: states.Change, proposal: Proposal, *, by: User, now: datetime) -> None:
    """A campaign that never ran is a draft again; one that runs goes on as it does."""
    changes = {"proposal": [proposal.pk, None]}
    if campaign.state == State.IN_REVIEW:
        states.change(campaign, what, State.DRAFT, by=by, now=now, reason=proposal.reason, changes=changes)
    else:
        audit.record(what.action, campaign, by=by, now=now, changes=changes, reason=proposal.reason)
