"""Awards in bulk: what is approved is one batch, its members, gift and reason."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations import approvals
from operations.approval_items import Difference, Kind, Line, Overtaken, register
from operations.four_eyes import AWARDS, Seen
from operations.models import ApprovalRequest
from operations.sentences import listed
from rewards import award_batches, worth
from rewards.models import AwardBatch
from rewards.scopes import named

NAME = "awards.awardbatch"
State = AwardBatch.State


@transaction.atomic
def ask(batch: AwardBatch, *, by: User, now: datetime) -> ApprovalRequest:
    """Ask for a prepared batch. Raises award_batches.NotPossible, approvals.NotDecided."""
    award_batches.wait(batch)
    payload = {"gift": batch.gift_id, "members": batch.size, "set": batch.members_id, "scope": batch.scope}
    return approvals.ask(NAME, batch, payload, by=by, now=now, reason=batch.reason)


def register_own() -> None:
    register(
        Kind(
            name=NAME,
            area=AWARDS,
            title=gettext_lazy("Awards in bulk"),
            to_ask=("rewards.add_awardbatch",),
            to_approve=("rewards.approve_awardbatch",),
            hold=_hold,
            difference=_difference,
            apply=_apply,
            drop=_drop,
        )
    )


def _hold(request: ApprovalRequest) -> None:
    list(AwardBatch.objects.select_for_update().filter(pk=request.target_id).values_list("pk"))


def _batch(request: ApprovalRequest) -> AwardBatch:
    batch = AwardBatch.objects.select_related("gift").filter(pk=request.target_id).first()
    asked = request.payload
    if batch is None or (batch.gift_id, batch.members_id, batch.scope) != (asked["gift"], asked["set"], asked["scope"]):
        raise Overtaken(_("The batch is not what it was when it was asked for."))
    return batch


def _difference(request: ApprovalRequest) -> Difference:
    batch = _batch(request)
    if request.state == ApprovalRequest.State.WAITING and batch.state != State.WAITING:
        raise Overtaken(_("The batch does not wait any more."))
    lines = [
        Line(_("Members"), "", f"{batch.size:,}"),
        Line(_("Each gets"), "", worth.words_of(batch.gift)),
        Line(_("In all"), "", worth.total_words(batch.gift, batch.size)),
    ]
    if batch.scope:
        lines.append(Line(_("Paid by the budgets of"), "", str(named([batch.scope])[batch.scope])))
    first = [member.uid for member in award_batches.first_of(batch)]
    more = ["…"] if batch.size > len(first) else []
    told = _("The first of them: %(uids)s") % {"uids": listed([*first, *more])}
    return Difference(tuple(lines), reverse("admin:rewards_awardbatch_change", args=[batch.pk]), (told,))


def _apply(request: ApprovalRequest, by: User, seen: Seen, now: datetime) -> None:
    award_batches.start(_batch(request), by=by, now=now, seen=seen)


def _drop(request: ApprovalRequest, by: User, now: datetime) -> None:
    batch = AwardBatch.objects.filter(pk=request.target_id).first()
    if batch is not None:
        award_batches.drop(batch, by=by, now=now)
