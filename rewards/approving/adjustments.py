"""Corrections of balances in the inbox. They are decided on their own page, by `rewards.adjusting`."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from operations.approval_source import Item, Source, register
from operations.four_eyes import POINTS
from operations.sentences import labelled
from rewards.models import Adjustment

KIND = "points.adjustment"
TITLE = gettext_lazy("A balance adjusted by hand")
TO_ASK, TO_APPROVE = "rewards.add_adjustment", "rewards.approve_adjustment"
STATES = {"waiting": "waiting", "posted": "approved", "refused": "refused"}


def register_own() -> None:
    register(
        Source(
            kind=KIND,
            area=POINTS,
            title=TITLE,
            to_ask=(TO_ASK,),
            to_approve=(TO_APPROVE, "rewards.view_adjustment"),
            waiting_for=_waiting_for,
            asked_by=_asked_by,
            decided=_decided,
            as_item=_as_item,
            asked_field="requested_at",
            decided_field="decided_at",
        )
    )


def _rows() -> QuerySet[Adjustment]:
    return Adjustment.objects.select_related("member", "unit", "requested_by", "decided_by")


def _waiting_for(user: Any) -> QuerySet[Adjustment]:
    if not user.has_perms([TO_APPROVE, "rewards.view_adjustment"]):
        return Adjustment.objects.none()
    return _rows().filter(state=Adjustment.State.WAITING).exclude(requested_by=user.pk)


def _asked_by(user: Any) -> QuerySet[Adjustment]:
    # What nobody had to decide is no approval.
    mine = _rows().filter(requested_by=user.pk)
    return mine.exclude(state=Adjustment.State.POSTED, decided_by=None)


def _decided(user: Any) -> QuerySet[Adjustment]:
    if not user.has_perm("rewards.view_adjustment"):
        return Adjustment.objects.none()
    return _rows().filter(decided_by__isnull=False)


def _as_item(row: Adjustment) -> Item:
    return Item(
        kind=KIND,
        area=POINTS,
        kind_title=str(TITLE),
        title=labelled(row.member.uid, f"{row.amount:+,} {row.unit}"),
        link=reverse("admin:rewards_adjustment_change", args=[row.pk]),
        state=STATES[row.state],
        state_words=str(row.get_state_display()),
        asked_by=str(row.requested_by),
        asked_at=row.requested_at,
        decided_by=str(row.decided_by) if row.decided_by else "",
        decided_at=row.decided_at,
    )
