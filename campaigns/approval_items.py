"""Campaigns in review in the inbox of approvals. They are decided on their own page, by `campaigns.reviewing`."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns.models import Proposal
from operations.approval_source import Item, Source, register
from operations.four_eyes import PUBLISHING

KIND = "publishing.campaign"
TITLE = gettext_lazy("A campaign to publish")
TO_ASK, TO_APPROVE, TO_SEE = "campaigns.submit_campaign", "campaigns.approve_campaign", "campaigns.view_campaign"
STATES = {"in_review": "waiting", "approved": "approved", "sent_back": "refused", "withdrawn": "withdrawn"}


def register_own() -> None:
    register(
        Source(
            kind=KIND,
            area=PUBLISHING,
            title=TITLE,
            to_ask=(TO_ASK,),
            to_approve=(TO_APPROVE, TO_SEE),
            waiting_for=_waiting_for,
            asked_by=_asked_by,
            decided=_decided,
            as_item=_as_item,
            asked_field="submitted_at",
            decided_field="decided_at",
        )
    )


def _rows() -> QuerySet[Proposal]:
    # Their texts are long, and not shown in a list.
    rows = Proposal.objects.select_related("campaign", "submitted_by", "decided_by")
    return rows.defer("file", "gifts", "definition")


def _waiting_for(user: Any) -> QuerySet[Proposal]:
    if not user.has_perms([TO_APPROVE, TO_SEE]):
        return Proposal.objects.none()
    return _rows().filter(state=Proposal.State.IN_REVIEW).exclude(submitted_by=user.pk)


def _asked_by(user: Any) -> QuerySet[Proposal]:
    return _rows().filter(submitted_by=user.pk)


def _decided(user: Any) -> QuerySet[Proposal]:
    if not user.has_perm(TO_SEE):
        return Proposal.objects.none()
    return _rows().exclude(state=Proposal.State.IN_REVIEW)


def _as_item(row: Proposal) -> Item:
    return Item(
        kind=KIND,
        area=PUBLISHING,
        kind_title=str(TITLE),
        title=str(row.campaign),
        link=reverse("admin:campaigns_campaign_review", args=[row.campaign_id]),
        state=STATES[row.state],
        state_words=str(row.get_state_display()),
        asked_by=str(row.submitted_by),
        asked_at=row.submitted_at,
        decided_by=str(row.decided_by) if row.decided_by else "",
        decided_at=row.decided_at,
    )
