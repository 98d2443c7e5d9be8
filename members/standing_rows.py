"""Where members stand, read and written in sets: the same few statements, whatever the number of members."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse_lazy

from members import inbox, touches
from members.inbox_kinds import LEVEL
from members.ladder import Ladder, Standing, Step, beginning, level_that_counts
from members.models import Level, LevelChange

Decide = Callable[[int, Standing, Ladder], Standing]

# Read behind the members' locks, which a statement that also takes them would not be: it would see what stood before
# it waited.
_READ = """
    SELECT member.id, member.level_id, standing.member_id IS NOT NULL, standing.growth_level_id, standing.growth,
           standing.growth_base, standing.since, standing.until,
           ARRAY(SELECT period.level_id FROM members_paidperiod period
                  WHERE period.member_id = member.id AND NOT period.closed AND period.revoked_at IS NULL)
    FROM members_member member LEFT JOIN members_memberlevel standing ON standing.member_id = member.id
    WHERE member.id = ANY(%s)
"""

_WRITE_STANDINGS = """
    INSERT INTO members_memberlevel (member_id, growth_level_id, growth, growth_base, since, until)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
    ON CONFLICT (member_id) DO UPDATE SET
        growth_level_id = excluded.growth_level_id, growth = excluded.growth, growth_base = excluded.growth_base,
        since = excluded.since, until = excluded.until
"""

_WRITE_LEVELS = """
    UPDATE members_member member SET level_id = given.level_id
    FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, level_id) WHERE member.id = given.id
"""


Cause = LevelChange.Cause
LEVEL_PAGE = reverse_lazy("h5-level")
# What comes in with a member is no news to them, and a new ladder is the shop's doing, not theirs.
UNTOLD = (Cause.IMPORTED, Cause.LADDER)


@dataclass(frozen=True, slots=True)
class Levels:
    """All levels: the steps of the ladder, level id → rank, and level id → its name, also in English."""

    ladder: Ladder
    ranks: Mapping[int, int]
    names: Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Held:
    """What one member holds: the level that counts, the standing by growth, and paid levels by id."""

    level_id: int | None
    standing: Standing
    paid: tuple[int, ...]


def read_levels() -> Levels:
    columns = ("id", "rank", "kind", "growth_needed", "valid_months", "downgrade", "name", "name_en")
    rows = list(Level.objects.values_list(*columns))
    ladder = [
        Step(id, rank, needed or 0, months, downgrade)
        for id, rank, kind, needed, months, downgrade, *_names in rows
        if kind == Level.Kind.GROWTH
    ]
    ranks = {id: rank for id, rank, *_rest in rows}
    return Levels(ladder, ranks, {id: (name, english) for id, *_rest, name, english in rows})


def rewrite(
    member_ids: Collection[int],
    decide: Decide,
    *,
    cause: LevelChange.Cause,
    references: Mapping[int, str] | None = None,
    now: datetime,
) -> None:
    """Let `decide` (member id, standing, ladder) say where each member stands, and write what differs.

    That is the standings, the level that counts, and the history of it. The caller has locked the members
    (`members.locking`) in a transaction.
    """
    if not member_ids:
        return
    levels = read_levels()
    held = _read_held(member_ids, levels, now)
    standings = {member_id: decide(member_id, each.standing, levels.ladder) for member_id, each in held.items()}
    _write_standings({id: each for id, each in standings.items() if each != held[id].standing})
    counting = {
        member_id: level_that_counts(levels.ranks, [standing.step_id, *held[member_id].paid])
        for member_id, standing in standings.items()
    }
    changes = [
        LevelChange(
            member_id=member_id,
            before_id=held[member_id].level_id,
            after_id=level_id,
            cause=cause,
            reference=(references or {}).get(member_id, "")[:150],
            changed_at=now,
        )
        for member_id, level_id in sorted(counting.items(), key=lambda each: each[0])
        if level_id != held[member_id].level_id
    ]
    _write_levels({change.member_id: change.after_id for change in changes})
    LevelChange.objects.bulk_create(changes)
    touches.touch(touches.LEVEL, [change.member_id for change in changes])
    if cause not in UNTOLD:
        inbox.put([_told(change, levels) for change in changes], now=now)


def _told(change: LevelChange, levels: Levels) -> inbox.Message:
    before, after = (levels.ranks.get(each) if each else None for each in (change.before_id, change.after_id))
    up = after is not None and (before is None or after > before)
    name, english = levels.names[change.after_id] if change.after_id else ("", "")
    params = {"level": name, "level_en": english, "up": up}
    return inbox.Message(change.member_id, LEVEL, f"level:{change.pk}", params, str(LEVEL_PAGE))


def _read_held(member_ids: Collection[int], levels: Levels, now: datetime) -> dict[int, Held]:
    """Return what these members hold, by member id; who has no row yet has earned nothing."""
    nothing = beginning(levels.ladder, now)
    with connection.cursor() as cursor:
        cursor.execute(_READ, [sorted(member_ids)])
        return {
            member_id: Held(level_id, Standing(*standing) if known else nothing, tuple(paid))
            for member_id, level_id, known, *standing, paid in cursor.fetchall()
        }


def _write_standings(standings: Mapping[int, Standing]) -> None:
    if not standings:
        return
    ids = sorted(standings)
    given = [standings[id] for id in ids]
    columns: list[list[Any]] = [
        [each.step_id for each in given],
        [each.growth for each in given],
        [each.base for each in given],
        [each.since for each in given],
        [each.until for each in given],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_STANDINGS, [ids, *columns])


def _write_levels(given: Mapping[int, int | None]) -> None:
    if given:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_LEVELS, [list(given), list(given.values())])
