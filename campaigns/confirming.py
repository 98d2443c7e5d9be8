"""Tasks that are done once somebody or something says so (`campaigns.models.Submission`).

A callback and a code confirm at once; what a member hands in waits for a reviewer (`campaigns.submission_reviews`).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import task_codes
from campaigns.kinds.face import ConfigFault, Kind, Moved, Standing, Turn
from campaigns.models import Submission
from campaigns.refusals import BadSubmission, Because, Refused

LONGEST_TEXT = 1_000

IN_REVIEW = Because("in_review", gettext_lazy("What you handed in is being looked at."))
NO_PICTURE = ""


class Confirmed(Kind):
    """The face of tasks that an approved submission completes. Subclasses say what may be handed in, and how."""

    OBSERVES = True
    # Whether the wrong codes of a member are asked for.
    TAKES_CODES: ClassVar[bool] = False

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        """How the latest submission of the period stands, and what was wrong with the code of this very turn."""
        latest = latest_of(turn)
        facts: dict[str, Any] = {
            "state": latest.state if latest else "",
            "fresh": latest and latest.handed_in_at == turn.now,
        }
        if facts["state"] != Submission.State.APPROVED and self.TAKES_CODES:
            facts["wrong"] = task_codes.wrong_now(turn)
        return facts

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        approved = payload["state"] == Submission.State.APPROVED
        result: dict[str, Any] = {}
        if payload.get("wrong"):
            result = payload["wrong"]
        elif payload["state"] == Submission.State.PENDING:
            result = {"review": "pending", "handed_in": bool(payload["fresh"])}
        return Moved(count=int(approved), data={}, result=result)

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        if result.get("handed_in"):
            return _("Handed in. We look at it soon; you see here what came of it.")
        if wrong := result.get("wrong"):
            words = str(task_codes.FAULTS[task_codes.Fault(wrong)])
            left = ngettext("%d more try.", "%d more tries.", result["left"]) % result["left"]
            return f"{words} {left}"
        return None

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return {"submission": latest_of(turn) if turn.enrolment_id else None}


def latest_of(turn: Turn) -> Submission | None:
    """The submission that counts in this turn's period: one that is open, else the one refused last."""
    return _of(turn.enrolment_id, turn.task.key, turn.period).order_by("-pk").first()


def hand_in(turn: Turn, *, text: str = "", link: str = "", file: str = "") -> None:
    """Put what the member says, and the name of a stored picture, before the reviewers. Raises Refused.

    The enrolment is locked, so there is one at a time; behind it stands a unique constraint.
    """
    refuse_second(turn)
    Submission.objects.create(
        enrolment_id=turn.enrolment_id,
        task_key=turn.task.key,
        period=turn.period,
        way=Submission.Way.REVIEW,
        text=text,
        link=link,
        file=file,
        handed_in_at=turn.now,
    )


def refuse_second(turn: Turn) -> None:
    """Raises Refused while something of this period waits for a reviewer, or was approved."""
    if _open(turn.enrolment_id, turn.task.key, turn.period).exists():
        raise Refused(IN_REVIEW)


def confirm(enrolment_id: int, task_key: str, period: str, *, way: str, now: datetime) -> bool:
    """Note that a callback or a code confirmed it; False where it was confirmed before. The enrolment is locked.

    What waits for a reviewer needs none any more. Who is reviewing it this moment was first, or comes too late.
    """
    found = _open(enrolment_id, task_key, period)
    if found.filter(state=Submission.State.PENDING).update(
        state=Submission.State.APPROVED, way=way, decided_at=now, decided_by=None
    ):
        return True
    if found.exists():
        return False
    Submission.objects.create(
        enrolment_id=enrolment_id,
        task_key=task_key,
        period=period,
        way=way,
        state=Submission.State.APPROVED,
        handed_in_at=now,
        decided_at=now,
    )
    return True


def _of(enrolment_id: int, task_key: str, period: str) -> Any:
    return Submission.objects.filter(enrolment_id=enrolment_id, task_key=task_key, period=period)


def _open(enrolment_id: int, task_key: str, period: str) -> Any:
    return _of(enrolment_id, task_key, period).exclude(state=Submission.State.REFUSED)


def text_of(payload: Mapping[str, Any], field: str, *, most: int, required: bool) -> str:
    """The text that was sent in a field, trimmed. Raises BadSubmission."""
    value = payload.get(field, "")
    if not isinstance(value, str) or "\x00" in value:
        raise BadSubmission({field: gettext_lazy("This must be a text.")})
    text = value.strip()
    if required and not text:
        raise BadSubmission({field: gettext_lazy("Please fill this in.")})
    if len(text) > most:
        words = ngettext("This is longer than %d character.", "This is longer than %d characters.", most)
        raise BadSubmission({field: words % most})
    return text


def unknown_settings(config: Mapping[str, Any], known: Collection[str], words: Promise) -> list[ConfigFault]:
    return [ConfigFault(str(key), words) for key in config if key not in known]
