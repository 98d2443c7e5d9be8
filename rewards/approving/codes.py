"""More codes of a coupon in use: what is approved is one batch, a file or a number of codes."""

from datetime import datetime

from django.contrib.auth.models import User
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations import approvals
from operations.approval_items import Difference, Kind, Line, Overtaken, register
from operations.four_eyes import STOCK, Seen
from operations.models import ApprovalRequest
from rewards import code_batches
from rewards.approving.fields import TO_APPROVE
from rewards.models import CodeBatch

NAME = "stock.codebatch"
State = CodeBatch.State


def ask(batch: CodeBatch, *, by: User, now: datetime) -> ApprovalRequest:
    """Ask for a batch that waits. Raises approvals.NotDecided."""
    payload = {"gift": batch.gift_id, "size": batch.size, "file": batch.name}
    return approvals.ask(NAME, batch, payload, by=by, now=now, called=batch.gift.name)


def register_own() -> None:
    register(
        Kind(
            name=NAME,
            area=STOCK,
            title=gettext_lazy("More codes of a coupon"),
            to_ask=("rewards.import_couponcode", "rewards.generate_couponcode"),
            to_approve=(TO_APPROVE[STOCK],),
            hold=_hold,
            difference=_difference,
            apply=_apply,
            drop=_drop,
        )
    )


def _hold(request: ApprovalRequest) -> None:
    list(CodeBatch.objects.select_for_update(no_key=True).filter(pk=request.target_id).values_list("pk"))


def _batch(request: ApprovalRequest) -> CodeBatch:
    batch = CodeBatch.objects.select_related("gift").filter(pk=request.target_id).first()
    waits = batch is not None and batch.state == State.WAITING
    if batch is None or (request.state == ApprovalRequest.State.WAITING and not waits):
        raise Overtaken(_("The batch does not wait any more."))
    return batch


def _difference(request: ApprovalRequest) -> Difference:
    batch = _batch(request)
    if batch.kind == CodeBatch.Kind.GENERATE:
        line = Line(_("New codes"), "", f"{batch.size:,}")
    else:
        line = Line(_("Codes from a file"), "", f"{batch.name} · {filesizeformat(batch.size)}")
    link = reverse("admin:rewards_codebatch_change", args=[batch.pk])
    return Difference((line,), link)


def _apply(request: ApprovalRequest, by: User, seen: Seen, now: datetime) -> None:
    code_batches.let_in(_batch(request), by=by, now=now, seen=seen)


def _drop(request: ApprovalRequest, by: User, now: datetime) -> None:
    batch = CodeBatch.objects.filter(pk=request.target_id).first()
    if batch is not None:
        code_batches.drop(batch, by=by, now=now)
