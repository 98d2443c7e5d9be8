"""What must hold in the books of campaigns. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

from campaigns.offers import books as offer_books
from operations import books

INVARIANTS = {
    gettext_noop("campaigns: a running campaign has a revision"): """
        SELECT count(*) FROM campaigns_campaign
        WHERE state IN ('scheduled', 'live', 'paused', 'ended') AND current_id IS NULL
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
    gettext_noop("campaigns: the score of whoever takes part is that of the board, and not below any week's"): """
        SELECT count(*) FROM campaigns_boardscore board
        JOIN campaigns_enrolment enrolment ON enrolment.id = board.enrolment_id
        WHERE board.campaign_id <> enrolment.campaign_id
            OR CASE WHEN board.period = 'all' THEN board.score <> enrolment.score ELSE board.score > enrolment.score END
    """,
    gettext_noop("campaigns: a closed board has as many prizes as winners"): """
        SELECT count(*) FROM campaigns_boardclosing closing
        WHERE winners <> (SELECT count(*) FROM campaigns_rankprize WHERE closing_id = closing.id)
    """,
    gettext_noop("campaigns: what was collected and stolen of energy is what was gained by it"): """
        SELECT count(*) FROM campaigns_energydrop drop
        LEFT JOIN (
            SELECT drop_id, sum(amount) FILTER (WHERE kind IN ('collected', 'helped')) AS collected,
                sum(amount) FILTER (WHERE kind = 'stolen') AS stolen
            FROM campaigns_energygain GROUP BY drop_id
        ) gained ON gained.drop_id = drop.id
        WHERE drop.collected <> coalesce(gained.collected, 0) OR drop.stolen <> coalesce(gained.stolen, 0)
    """,
    gettext_noop("campaigns: a member's energy is what they have gained"): """
        SELECT count(*) FROM (SELECT enrolment_id, sum(amount) AS total FROM campaigns_energygain GROUP BY 1) gained
        FULL JOIN campaigns_energyaccount account USING (enrolment_id)
        WHERE coalesce(gained.total, 0) <> coalesce(account.total, 0)
    """,
    gettext_noop("campaigns: the shared energy is that of all members"): """
        SELECT count(*) FROM (
            SELECT campaign_id, sum(total) AS total FROM campaigns_energyaccount
            JOIN campaigns_enrolment enrolment ON enrolment.id = enrolment_id GROUP BY 1
        ) members
        FULL JOIN (SELECT campaign_id, sum(total) AS total FROM campaigns_energypot GROUP BY 1) pots USING (campaign_id)
        WHERE coalesce(members.total, 0) <> coalesce(pots.total, 0)
    """,
    gettext_noop("campaigns: a milestone reached is not above the member's energy"): """
        SELECT count(*) FROM campaigns_energymilestone reached
        LEFT JOIN campaigns_energyaccount account USING (enrolment_id) WHERE reached.at > coalesce(account.total, 0)
    """,
    gettext_noop("campaigns: what friends cut off a price is what the bargain says"): """
        SELECT count(*) FROM campaigns_bargain bargain
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(cut), 0) AS cut, count(*) AS helped FROM campaigns_help help
            WHERE help.helped_id = bargain.enrolment_id AND help.task_key = bargain.task_key
              AND help.period = bargain.period
        ) given ON true
        WHERE given.cut <> bargain.price - bargain.floor - bargain.left OR given.helped <> bargain.helped
    """,
    gettext_noop("campaigns: a team has as many members as seats taken"): """
        SELECT count(*) FROM campaigns_team team
        WHERE taken <> (SELECT count(*) FROM campaigns_teamseat seat WHERE seat.team_id = team.id)
    """,
}


def register_all() -> None:
    """Hand the invariants to those who check the books."""
    for name, sql in (INVARIANTS | offer_books.INVARIANTS).items():
        books.register(name, sql)
