"""What must hold in the books of campaigns. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

from operations import books

INVARIANTS = {
    gettext_noop("campaigns: a running campaign has a revision"): """
        SELECT count(*) FROM campaigns_campaign WHERE state <> 'draft' AND current_id IS NULL
    """,
    gettext_noop("campaigns: who completed a task has begun it"): """
        SELECT count(*) FROM campaigns_completion completion
        LEFT JOIN campaigns_progress progress ON progress.enrolment_id = completion.enrolment_id
          AND progress.task_key = completion.task_key AND progress.period = completion.period
        WHERE progress.id IS NULL
    """,
    gettext_noop("campaigns: places taken in a quota are those that members hold"): """
        SELECT count(*) FROM campaigns_taskquota quota FULL JOIN (
            SELECT enrolment.campaign_id, progress.task_key,
                place ->> 0 AS part, place ->> 1 AS period, count(*) AS held
            FROM campaigns_progress progress
            JOIN campaigns_enrolment enrolment ON enrolment.id = progress.enrolment_id,
            jsonb_array_elements(progress.places) AS place
            WHERE progress.places <> '[]' GROUP BY 1, 2, 3, 4
        ) taken USING (campaign_id, task_key, part, period)
        WHERE coalesce(quota.taken, 0) <> coalesce(taken.held, 0)
    """,
    gettext_noop("campaigns: steps done are numbered from 1 without a gap"): """
        SELECT count(*) FROM (
            SELECT 1 FROM campaigns_chainprogress GROUP BY enrolment_id, chain_key HAVING max(step) <> count(*)
        ) broken
    """,
}


def register_all() -> None:
    """Hand the invariants to those who check the books."""
    for name, sql in INVARIANTS.items():
        books.register(name, sql)
