"""What must hold of levels. Each query counts the members for whom it does not.

While a change of the ladder makes its way through the members, those it has yet to reach are none of it.
"""

from django.utils.translation import gettext_noop

from operations import books

INVARIANTS = {
    gettext_noop("members: the level by growth is the one that growth reaches"): """
        SELECT count(*) FROM members_memberlevel standing
        WHERE standing.growth_level_id IS DISTINCT FROM (
            SELECT level.id FROM members_level level
            WHERE level.kind = 'growth' AND level.growth_needed <= greatest(standing.growth - standing.growth_base, 0)
            ORDER BY level.rank DESC LIMIT 1
        )
          AND NOT EXISTS (
            SELECT FROM operations_job WHERE function = 'members.jobs.follow_ladder' AND state IN ('queued', 'running')
          )
    """,
    gettext_noop("members: the level is the highest of those held"): """
        SELECT count(*) FROM members_member member
        LEFT JOIN members_memberlevel standing ON standing.member_id = member.id
        LEFT JOIN members_level grown ON grown.id =
            CASE WHEN standing.member_id IS NOT NULL THEN standing.growth_level_id ELSE (
                SELECT id FROM members_level WHERE kind = 'growth' AND growth_needed = 0 ORDER BY rank DESC LIMIT 1
            ) END
        LEFT JOIN (
            SELECT DISTINCT ON (period.member_id) period.member_id, level.id, level.rank
            FROM members_paidperiod period JOIN members_level level ON level.id = period.level_id
            WHERE NOT period.closed AND period.revoked_at IS NULL
            ORDER BY period.member_id, level.rank DESC
        ) paid ON paid.member_id = member.id
        WHERE member.level_id IS DISTINCT FROM
            CASE WHEN paid.rank > coalesce(grown.rank, -1) THEN paid.id ELSE grown.id END
          AND NOT EXISTS (
            SELECT FROM operations_job WHERE function = 'members.jobs.follow_ladder' AND state IN ('queued', 'running')
          )
    """,
    gettext_noop("members: the history of levels ends at the level held"): """
        SELECT count(*) FROM (
            SELECT DISTINCT ON (member_id) member_id, after_id FROM members_levelchange ORDER BY member_id, id DESC
        ) last JOIN members_member member ON member.id = last.member_id
        WHERE last.after_id IS DISTINCT FROM member.level_id
    """,
    gettext_noop("members: paid periods of a level follow each other without a gap"): """
        SELECT count(*) FROM (
            SELECT starts_at, lag(ends_at) OVER (PARTITION BY member_id, level_id ORDER BY starts_at, id) AS free_from
            FROM members_paidperiod WHERE NOT closed AND revoked_at IS NULL
        ) period WHERE starts_at > free_from
    """,
}


def register_all() -> None:
    """Hand the invariants to those who check the books."""
    for name, sql in INVARIANTS.items():
        books.register(name, sql)
