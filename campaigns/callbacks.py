"""What outside systems confirm: a signed call says that a member did what a task asks for.

The member must take part already: who the call is about is known to the sender, whether they may take part is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import confirming, moving_tasks
from campaigns.completing import TaskMoved, unmoved
from campaigns.eligibility import TaskState
from campaigns.entering import enter
from campaigns.models import Enrolment, Submission
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.turns import turn_of
from members import touches
from members.models import Member

CALLBACK = "callback"
UNKNOWN_MEMBER = Because("unknown_member", _("There is no such member."), status=404)
NOT_ENTERED = Because("not_entered", _("This member does not take part in the campaign."))
NOT_BY_CALLBACK = Because("not_by_callback", _("This task is not confirmed by callbacks."), status=404)
# Steps that come later count once they are reached.
STILL_TO_DO = frozenset({TaskState.OPEN, TaskState.LOCKED, TaskState.OFFERED})


@dataclass(frozen=True, slots=True)
class Who:
    """The member that a call is about: by uid, or by the id at another provider."""

    uid: str = ""
    provider: str = ""
    subject: str = ""


def parse(body: Any) -> Who:
    """Return whom {"uid": …} or {"identity": {"provider": …, "id": …}} names. Raises BadSubmission."""
    if not isinstance(body, Mapping):
        raise BadSubmission({"": _("The body must be a JSON object.")})
    if unknown := body.keys() - {"uid", "identity"}:
        raise BadSubmission(dict.fromkeys(sorted(unknown), _("A callback has no such field.")))
    if len(body) != 1:
        raise BadSubmission({"uid": _("Name the member by uid or by identity.")})
    if "uid" in body:
        return Who(uid=_text(body["uid"], "uid"))
    identity = body["identity"]
    if not isinstance(identity, Mapping) or identity.keys() != {"provider", "id"}:
        raise BadSubmission({"identity": _("An identity is an object of provider and id.")})
    return Who(provider=_text(identity["provider"], "identity"), subject=_text(identity["id"], "identity"))


@touches.together()
def take(who: Who, slug: str, task_key: str, *, now: datetime) -> TaskMoved:
    """Note that the member did it, and look at the task again. Saying it again in the period changes nothing.

    A step of a chain that is not reached yet counts when it is. Raises Refused.
    """
    member = _member(who)
    if not Enrolment.objects.filter(member=member, campaign__slug=slug).exists():
        raise Refused(NOT_ENTERED)
    play = enter(member, slug, now=now)
    decision = play.decision.task(task_key)
    if decision is None:
        raise Refused(Refusal.NO_TASK)
    if decision.task.kind != CALLBACK or CALLBACK not in decision.task.config["confirm"]:
        raise Refused(NOT_BY_CALLBACK)
    if decision.state not in STILL_TO_DO:
        if decision.refusal and decision.refusal is not Refusal.DONE:
            raise Refused(decision.refusal)
        return unmoved(decision)
    turn = turn_of(play, decision.task)
    confirming.confirm(play.enrolment.pk, task_key, turn.period, way=Submission.Way.CALLBACK, now=now)
    if decision.state is TaskState.OPEN:
        return moving_tasks.observe(play, decision.task)
    return unmoved(decision)


def _member(who: Who) -> Member:
    known = Member.objects.filter(erased_at=None)
    if who.uid:
        member = known.filter(uid=who.uid).first()
    else:
        member = known.filter(identities__provider=who.provider, identities__subject=who.subject).first()
    if member is None:
        raise Refused(UNKNOWN_MEMBER)
    return member


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value or "\x00" in value:
        raise BadSubmission({field: _("This must be a text, not an empty one.")})
    return value
