"""A member's own rank among a million, against counting as many entries of the barest index there is."""

import time
from collections.abc import Callable
from functools import partial

from benchmarks.report import Figure

MEMBERS = 1_000_000
ROUNDS = 5

FILL = """
    INSERT INTO members_member (uid, name, gender, region, created_at)
    SELECT 'rank' || n, '', '', '', now() FROM generate_series(1, {members}) n;
    INSERT INTO campaigns_enrolment (campaign_id, member_id, joined_at, score)
    SELECT {campaign}, id, now(), 1 + (id * 7919) % 50000 FROM members_member WHERE uid LIKE 'rank%';
    INSERT INTO campaigns_boardscore (campaign_id, enrolment_id, period, score, reached_at)
    SELECT campaign_id, id, 'all', score, joined_at + (id % 86400) * interval '1 second'
    FROM campaigns_enrolment WHERE campaign_id = {campaign};
    CREATE TABLE bare_scores (score integer NOT NULL);
    INSERT INTO bare_scores SELECT score FROM campaigns_boardscore WHERE campaign_id = {campaign};
    CREATE INDEX bare_scores_score ON bare_scores (score);
"""


def measure(members: int = MEMBERS) -> list[Figure]:
    """Measure the last, the middle and a leading member, and the first fifty places, in milliseconds.

    Comes last of all: the million stays in the database, which the next run makes anew.
    """
    from django.db import connection
    from django.utils import timezone

    from campaigns import leaderboards
    from campaigns.models import BoardScore, Campaign

    now = timezone.now()
    campaign = Campaign.objects.create(slug="rank", name="Rank", opens_at=now, closes_at=now, organiser="")

    def run(script: str) -> None:
        with connection.cursor() as cursor:
            for statement in script.format(members=members, campaign=campaign.pk).split(";"):
                if statement.strip():
                    cursor.execute(statement)

    def bare(score: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM bare_scores WHERE score > %s", [score])
            cursor.fetchone()

    run(FILL)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE campaigns_boardscore, bare_scores, campaigns_enrolment, members_member")
    ordered = BoardScore.objects.filter(campaign=campaign).order_by("-score", "reached_at", "enrolment_id")
    figures = []
    for name, place, aim in (("last", members - 1, 2.5), ("middle", members // 2, 2.5)):
        row = ordered[place]
        own = _best(partial(leaderboards.own_place, campaign.pk, row.enrolment_id, "all"))
        floor = _best(partial(bare, row.score))
        figures.append(Figure(f"own rank among {members:,}, {name}", own, floor, aim, "lower", "ms"))
    top = _best(lambda: leaderboards.top(campaign.pk, "all", limit=50))
    figures.append(Figure("the first 50 of the same", top, 10.0, 1.0, "lower", "ms"))
    return figures


def _best(call: Callable[[], object]) -> float:
    taken = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    return min(taken)
