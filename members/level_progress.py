"""Where a member stands, for those who look: the pages, the API and the admin. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from members import ladder
from members.ladder import Standing, Step
from members.models import Level, LevelChange, Member, PaidPeriod


@dataclass(frozen=True, slots=True)
class LevelProgress:
    """The level that counts and the one by growth, and how far it is to the next.

    `growth` is all growth value ever earned, `counted` what of it counts; `share` is the way done from this level to
    the next, in per cent. `until` is when the level by growth is reviewed.
    """

    level: Level | None
    by_growth: Level | None
    next_level: Level | None
    growth: int
    counted: int
    missing: int
    share: int
    until: datetime | None


def progress_of(member: Member, *, now: datetime, levels: Sequence[Level] | None = None) -> LevelProgress:
    """Return where the member stands. Two queries; one less with all `levels` at hand, or the standing read along."""
    by_id = {level.pk: level for level in (Level.objects.all() if levels is None else levels)}
    steps = [_step(level) for level in by_id.values() if level.kind == Level.Kind.GROWTH]
    standing = _standing(member, steps, now)
    own, following = ladder.step_of(steps, standing.step_id), ladder.next_step(steps, standing)
    return LevelProgress(
        level=by_id.get(member.level_id) if member.level_id else None,
        by_growth=by_id[own.id] if own else None,
        next_level=by_id[following.id] if following else None,
        growth=standing.growth,
        counted=standing.counted,
        missing=following.needed - standing.counted if following else 0,
        share=_share(standing.counted, own, following),
        until=standing.until,
    )


def paid_periods_of(member: Member, *, now: datetime) -> Sequence[PaidPeriod]:
    """Return the member's paid periods that run or will, one after the other."""
    held = PaidPeriod.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), member=member, closed=False, revoked_at=None)
    return list(held.select_related("level").order_by("starts_at", "id"))


def history_of(member: Member, *, limit: int) -> Sequence[LevelChange]:
    """Return the member's latest changes of level, newest first."""
    changes = LevelChange.objects.filter(member=member).select_related("before", "after")
    return list(changes.order_by("-changed_at", "-id")[:limit])


def _standing(member: Member, steps: Sequence[Step], now: datetime) -> Standing:
    row = getattr(member, "standing", None)
    if row is None:
        return ladder.beginning(steps, now)
    return Standing(row.growth_level_id, row.growth, row.growth_base, row.since, row.until)


def _step(level: Level) -> Step:
    return Step(level.pk, level.rank, level.growth_needed or 0, level.valid_months, level.downgrade)


def _share(counted: int, own: Step | None, following: Step | None) -> int:
    if following is None:
        return 100
    start = own.needed if own else 0
    return (counted - start) * 100 // (following.needed - start)
