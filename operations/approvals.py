"""Four eyes: one person asks for a change, another decides. The only writer of requests and their comments.

Whoever decides takes 1. the request's row, 2. the rows of what it is about. The words are told anew behind these locks:
what is approved is what was shown, or nothing is. A decision is a guarded update, so that the first one holds.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations import approval_items, audit
from operations.approval_items import Difference, Kind, Overtaken
from operations.approval_lists import waiting_for
from operations.four_eyes import Seen
from operations.models import ApprovalComment, ApprovalRequest

__all__ = [
    "NotDecided", "Overtaken", "Refusal", "Shown", "approve", "ask", "comment", "may_see", "refuse", "shown",
    "waiting_about", "waiting_for", "withdraw",
]  # fmt: skip

State = ApprovalRequest.State
LONGEST_TEXT = 2_000


class Refusal(Enum):
    """Why nothing was asked for, or decided."""

    WAITS_ALREADY = "waits_already"
    OWN_REQUEST = "own_request"
    NOT_OWN = "not_own"
    NO_PERMISSION = "no_permission"
    ASKER_GONE = "asker_gone"
    NOT_WAITING = "not_waiting"
    CHANGED = "changed"
    NO_REASON = "no_reason"
    NO_TEXT = "no_text"
    UNKNOWN = "unknown"


WORDINGS: dict[Refusal, Promise] = {
    Refusal.WAITS_ALREADY: _(
        "A change of this kind waits for approval already: it has to be decided or withdrawn first."
    ),
    Refusal.OWN_REQUEST: _("You asked for it: another person has to decide."),
    Refusal.NOT_OWN: _("Only who asked for it can withdraw it."),
    Refusal.NO_PERMISSION: _("You may not decide on this."),
    Refusal.ASKER_GONE: _("Who asked for it may not ask for it any more: it can only be refused."),
    Refusal.NOT_WAITING: _("It was decided on already."),
    Refusal.CHANGED: _("Things have changed since the page was shown: look at the difference again."),
    Refusal.NO_REASON: _("Write a reason of at most 2,000 characters."),
    Refusal.NO_TEXT: _("Write a comment of at most 2,000 characters."),
    Refusal.UNKNOWN: _("Nobody here knows this kind of change any more: it can only be withdrawn."),
}


class NotDecided(Exception):
    """Nothing was changed, for the `reason`; as text it is the reason in words."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(WORDINGS[self.reason])


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference and the digest that a decision about it brings back."""

    difference: Difference
    token: str


@transaction.atomic
def ask(  # noqa: PLR0913 a request is what it records
    kind: str, target: Model, payload: dict[str, Any], *, by: User, now: datetime, reason: str = "", called: str = ""
) -> ApprovalRequest:
    """Ask for a change. `called` is what people call the target, where that is not what the row says of itself.

    Raises NotDecided where one of this kind waits for the target already, or `by` may not ask.
    """
    if not approval_items.get(kind).may_ask(by):
        raise NotDecided(Refusal.NO_PERMISSION)
    wanted = ApprovalRequest(
        kind=kind,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=(called or audit.name_of(target))[:200],
        payload=payload,
        reason=_text(reason) or "",
        asked_by=by,
        asked_at=now,
    )
    try:
        with transaction.atomic():
            wanted.save()
    except IntegrityError:
        raise NotDecided(Refusal.WAITS_ALREADY) from None
    audit.record("approval.asked", wanted, by=by, now=now, changes={"change": [None, payload]}, reason=wanted.reason)
    return wanted


def shown(request: ApprovalRequest) -> Shown:
    """Return the difference as things stand, for a page. Raises Overtaken, and NotDecided for an unknown kind."""
    return _shown(_kind(request), request)


def approve(request: ApprovalRequest, *, by: User, now: datetime, token: str, note: str = "") -> ApprovalRequest:
    """Do what was asked for, if it is what was shown (`token`). Raises NotDecided.

    Raises Overtaken where it means nothing any more; the request is then closed as overtaken.
    """
    try:
        return _approve(request, by=by, now=now, token=token, note=note)
    except Overtaken as overtaken:
        _close_overtaken(request, str(overtaken), by=by, now=now)
        raise


@transaction.atomic
def _approve(request: ApprovalRequest, *, by: User, now: datetime, token: str, note: str) -> ApprovalRequest:
    held = _held(request)
    kind = _kind(held)
    _check_decides(held, kind, by)
    asker = User.objects.get(pk=held.asked_by_id)
    if not (asker.is_active and kind.may_ask(asker)):
        raise NotDecided(Refusal.ASKER_GONE)
    kind.hold(held)
    found = _shown(kind, held)
    if found.token != token:
        raise NotDecided(Refusal.CHANGED)
    kind.apply(held, by, Seen(held.asked_by_id, by.pk), now)
    told = [asdict(line) for line in found.difference.lines]
    return _decide(held, State.APPROVED, by=by, now=now, note=_text(note) or "", told=told)


@transaction.atomic
def refuse(request: ApprovalRequest, *, by: User, now: datetime, note: str) -> ApprovalRequest:
    """Refuse it, and say why. Raises NotDecided."""
    held = _held(request)
    kind = _kind(held)
    _check_decides(held, kind, by)
    if not (reason := _text(note)):
        raise NotDecided(Refusal.NO_REASON)
    kind.drop(held, by, now)
    return _decide(held, State.REFUSED, by=by, now=now, note=reason)


@transaction.atomic
def withdraw(request: ApprovalRequest, *, by: User, now: datetime) -> ApprovalRequest:
    """Take one's own request back. Raises NotDecided."""
    held = _held(request)
    if held.asked_by_id != by.pk:
        raise NotDecided(Refusal.NOT_OWN)
    if (kind := approval_items.kind_of(held)) is not None:
        kind.drop(held, by, now)
    return _decide(held, State.WITHDRAWN, by=by, now=now)


@transaction.atomic
def comment(request: ApprovalRequest, *, by: User, now: datetime, text: str) -> ApprovalComment:
    """Say something about a request, decided or not. Raises NotDecided for who may not see it, or for no text."""
    if not may_see(request, by):
        raise NotDecided(Refusal.NO_PERMISSION)
    if not (words := _text(text)):
        raise NotDecided(Refusal.NO_TEXT)
    made = ApprovalComment.objects.create(request=request, by=by, at=now, text=words)
    audit.record("approval.commented", request, by=by, now=now, reason=words)
    return made


def may_see(request: ApprovalRequest, user: Any) -> bool:
    """Tell whether the user asked for it, may ask for such, may decide about it, or may see every approval."""
    if request.asked_by_id == user.pk or user.has_perm("operations.view_approvalrequest"):
        return True
    kind = approval_items.kind_of(request)
    return kind is not None and (kind.may_ask(user) or kind.may_approve(user))


def waiting_about(target: Model) -> list[ApprovalRequest]:
    """Return what waits for approval about a row. One statement."""
    rows = ApprovalRequest.objects.filter(
        state=State.WAITING, target_type=target._meta.label_lower, target_id=str(target.pk)
    )
    return list(rows.select_related("asked_by").order_by("pk"))


def _held(request: ApprovalRequest) -> ApprovalRequest:
    """Return the request as it is now, locked. Raises NotDecided unless it waits."""
    held = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    if held.state != State.WAITING:
        raise NotDecided(Refusal.NOT_WAITING)
    return held


def _kind(request: ApprovalRequest) -> Kind:
    kind = approval_items.kind_of(request)
    if kind is None:
        raise NotDecided(Refusal.UNKNOWN)
    return kind


def _check_decides(request: ApprovalRequest, kind: Kind, by: User) -> None:
    if request.asked_by_id == by.pk:
        raise NotDecided(Refusal.OWN_REQUEST)
    # Asked anew: what the session's user was allowed may have been taken away since.
    decider = User.objects.get(pk=by.pk)
    if not (decider.is_active and kind.may_approve(decider)):
        raise NotDecided(Refusal.NO_PERMISSION)


def _shown(kind: Kind, request: ApprovalRequest) -> Shown:
    """Two who read it in their own languages bring back the same digest: it is made of the site's.

    To tell a difference may take many statements; only who reads another language has it told twice.
    """
    difference = kind.difference(request)
    if translation.get_language() == settings.LANGUAGE_CODE:
        return Shown(difference, _digest(request, difference))
    with translation.override(settings.LANGUAGE_CODE):
        return Shown(difference, _digest(request, kind.difference(request)))


def _digest(request: ApprovalRequest, difference: Difference) -> str:
    """Name what a request comes to as things stand."""
    told = [request.pk, request.payload, asdict(difference)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def _close_overtaken(request: ApprovalRequest, why: str, *, by: User, now: datetime) -> None:
    try:
        held = _held(request)
    except NotDecided:
        return
    if (kind := approval_items.kind_of(held)) is not None:
        kind.drop(held, by, now)
    _decide(held, State.OVERTAKEN, by=by, now=now, note=why)


def _decide(  # noqa: PLR0913 what was decided, by whom, when, why and on what grounds
    held: ApprovalRequest, state: State, *, by: User, now: datetime, note: str = "", told: Sequence[Any] = ()
) -> ApprovalRequest:
    waiting = ApprovalRequest.objects.filter(pk=held.pk, state=State.WAITING)
    if not waiting.update(state=state, decided_by=by, decided_at=now, note=note, told=list(told)):
        raise NotDecided(Refusal.NOT_WAITING)
    held.refresh_from_db()
    changes = {"state": [State.WAITING.value, state.value], "shown": [None, list(told)]}
    audit.record(f"approval.{state.value}", held, by=by, now=now, changes=changes, reason=note)
    return held


def _text(words: str) -> str | None:
    """Return the words to keep; None where there are none, too many, or some that no database holds."""
    words = words.strip()
    return words if words and len(words) <= LONGEST_TEXT and _is_storable(words) else None


def _is_storable(words: str) -> bool:
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in words
