"""The campaign score (活动分数): the only writer of `Enrolment.score` and of what the boards rank."""

from datetime import datetime

from django.conf import settings

from operations.prepared import prepared_cursor

# The week is that of the campaign's own zone, as published. One statement: it is part of every completed task.
ADD = """
    WITH moved AS (
        UPDATE campaigns_enrolment SET score = score + %(amount)s::int WHERE id = %(enrolment)s::bigint
        RETURNING id, campaign_id, score
    ), here AS (
        SELECT moved.*, to_char(
            %(now)s::timestamptz
                AT TIME ZONE coalesce(nullif(revision.definition ->> 'time_zone', ''), %(site_zone)s::text),
            'IYYY"-W"IW'
        ) AS week
        FROM moved
        JOIN campaigns_campaign campaign ON campaign.id = moved.campaign_id
        LEFT JOIN campaigns_revision revision ON revision.id = campaign.current_id
    ), written AS (
        INSERT INTO campaigns_boardscore AS board (campaign_id, enrolment_id, period, score, reached_at)
        SELECT campaign_id, id, 'all', score, %(now)s::timestamptz FROM here
        UNION ALL
        SELECT campaign_id, id, week, %(amount)s::int, %(now)s::timestamptz FROM here
        ON CONFLICT (enrolment_id, period) DO UPDATE
        SET score = board.score + %(amount)s::int, reached_at = greatest(board.reached_at, EXCLUDED.reached_at)
    )
    SELECT score FROM moved
"""


def add(enrolment_id: int, amount: int, *, now: datetime) -> int:
    """Add to the score of an enrolment, for good and for this week; return what it comes to.

    Once for each call: whoever calls holds the enrolment and sees to it that nothing is counted twice.
    Raises LookupError for an enrolment that does not exist.
    """
    if amount < 1:
        raise ValueError(f"a score of {amount} adds nothing")
    values = {"enrolment": enrolment_id, "amount": amount, "now": now, "site_zone": settings.TIME_ZONE}
    with prepared_cursor() as cursor:
        cursor.execute(ADD, values)
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"no enrolment {enrolment_id}")
    return int(row[0])
