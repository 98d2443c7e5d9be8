"""Bargains (砍价): a member begins one on the terms of that moment, and each friend's help cuts the price."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from campaigns import answering, cutting, helping
from campaigns.answering import Answer
from campaigns.completing import TaskMoved
from campaigns.kinds.face import Turn
from campaigns.models import Bargain
from campaigns.refusals import Refused
from campaigns.sharing_config import cents, money
from campaigns.turns import turn_of


def begin(config: Mapping[str, Any], turn: Turn) -> Bargain:
    """Begin the bargain of this period; one that has begun goes on. Behind the enrolment's lock."""
    price, floor = cents(config["price"]), cents(config["floor"])
    bargain, _ = Bargain.objects.get_or_create(
        enrolment_id=turn.enrolment_id,
        task_key=turn.task.key,
        period=turn.period,
        defaults={
            "price": price,
            "floor": floor,
            "left": price - floor,
            "helps": config["helps"],
            "begun_at": turn.now,
            "until": min(turn.now + timedelta(hours=config["hours"]), turn.window.until),
        },
    )
    return bargain


def of(turn: Turn) -> Bargain | None:
    """The bargain of the turn, if it has begun."""
    begun = Bargain.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key, period=turn.period)
    return begun.first()


def latest(enrolment_id: int, task_key: str) -> Bargain | None:
    """The last bargain that was begun, in whatever period."""
    return Bargain.objects.filter(enrolment=enrolment_id, task_key=task_key).order_by("-pk").first()


def cut(given: Answer) -> TaskMoved:
    """A friend cuts something off. Raises Refused."""
    meeting = answering.meet(given)
    turn = turn_of(meeting.sharer, meeting.task)
    helping.check(meeting, turn)
    bargain = of(turn)
    if bargain is None:
        raise Refused(helping.NOT_BEGUN)
    if bargain.left == 0:
        raise Refused(helping.ENOUGH)
    if turn.now >= bargain.until:
        raise Refused(helping.OVER)
    off = cutting.cut(
        bargain.price - bargain.floor, bargain.helps, done=bargain.helped, left=bargain.left, chance=given.chance
    )
    # The enrolment's lock lets nobody in between; the CHECKs of both rows are the last word.
    Bargain.objects.filter(pk=bargain.pk).update(helped=F("helped") + 1, left=F("left") - off)
    left = bargain.left - off
    number = bargain.helped + 1
    helped = helping.write(meeting, turn, number=number, needed=bargain.helps, cut=off, left=left)
    return helping.finish(meeting, helped, {"cut": money(off), "now_at": money(bargain.floor + left)})


def observe(turn: Turn) -> dict[str, Any]:
    """The bargain as whoever asks is told of it; {} before it has begun."""
    bargain = of(turn)
    return told(bargain, turn.now) if bargain else {}


def told(bargain: Bargain, now: datetime) -> dict[str, Any]:
    return {
        "helped": bargain.helped,
        "helps": bargain.helps,
        "price": money(bargain.price),
        "floor": money(bargain.floor),
        "now_at": money(bargain.now_at),
        "until": bargain.until.isoformat(),
        "over": bargain.left > 0 and now >= bargain.until,
        "done": bargain.left == 0,
    }
