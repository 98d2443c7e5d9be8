"""Going back to an earlier revision under four eyes: what was right then may give more than what holds today."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import publishing, rolling_back, states, told_changes
from campaigns.models import Revision
from campaigns.revision_words import Words
from operations import approvals
from operations.approval_items import Difference, Kind, Line, Overtaken, register
from operations.four_eyes import PUBLISHING, Seen
from operations.models import ApprovalRequest

NAME = "publishing.roll_back"
TO_ASK, TO_APPROVE = "campaigns.roll_back_campaign", ("campaigns.approve_campaign", "campaigns.view_campaign")


@transaction.atomic
def ask(revision: Revision, *, by: User, now: datetime, reason: str) -> ApprovalRequest:
    """Ask for the revision to be current again. Raises approvals.NotDecided, and what `rolling_back.check` raises."""
    held = states.locked(revision.campaign)
    _again, found = rolling_back.check(held, revision, now=now)
    if not all(fault.against for fault in found):
        raise publishing.NotReady(found)
    payload = {"revision": revision.number, "instead_of": held.current.number if held.current else None}
    return approvals.ask(NAME, held, payload, by=by, now=now, reason=reason)


def register_own() -> None:
    register(
        Kind(
            name=NAME,
            area=PUBLISHING,
            title=gettext_lazy("Back to an earlier revision"),
            to_ask=(TO_ASK,),
            to_approve=TO_APPROVE,
            hold=_hold,
            difference=_difference,
            apply=_apply,
        )
    )


def _hold(request: ApprovalRequest) -> None:
    states.locked(_revision(request).campaign)


def _revision(request: ApprovalRequest) -> Revision:
    rows = Revision.objects.select_related("campaign__current")
    found = rows.filter(campaign_id=int(request.target_id), number=request.payload["revision"]).first()
    if found is None:
        raise Overtaken(_("What it is about was deleted."))
    return found


def _difference(request: ApprovalRequest) -> Difference:
    revision = _revision(request)
    current = revision.campaign.current
    if current is None or current.number != request.payload["instead_of"]:
        words = {"number": request.payload["instead_of"]}
        raise Overtaken(_("Revision %(number)d, which it was to take the place of, holds no more.") % words)
    lines = []
    for change in told_changes.between(current, revision, Words()):
        lines.append(Line(change.words, "", change.label))
        lines += [Line(line) for line in change.lines]
    page = reverse("admin:campaigns_campaign_revisions", args=[revision.campaign_id])
    link = f"{page}?before={revision.number}&after={current.number}"
    told = _("Revision %(then)d takes the place of revision %(now)d.")
    said = told % {"then": revision.number, "now": current.number}
    against = told_changes.against_participants(revision, now=request.asked_at)
    return Difference(tuple(lines), link, (said, *against))


def _apply(request: ApprovalRequest, by: User, seen: Seen, now: datetime) -> None:
    try:
        rolling_back.roll_back(_revision(request), by=by, now=now, reason=request.reason, seen=seen)
    except publishing.NotReady as error:
        if all(fault.against for fault in error.reasons):
            # Somebody with the right to decide that may still approve it.
            raise approvals.NotDecided(approvals.Refusal.NO_PERMISSION) from None
        raise Overtaken(str(error)) from None
    except rolling_back.NotPossible as error:
        words = {"state": states.State(error.state).label}
        raise Overtaken(_("The campaign is %(state)s now.") % words) from None
