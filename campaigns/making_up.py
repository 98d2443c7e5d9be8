"""A missed day of a check-in is made up (补签): it is done after all, its reward is given, and its streak is mended.

1. The member enters and is decided for as with any move, behind the enrolment's lock. A step of a chain is not made up.
2. The day is one of the last days, in the campaign's time zone and since its opening, that the member missed; the
   month still allows one. `MadeUpDay` takes the day and its number in the month: its unique keys have the last word.
3. It is paid, by the ledger, which refuses what the balance cannot cover.
4. The day becomes a completion of its own period, rewarded at once whatever the claim mode: the reward of the task, and
   the bonus that the day itself reaches. Days after it count on in the mended streak, and a bonus that one of them
   reaches by that is given too. No day counts twice towards the same bonus (`campaigns.streaks`).

It is one transaction: where the gift is out, or the quota is full, nothing is paid.
"""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import completing, pacing, suspicion, turns
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign, Reward, Task
from campaigns.eligibility import TaskState
from campaigns.entering import Chance, Origin, Play, enter
from campaigns.kinds.face import Moved, Turn
from campaigns.models import Completion, MadeUpDay, Progress
from campaigns.periods import DAILY
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.rewarding import Earned
from campaigns.streaks import as_data, bonuses_of, from_data, mend, reward_of
from campaigns.zones import zone_of
from members import locking, touches
from members.models import Member
from rewards import ledger
from rewards.awards import OutOfGifts

MOST_DAYS_BACK = 31
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

NO_MAKE_UP = Because("no_make_up", _("Missed days of this task cannot be made up."))
NOT_MISSED = Because("not_missed", _("Only a day that is over and was missed can be made up."))
TOO_LONG_AGO = Because("too_long_ago", _("This day is too long ago to be made up."))
MONTH_USED_UP = Because("month_used_up", _("You have made up as many days as a month allows."))
CANNOT_PAY = Because("cannot_pay", _("You do not have enough to make this day up."))


@dataclass(frozen=True, slots=True)
class Rules:
    """How many days back, how many a month, and what each costs."""

    days_back: int
    per_month: int
    unit: str
    price: int


def rules_of(task: Task) -> Rules | None:
    """By what rules days of this task are made up; None where they are not."""
    make_up = task.config.get("make_up")
    if task.kind != "checkin" or task.period != DAILY or not make_up:
        return None
    return Rules(**make_up)


def month_of(today: date) -> str:
    return f"{today:%Y-%m}"


def missed_days(definition: Campaign, rules: Rules, done: Collection[date], today: date) -> list[date]:
    """The days that can be made up today, the earliest first."""
    first = max(_opening_day(definition), today - timedelta(days=rules.days_back))
    days = (first + timedelta(days=number) for number in range((today - first).days))
    return [day for day in days if day not in done]


@pacing.paced
@touches.together()
def make_up(  # noqa: PLR0913 a move says who, what, when, by what chance and from where
    member: Member,
    slug: str,
    task_key: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    chance: Chance = secrets.randbelow,
    origin: Origin | None = None,
) -> TaskMoved:
    """Make one missed day up. The payload is {"day": "2026-11-09"}. Raises Refused or BadSubmission."""
    play = enter(member, slug, now=now, chance=chance, origin=origin)
    turn, rules = _turn(play, task_key)
    suspicion.refuse(play, turn.task)
    day = _day(payload)
    if refusal := _refusal(play, rules, day, turn.today):
        raise Refused(refusal)
    if suspicion.signs(play, turn.task):
        # Nobody pays for what is held back.
        raise Refused(Refusal.HELD)
    # What is paid and what is given are accounts, and the member comes before those everywhere.
    locking.lock_by_id([member.pk])
    _pay(play, turn, rules, day)
    return _complete(play, replace(turn, period=day.isoformat()), day)


def _turn(play: Play, task_key: str) -> tuple[Turn, Rules]:
    decision = play.decision.task(task_key)
    if decision is None:
        raise Refused(Refusal.NO_TASK)
    rules = rules_of(decision.task)
    if rules is None or play.definition.chain_of(task_key) is not None:
        raise Refused(NO_MAKE_UP)
    # Today's own check-in may be done, wait for its claim, or be open.
    if decision.refusal not in {None, Refusal.DONE}:
        raise Refused(decision.refusal)
    return turns.turn_of(play, decision.task), rules


def _day(payload: Mapping[str, Any]) -> date:
    wrong: dict[str, str | Promise] = {name: "unknown" for name in payload if name != "day"}
    given = payload.get("day")
    if not isinstance(given, str) or not ISO_DAY.fullmatch(given):
        wrong["day"] = _("Name the day such as 2026-11-09.")
    if not wrong:
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            wrong["day"] = _("Name the day such as 2026-11-09.")
    raise BadSubmission(wrong)


def _refusal(play: Play, rules: Rules, day: date, today: date) -> Refusal | Because | None:
    if day >= today or day < _opening_day(play.definition):
        return NOT_MISSED
    if day < today - timedelta(days=rules.days_back):
        return TOO_LONG_AGO
    return None


def _opening_day(definition: Campaign) -> date:
    return definition.opens_at.astimezone(zone_of(definition)).date()


def _pay(play: Play, turn: Turn, rules: Rules, day: date) -> None:
    """Take the day, its number in the month, and the price."""
    done = Completion.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key, period=day.isoformat())
    if done.exists():
        raise Refused(Refusal.DONE)
    month = month_of(turn.today)
    made_up = MadeUpDay.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key, month=month)
    number = made_up.count() + 1
    if number > rules.per_month:
        raise Refused(MONTH_USED_UP)
    MadeUpDay.objects.create(
        enrolment_id=turn.enrolment_id,
        task_key=turn.task.key,
        day=day,
        made_at=play.now,
        month=month,
        number=number,
        allowed=rules.per_month,
        unit=rules.unit,
        price=rules.price,
    )
    try:
        ledger.post_entry(
            turn.member_id,
            rules.unit,
            amount=-rules.price,
            key=f"make-up:{turn.enrolment_id}:{turn.task.key}:{day.isoformat()}",
            reason=f"{play.definition.name}: {turn.task.title}"[:200],
            now=play.now,
        )
    except ledger.InsufficientBalance:
        raise Refused(CANNOT_PAY) from None


def _complete(play: Play, turn: Turn, day: date) -> TaskMoved:
    """Write the day and what its streak is now, and give what that brings."""
    rows = Progress.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key, count__gt=0)
    kept = {date.fromisoformat(row.period): row for row in rows}
    bonuses = bonuses_of(turn.config)
    mended = mend({on: from_data(row.data) for on, row in kept.items()}, day, bonuses)
    for on, mark in mended.marks.items():
        if on != day:
            kept[on].data = as_data(mark)
    Progress.objects.bulk_update([kept[on] for on in mended.marks if on != day], ["data"])
    own = mended.marks[day]
    last = max(on for on in mended.marks if mended.marks[on].streak == own.streak + (on - day).days)
    result = {"made_up": day.isoformat(), "streak": mended.marks[last].streak}
    moved = Moved(count=1, data=as_data(own), result=result)
    try:
        done = completing.complete(play, turn, moved)
        if done.state is TaskState.CLAIMABLE:
            # Its period is over, so there is no later moment to claim it at.
            done = replace(completing.claim(play, turn, moved.data), completed=True, result=result)
        return replace(done, reward=_with_bonuses(play, turn, done.reward, mended.bonuses))
    except OutOfGifts:
        raise Refused(Refusal.OUT_OF_GIFTS) from None


def _with_bonuses(play: Play, turn: Turn, reward: Reward | None, reached: Sequence[tuple[int, date]]) -> Reward | None:
    """Give the bonuses that days after the made-up one reach by it; return all that was given."""
    for bonus, on in reached:
        more = reward_of(turn.config, bonus)
        if more is None:
            continue
        key = f"streak:{turn.enrolment_id}:{turn.task.key}:{bonus}:{on.isoformat()}"
        completing.give(play.definition, turn.member_id, more, key=key, title=turn.task.title, now=play.now)
        reward = Earned(reward, bonus=more).total if reward else more
    return reward
