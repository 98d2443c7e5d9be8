"""Levels follow the growth value: at once where it is posted, and by a review where a validity is over.

`members` knows of no ledger, so here is told what a member ever earned, and what in the year before a review.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from members import standing
from members.ladder import year_before
from members.models import LevelChange, MemberLevel
from operations import jobs
from rewards.keys import GROWTH
from rewards.models import Account, Entry

Cause = LevelChange.Cause

REVIEW = "rewards.jobs.review_levels"
SLICE = 500

_EARNED_BETWEEN = """
    SELECT account.member_id, sum(entry.to_earned)
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS due (member_id, since, until)
    JOIN rewards_account account ON account.member_id = due.member_id
    JOIN rewards_unit unit ON unit.id = account.unit_id AND unit.slug = %s
    JOIN rewards_entry entry ON entry.account_id = account.id
     AND entry.posted_at >= due.since AND entry.posted_at < due.until
    GROUP BY account.member_id
"""


@contextmanager
def following(
    member_id: int, unit: str | None, *, now: datetime, cause: LevelChange.Cause = Cause.GROWTH, reference: str = ""
) -> Iterator[None]:
    """Let the member's level follow what the block posts, in one transaction with it.

    Units other than the growth value lift nobody and cost nothing here. The member and the account are locked before
    the block, as everywhere: behind what a draw takes, two of a member's draws would wait for each other.
    """
    if unit != GROWTH:
        yield
        return
    with transaction.atomic():
        _lock([member_id])
        yield
        after_growth(member_id, now=now, cause=cause, reference=reference)


def after_growth(member_id: int, *, now: datetime, cause: LevelChange.Cause, reference: str = "") -> None:
    """Let a member's level follow the growth value just posted. In the transaction that posted it."""
    after_growth_of([member_id], now=now, cause=cause, references={member_id: reference})


def after_reversal(reversal: Entry, *, now: datetime) -> None:
    """Let the member's level follow a reversal, if it took growth value back. In the transaction that posted it."""
    if reversal.to_earned == 0:
        return
    account = Account.objects.filter(pk=reversal.account_id, unit__slug=GROWTH).first()
    if account is not None:
        after_growth(account.member_id, now=now, cause=Cause.REVERSAL, reference=reversal.reference or reversal.key)


@transaction.atomic
def after_growth_of(
    member_ids: Collection[int],
    *,
    now: datetime,
    cause: LevelChange.Cause,
    references: Mapping[int, str] | None = None,
) -> None:
    """As `after_growth`, for many members in the same number of statements."""
    if not member_ids:
        return
    # What was earned is read behind the account's lock: the last to post is the last to tell.
    _lock(member_ids)
    accounts = Account.objects.filter(member_id__in=member_ids, unit__slug=GROWTH)
    earned = dict(accounts.values_list("member_id", "earned"))
    standing.follow_growth_of(earned, now=now, cause=cause, references=references)


def _lock(member_ids: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_lock_accounts(%s, %s)", [sorted(member_ids), [GROWTH]])


@transaction.atomic
def review_levels(*, now: datetime) -> None:
    """Review the levels of one slice of members whose validity is over, and have the next slice follow."""
    over = MemberLevel.objects.filter(until__lte=now)
    rows = over.order_by("until").values_list("pk", "until")[:SLICE]
    due = {member_id: until for member_id, until in rows if until is not None}
    standing.review(due, last_year=earned_in_the_year_before(due), now=now)
    if over.exists():
        jobs.enqueue(REVIEW, key=f"{REVIEW}:{now.isoformat()}")


def earned_in_the_year_before(moments: Mapping[int, datetime]) -> dict[int, int]:
    """Return the growth value each member earned in the calendar year before a moment: member id → moment."""
    zone = timezone.get_default_timezone()
    since = [year_before(moment, zone) for moment in moments.values()]
    with connection.cursor() as cursor:
        cursor.execute(_EARNED_BETWEEN, [list(moments), since, list(moments.values()), GROWTH])
        return {member_id: int(earned) for member_id, earned in cursor.fetchall()}
