"""Rewards that were held back: a reviewer releases one, or refuses it for good, with a reason that stays on record.

The decision itself is a guarded update (`campaigns.completing`), so that the first of two reviewers holds.
"""

from datetime import datetime
from enum import Enum

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import completing, following, inbox_words
from campaigns.models import DeviceUse, Enrolment, HeldCompletion
from members import locking, touches
from operations import audit
from rewards.awards import OutOfGifts

RIGHT = "campaigns.review_completions"
MOST_ACCOUNTS = 50

WAITING = Q(held_at__isnull=False, refused_at=None)
REFUSED = Q(refused_at__isnull=False)


class NotReviewed(Exception):
    """Nothing was changed, for the `reason`; as text it is the reason in words."""

    class Reason(Enum):
        NO_PERMISSION = "no_permission"
        NOT_WAITING = "not_waiting"
        MEMBER_ERASED = "member_erased"
        OUT_OF_GIFTS = "out_of_gifts"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(_WORDS[self.reason])


Reason = NotReviewed.Reason
_WORDS: dict[Reason, Promise] = {
    Reason.NO_PERMISSION: _("You may not decide on rewards that are held back."),
    Reason.NOT_WAITING: _("It was decided on already."),
    Reason.MEMBER_ERASED: _("The member's data was erased."),
    Reason.OUT_OF_GIFTS: _("There is none left of a gift in it. Release it when there are more."),
}


@touches.together()
def release(completion_id: int, *, reason: str, by: User, now: datetime) -> HeldCompletion:
    """Give the reward, and take the step in the chain. Raises NotReviewed."""
    completion = _held(completion_id, by)
    try:
        if not completing.release(completion, now=now):
            raise NotReviewed(Reason.NOT_WAITING)
    except OutOfGifts:
        raise NotReviewed(Reason.OUT_OF_GIFTS) from None
    # What was unlocked may be done already, such as by an order.
    following.look_again([completion.enrolment.member_id], completion.enrolment.campaign.slug, now=now)
    _record("completion.released", completion, reason=reason, by=by, now=now)
    _tell(inbox_words.REWARD_RELEASED, completion, now=now)
    return completion


@touches.together()
def refuse(completion_id: int, *, reason: str, by: User, now: datetime) -> HeldCompletion:
    """Refuse the reward for good; the places that the task held in its quotas are free again. Raises NotReviewed."""
    completion = _held(completion_id, by)
    Enrolment.objects.select_for_update(of=("self",)).get(pk=completion.enrolment_id)
    if not completing.deny(completion, now=now):
        raise NotReviewed(Reason.NOT_WAITING)
    _record("completion.refused", completion, reason=reason, by=by, now=now)
    _tell(inbox_words.REWARD_DENIED, completion, now=now)
    return completion


def waiting() -> QuerySet[HeldCompletion]:
    return HeldCompletion.objects.filter(WAITING)


def accounts_on_devices_of(completion: HeldCompletion) -> QuerySet[DeviceUse]:
    """Who else played the campaign on a device of this member's; the member's own rows come with each device."""
    own = DeviceUse.objects.filter(member=completion.enrolment.member_id, campaign=completion.enrolment.campaign_id)
    uses = DeviceUse.objects.filter(campaign=completion.enrolment.campaign_id, device__in=own.values("device"))
    return uses.select_related("member").order_by("device", "first_at")[:MOST_ACCOUNTS]


def history_of(completion: HeldCompletion) -> QuerySet[HeldCompletion]:
    """What else of the member was ever held back, the latest first."""
    held = HeldCompletion.objects.filter(enrolment__member=completion.enrolment.member_id)
    return held.exclude(pk=completion.pk).select_related("enrolment__campaign").order_by("-completed_at")


def _held(completion_id: int, by: User) -> HeldCompletion:
    if not by.has_perm(RIGHT):
        raise NotReviewed(Reason.NO_PERMISSION)
    known = HeldCompletion.objects.select_related("enrolment__member", "enrolment__campaign")
    held = known.filter(pk=completion_id).first()
    if held is None:
        # What it was done by was refunded meanwhile.
        raise NotReviewed(Reason.NOT_WAITING)
    if not locking.hold_by_id(held.enrolment.member_id):
        raise NotReviewed(Reason.MEMBER_ERASED)
    return held


def _tell(kind: str, completion: HeldCompletion, *, now: datetime) -> None:
    inbox_words.tell_of_task(kind, completion.enrolment, completion.task_key, str(completion.pk), now=now)


def _record(action: str, completion: HeldCompletion, *, reason: str, by: User, now: datetime) -> None:
    changes = {"signs": [completion.held_for, []]}
    audit.record(action, completion, by=by, now=now, changes=changes, reason=reason)
