"""Whether the draws without a win that draws tell of (`Draw.misses`) follow from each other, up to the streak of today.

Each draw leads from its `misses` to one more, or to 0 where it won. The draws of a member from a pool are one walk from
0 to what `Streak` says, in whatever order they were numbered: every number is left as often as it is reached, the
first is left once more, the last reached once more. Wins lead to 0 only, so that no circle lies apart from the walk.
"""

from django.db import connection

from rewards.models import PrizePool

BROKEN = """
    SELECT pool_id, member_id FROM (
        SELECT pool_id, member_id, misses, sum(change) AS change FROM (
            SELECT version.pool_id, draw.member_id, draw.misses, -1 AS change
            FROM rewards_draw draw JOIN rewards_poolversion version ON version.id = draw.version_id
            WHERE draw.misses IS NOT NULL
            UNION ALL
            SELECT version.pool_id, draw.member_id, CASE WHEN prize.consolation THEN draw.misses + 1 ELSE 0 END, 1
            FROM rewards_draw draw JOIN rewards_poolversion version ON version.id = draw.version_id
            JOIN rewards_poolversionprize prize ON prize.version_id = draw.version_id AND prize.key = draw.prize
            WHERE draw.misses IS NOT NULL
            UNION ALL SELECT pool_id, member_id, 0, 1 FROM rewards_streak
            UNION ALL SELECT pool_id, member_id, misses, -1 FROM rewards_streak
        ) steps GROUP BY pool_id, member_id, misses
    ) places GROUP BY pool_id, member_id HAVING bool_or(change <> 0)
"""


def broken_streaks(pool: PrizePool) -> list[int]:
    """Return the ids of members whose draws from the pool do not follow from each other."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT member_id FROM ({BROKEN}) broken WHERE pool_id = %s ORDER BY 1", [pool.pk])  # noqa: S608
        return [member for (member,) in cursor.fetchall()]
