"""Where members stand: the one door to `Member.level`, `MemberLevel`, `PaidPeriod` and `LevelChange`.

Every change locks the members first (`members.locking`), reads where they stand, lets `members.ladder` decide, and
writes the standing, the level that counts (the higher ranked of the level by growth and the paid levels held) and the
history of it (`members.standing_rows`). What is bought is in `members.paid_levels`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo

from django.db import transaction
from django.utils import timezone

from members import ladder, locking
from members.ladder import Ladder, Standing
from members.models import Level, LevelChange, Member, MemberLevel
from members.paid_levels import (
    LevelRefusal,
    LevelRefused,
    buy_level,
    end_paid_periods,
    give_imported_paid_levels,
    give_level,
    paid_levels_had,
    refund_order,
    refund_orders,
    restore_orders,
)
from members.standing_rows import read_levels, rewrite

__all__ = [
    "LevelRefusal",
    "LevelRefused",
    "buy_level",
    "end_paid_periods",
    "follow_growth",
    "follow_growth_of",
    "follow_ladder",
    "give_imported_levels",
    "give_level",
    "level_held",
    "levels_had",
    "refund_order",
    "refund_orders",
    "restore_orders",
    "review",
]

Cause = LevelChange.Cause


def follow_growth(member_id: int, *, growth: int, now: datetime, cause: LevelChange.Cause, reference: str = "") -> None:
    """Let a member's level follow `growth`, all that was ever earned, at once. In the transaction that posted it."""
    follow_growth_of({member_id: growth}, now=now, cause=cause, references={member_id: reference})


@transaction.atomic
def follow_growth_of(
    growth: Mapping[int, int], *, now: datetime, cause: LevelChange.Cause, references: Mapping[int, str] | None = None
) -> None:
    """As `follow_growth`, for many: member id → growth value ever earned."""

    def followed(member_id: int, standing: Standing, steps: Ladder) -> Standing:
        return ladder.followed(steps, standing, growth[member_id], now=now, zone=_zone())

    locking.lock_by_id(growth)
    rewrite(growth, followed, cause=cause, references=references, now=now)


@transaction.atomic
def review(member_ids: Collection[int], *, last_year: Mapping[int, int], now: datetime) -> int:
    """Review the levels by growth whose validity is over, and return how many were.

    `last_year` is the growth value earned in the year before the end of the validity, by member id; 0 where missing.
    A member whose level has changed since, and is valid again, is left alone.
    """
    locking.lock_by_id(member_ids)
    due = set(MemberLevel.objects.filter(pk__in=member_ids, until__lte=now).values_list("pk", flat=True))

    def reviewed(member_id: int, standing: Standing, steps: Ladder) -> Standing:
        return ladder.reviewed(steps, standing, last_year.get(member_id, 0), zone=_zone())

    rewrite(due, reviewed, cause=Cause.REVIEW, now=now)
    return len(due)


@transaction.atomic
def follow_ladder(member_ids: Collection[int], *, now: datetime) -> None:
    """Put these members where the ladder has them as it is now, after an operator changed it."""

    def settled(_member_id: int, standing: Standing, steps: Ladder) -> Standing:
        return ladder.settled(steps, standing, now=now, zone=_zone())

    locking.lock_by_id(member_ids)
    rewrite(member_ids, settled, cause=Cause.LADDER, now=now)


def levels_had(member_ids: Collection[int]) -> dict[int, set[str]]:
    """Return the keys of the levels that an import need not give, by member id.

    These are the level by growth, the paid levels held, and those that an import gave before, even if they are over.
    """
    had: dict[int, set[str]] = defaultdict(set)
    if not member_ids:
        return had
    entry = ladder.level_reached(read_levels().ladder, 0)
    slugs = dict(Level.objects.values_list("pk", "slug"))
    by_growth = dict(MemberLevel.objects.filter(pk__in=member_ids).values_list("pk", "growth_level"))
    for member_id in member_ids:
        level_id = by_growth.get(member_id, entry.id if entry else None)
        had[member_id] = {slugs[level_id]} if level_id is not None else set()
    for member_id, slug in paid_levels_had(member_ids):
        had[member_id].add(slug)
    return had


def give_imported_levels(slugs: Mapping[int, str], *, now: datetime) -> None:
    """Give members the levels that came in with them: member id → key. In the transaction that holds their locks.

    A level by growth is theirs as if exactly the growth that it needs had been earned; a paid one as if just bought.
    """
    if not slugs:
        return
    levels = {level.slug: level for level in Level.objects.all()}
    given = {member_id: levels[slug] for member_id, slug in slugs.items()}
    by_growth = {member_id: level.pk for member_id, level in given.items() if level.kind == Level.Kind.GROWTH}

    def placed(member_id: int, standing: Standing, steps: Ladder) -> Standing:
        step = ladder.step_of(steps, by_growth[member_id])
        return ladder.placed(steps, standing, step, now=now, zone=_zone()) if step else standing

    rewrite(by_growth, placed, cause=Cause.IMPORTED, now=now)
    paid = {member_id: level for member_id, level in given.items() if level.kind == Level.Kind.PAID}
    give_imported_paid_levels(paid, now=now)


def level_held(member_id: int, at: datetime) -> Level | None:
    """Return the level that counted for the member at a time: by the history where there is one, else today's.

    Whoever came in with a level had it before they were known here: an import does not say since when.
    """
    changes = LevelChange.objects.filter(member_id=member_id).select_related("member", "before", "after")
    last = changes.filter(changed_at__lte=at).order_by("-changed_at", "-id").first()
    if last is not None:
        return last.after
    first = changes.order_by("changed_at", "id").first()
    if first is None:
        return Member.objects.select_related("level").get(pk=member_id).level
    came_with_it = first.cause == Cause.IMPORTED and first.changed_at <= first.member.created_at
    return first.after if came_with_it else first.before


def _zone() -> tzinfo:
    """Validities end at midnight of the site's time zone."""
    return timezone.get_default_timezone()
