"""Leaderboards (排行榜): who is where on a board. Ties share the rank, and whoever was there first is listed first.

Who was erased, and whose completions in the campaign are held back for review, is on no board. A member's own rank is
counted in the index of the board, whatever the number of members; those held back are few and are taken off the count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db import connection

from campaigns import friends
from campaigns.board_rules import ALL, FRIENDS, WEEK, shared_ranks
from campaigns.periods import period_key
from members.masking import masked_name

HELD = "SELECT enrolment_id FROM campaigns_completion WHERE held_at IS NOT NULL AND refused_at IS NULL"
TOP = f"""
    SELECT board.enrolment_id, member.uid, member.name, board.score, board.reached_at
    FROM campaigns_boardscore board
    JOIN campaigns_enrolment enrolment ON enrolment.id = board.enrolment_id
    JOIN members_member member ON member.id = enrolment.member_id
    WHERE board.campaign_id = %(campaign)s AND board.period = %(period)s AND board.enrolment_id NOT IN ({HELD})
    ORDER BY board.campaign_id, board.period, board.score DESC, board.reached_at, board.enrolment_id LIMIT %(limit)s
"""  # noqa: S608 nothing but our own words
AMONG = f"""
    SELECT board.enrolment_id, member.uid, member.name, board.score, board.reached_at
    FROM campaigns_enrolment enrolment
    JOIN members_member member ON member.id = enrolment.member_id
    JOIN campaigns_boardscore board ON board.enrolment_id = enrolment.id AND board.period = %(period)s
    WHERE enrolment.campaign_id = %(campaign)s AND enrolment.member_id = ANY(%(members)s)
        AND board.enrolment_id NOT IN ({HELD})
    ORDER BY board.score DESC, board.reached_at, board.enrolment_id
"""  # noqa: S608
RANK = f"""
    SELECT mine.score, mine.reached_at, 1 + (
        SELECT count(*) FROM campaigns_boardscore ahead
        WHERE ahead.campaign_id = %(campaign)s AND ahead.period = %(period)s AND ahead.score > mine.score
    ) - (
        SELECT count(*) FROM (SELECT DISTINCT enrolment_id FROM ({HELD}) AS held) AS held
        JOIN campaigns_boardscore ahead ON ahead.enrolment_id = held.enrolment_id AND ahead.period = %(period)s
        WHERE ahead.campaign_id = %(campaign)s AND ahead.score > mine.score
    ), EXISTS (SELECT FROM ({HELD}) AS held WHERE held.enrolment_id = mine.enrolment_id)
    FROM campaigns_boardscore mine WHERE mine.enrolment_id = %(enrolment)s AND mine.period = %(period)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a board. `name` is masked: no member learns who another is."""

    enrolment_id: int
    uid: str
    name: str
    rank: int
    score: int
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where a member is: `rank` is None without a score, and while they are held back for review."""

    rank: int | None
    score: int = 0


def period_of(board: str, now: datetime, zone: tzinfo) -> str:
    """The period whose scores a board ranks."""
    return period_key("week", now, zone) if board == WEEK else ALL


def top(campaign_id: int, period: str, *, limit: int) -> list[Place]:
    """Return the first `limit` of a board, read in the order of its index."""
    return _places(TOP, {"campaign": campaign_id, "period": period, "limit": limit})


def among_friends(campaign_id: int, member_id: int, period: str = ALL) -> list[Place]:
    """Return the member and their friends, ranked among themselves."""
    those = [member_id, *friends.of(member_id, campaign_id)]
    return _places(AMONG, {"campaign": campaign_id, "period": period, "members": those})


def own_place(campaign_id: int, enrolment_id: int, period: str) -> OwnPlace:
    """Return a member's own rank among all of the campaign. One query by the board's index."""
    with connection.cursor() as cursor:
        cursor.execute(RANK, {"campaign": campaign_id, "period": period, "enrolment": enrolment_id})
        row = cursor.fetchone()
    if row is None:
        return OwnPlace(None)
    score, _reached_at, rank, held = row
    return OwnPlace(None if held else rank, score)


def read(  # noqa: PLR0913 which board, of whom
    campaign_id: int, board: str, period: str, *, member_id: int | None, enrolment_id: int | None, limit: int
) -> tuple[list[Place], OwnPlace]:
    """Return the first `limit` places of a board, and a member's own. The board of friends is that member's."""
    if board == FRIENDS:
        places = among_friends(campaign_id, member_id) if member_id else []
        own = (OwnPlace(each.rank, each.score) for each in places if each.enrolment_id == enrolment_id)
        return places[:limit], next(own, OwnPlace(None))
    places = top(campaign_id, period, limit=limit)
    return places, own_place(campaign_id, enrolment_id, period) if enrolment_id else OwnPlace(None)


def _places(sql: str, values: dict[str, Any]) -> list[Place]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: Sequence[tuple[int, str, str, int, datetime]] = cursor.fetchall()
    ranks = shared_ranks([row[3] for row in rows])
    return [
        Place(enrolment, uid, masked_name(name), rank, score, reached_at)
        for (enrolment, uid, name, score, reached_at), rank in zip(rows, ranks, strict=True)
    ]
