"""Codes that members type into a task: secret words, the code of the day, and codes that are used once each."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import sealed_task_codes
from campaigns.code_words import code_of_day, folded, is_code, new_codes
from campaigns.kinds.face import Turn
from campaigns.models import Campaign, CodeTries, Enrolment, TaskCode
from campaigns.refusals import Because, Refused
from operations import audit
from operations.sealing import derived_key

MOST_TRIES = 5
WITHIN = timedelta(minutes=10)
MOST_AT_ONCE = 20_000
BATCH = 2_000
DAY_PURPOSE = b"qianmian: codes of the day"

TOO_MANY = Because(
    "too_many_tries", _("Too many codes were wrong. Please try again in ten minutes."), status=429, wait=600
)


class Fault(StrEnum):
    """What is wrong with a code. What was used by somebody else is said, so that who bought it can complain."""

    UNKNOWN = "unknown"
    USED = "used"


FAULTS: dict[Fault, Promise] = {
    Fault.UNKNOWN: _("This is not the code."),
    Fault.USED: _("This code has been used already."),
}


@dataclass(frozen=True, slots=True)
class Added:
    """What an import did: codes added, those that were there, and the numbers of the lines that are no code."""

    added: int
    known: int
    refused: tuple[int, ...]


def refuse_guesses(turn: Turn) -> None:
    """Raise Refused while the member has typed too many wrong codes. The enrolment is locked."""
    tries = _tries(turn)
    if tries is not None and tries.tried >= MOST_TRIES and turn.now < tries.since + WITHIN:
        raise Refused(TOO_MANY)


def note_wrong(turn: Turn, fault: Fault) -> None:
    """Count a wrong code. It is no exception: what is raised would take the count back with it."""
    tries = _tries(turn)
    goes_on = tries is not None and turn.now < tries.since + WITHIN
    CodeTries.objects.update_or_create(
        enrolment_id=turn.enrolment_id,
        task_key=turn.task.key,
        defaults={
            "since": tries.since if tries and goes_on else turn.now,
            "tried": tries.tried + 1 if tries and goes_on else 1,
            "last_at": turn.now,
            "last_fault": fault.value,
        },
    )


def wrong_now(turn: Turn) -> dict[str, Any]:
    """What was wrong with the code that was typed in this very turn, and how many may still be tried; {} if nothing."""
    tries = _tries(turn)
    if tries is None or tries.last_at != turn.now:
        return {}
    return {"right": False, "wrong": tries.last_fault, "left": max(0, MOST_TRIES - tries.tried)}


def use(turn: Turn, typed: str) -> Fault | None:
    """Use a code of this task for this member, or say what is wrong with it. One statement decides between two.

    The campaign is asked for before it: behind a join, who waited for the row would not look again whether it is free.
    """
    campaign_id = Enrolment.objects.values_list("campaign_id", flat=True).get(pk=turn.enrolment_id)
    mine = TaskCode.objects.filter(
        campaign=campaign_id,
        task_key=turn.task.key,
        found_by__in=sealed_task_codes.CODES.hashes_of(folded(typed)),
    )
    if mine.filter(used_by=None).update(used_by=turn.enrolment_id, used_at=turn.now):
        return None
    return Fault.USED if mine.exists() else Fault.UNKNOWN


def is_of_day(turn: Turn, typed: str) -> bool:
    """Tell whether it is the code of today, in the campaign's time zone."""
    return folded(typed) in {folded(code) for code in codes_of_day(turn.campaign, turn.task.key, turn.today)}


def codes_of_day(campaign: str, task_key: str, day: date) -> list[str]:
    """The codes that are taken on this day; the first is the one to show. There are more while keys are changed."""
    keys = settings.PERSONAL_DATA_KEYS or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [code_of_day(derived_key(key, DAY_PURPOSE), campaign, task_key, day) for key in keys]


@transaction.atomic
def bring_in(campaign: Campaign, task_key: str, lines: Iterable[str], *, by: audit.Actor, now: datetime) -> Added:
    """Add a code per line. Empty lines are passed over; bringing the same lines in again adds nothing."""
    good: dict[str, str] = {}
    refused = []
    seen = 0
    for number, line in enumerate(lines, start=1):
        code = line.strip()
        if not code:
            continue
        if not is_code(code):
            refused.append(number)
            continue
        seen += 1
        good.setdefault(folded(code), code)
    added = _add(campaign, task_key, good, generated=False, by=by, now=now)
    return Added(added, seen - added, tuple(refused))


@transaction.atomic
def generate(  # noqa: PLR0913 - all but three by keyword
    campaign: Campaign,
    task_key: str,
    count: int,
    *,
    by: audit.Actor,
    now: datetime,
    chance: Callable[[int], int] = secrets.randbelow,
) -> int:
    """Make codes nobody can guess; return how many there are more."""
    if not 0 < count <= MOST_AT_ONCE:
        raise ValueError(f"{count} codes at once")
    made = {folded(code): code for code in new_codes(count, chance=chance)}
    return _add(campaign, task_key, made, generated=True, by=by, now=now)


@transaction.atomic
def export(campaign: Campaign, task_key: str, *, by: audit.Actor, now: datetime) -> Iterator[str]:
    """Return the generated codes that nobody has used, on record."""
    free = TaskCode.objects.filter(campaign=campaign, task_key=task_key, generated=True, used_by=None).order_by("pk")
    sealed = list(free.values_list("sealed", flat=True))
    changes = {"task": [None, task_key], "codes": [None, len(sealed)]}
    audit.record("task_codes.exported", campaign, by=by, now=now, changes=changes)
    return (sealed_task_codes.opened_code(each) or "" for each in sealed)


def _add(  # noqa: PLR0913 - the fields of the rows
    campaign: Campaign, task_key: str, codes: Mapping[str, str], *, generated: bool, by: audit.Actor, now: datetime
) -> int:
    """Add the codes that the task has not, folded form → code. The campaign's row keeps two imports apart."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    ring = sealed_task_codes.CODES
    hashes = {text: ring.hashes_of(text) for text in codes}
    known: set[bytes] = set()
    every = [each for of_code in hashes.values() for each in of_code]
    for start in range(0, len(every), BATCH):
        found = TaskCode.objects.filter(
            campaign=campaign, task_key=task_key, found_by__in=every[start : start + BATCH]
        ).values_list("found_by", flat=True)
        known.update(map(bytes, found))
    new = [text for text, of_code in hashes.items() if known.isdisjoint(of_code)]
    TaskCode.objects.bulk_create(
        [
            TaskCode(
                campaign=campaign,
                task_key=task_key,
                sealed=ring.seal(sealed_task_codes.CODE, codes[text]),
                found_by=hashes[text][0],
                added_at=now,
                generated=generated,
            )
            for text in new
        ],
        batch_size=BATCH,
    )
    if new:
        changes = {"task": [None, task_key], "codes": [None, len(new)]}
        action = "task_codes.generated" if generated else "task_codes.imported"
        audit.record(action, campaign, by=by, now=now, changes=changes)
    return len(new)


def _tries(turn: Turn) -> CodeTries | None:
    return CodeTries.objects.filter(enrolment_id=turn.enrolment_id, task_key=turn.task.key).first()
