"""Prizes of ranks: when a board's time is over, who had which rank is noted once, and each prize is granted once.

Everyone who shares a rank wins the prize of that rank. Who was erased, or was held back for review at that moment, has
no rank. Closing a board is one transaction, and one statement for any number of winners; each prize is granted in a
transaction of its own, so a job that dies half way goes on where it was.
"""

import json
from datetime import datetime, timedelta

from django.db import connection, transaction

from campaigns import board_rules, completing, inbox_words, published, states
from campaigns.board_rules import Boards
from campaigns.definition import Campaign as Definition
from campaigns.definition import parse_reward, reward_as_json
from campaigns.leaderboards import HELD
from campaigns.models import BoardClosing, Campaign, RankPrize
from campaigns.zones import zone_of
from members import inbox, locking, touches
from operations import audit, jobs
from rewards.awards import OutOfGifts

# What was under way at the end is committed by then.
GRACE = timedelta(minutes=2)
# Prizes that one job grants.
SLICE = 100

State = RankPrize.State
# Whoever puts a campaign away at once after its end takes no prize from anybody.
OVER = (*states.RUNNING, *states.OVER)
NOTE = f"""
    INSERT INTO campaigns_rankprize (closing_id, enrolment_id, rank, score, reward, state)
    SELECT %(closing)s, ranked.enrolment_id, ranked.rank, ranked.score, prize.reward, 'waiting'
    FROM (
        SELECT enrolment_id, score, reached_at, rank() OVER (ORDER BY score DESC) AS rank
        FROM campaigns_boardscore
        WHERE campaign_id = %(campaign)s AND period = %(period)s AND enrolment_id NOT IN ({HELD})
    ) ranked
    JOIN unnest(%(firsts)s::int[], %(lasts)s::int[], %(rewards)s::jsonb[]) AS prize (first, last, reward)
        ON ranked.rank BETWEEN prize.first AND prize.last
    WHERE ranked.rank <= %(last)s
    ORDER BY ranked.rank, ranked.reached_at, ranked.enrolment_id
"""  # noqa: S608


def close_due(*, now: datetime) -> int:
    """Close every board whose time is over and whose ranks win something; return how many."""
    campaigns = Campaign.objects.filter(current__definition__features__has_key="boards", state__in=OVER).order_by("id")
    return sum(_close_due_of(campaign, now=now) for campaign in campaigns)


def _close_due_of(campaign: Campaign, *, now: datetime) -> int:
    definition = published.definition_of(campaign.slug)
    boards = board_rules.of(definition.features) if definition else None
    if definition is None or boards is None:
        return 0
    over = now - GRACE
    closes_at = min(definition.closes_at, over) if definition.ended else definition.closes_at
    zone = zone_of(definition)
    due = board_rules.periods_over(boards, definition.opens_at, closes_at, zone, now=over)
    closed = set(BoardClosing.objects.filter(campaign=campaign).values_list("period", flat=True))
    return sum(close(campaign, boards, period, now=now) for period in due if period not in closed)


@transaction.atomic
def close(campaign: Campaign, boards: Boards, period: str, *, now: datetime) -> bool:
    """Note who won what on a board, and have it granted. False if that was done before."""
    defaults = {"closed_at": now, "winners": 0}
    closing, created = BoardClosing.objects.get_or_create(campaign=campaign, period=period, defaults=defaults)
    if not created:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE,
            {
                "closing": closing.pk,
                "campaign": campaign.pk,
                "period": period,
                "firsts": [prize.first for prize in boards.prizes],
                "lasts": [prize.last for prize in boards.prizes],
                "rewards": [json.dumps(reward_as_json(prize.reward)) for prize in boards.prizes],
                "last": boards.last_rank,
            },
        )
        closing.winners = cursor.rowcount
    closing.save(update_fields=["winners"])
    changes = {"period": [None, period], "winners": [None, closing.winners]}
    audit.record("board.closed", campaign, by=None, now=now, changes=changes)
    grant_later(closing, from_id=0)
    return True


def grant_later(closing: BoardClosing, *, from_id: int, again: str = "") -> None:
    """Have a job grant the prizes that wait, from that of this id on."""
    key = f"rank-prizes:{closing.pk}:{from_id}{again}"
    jobs.enqueue("campaigns.jobs.grant_rank_prizes", key=key, arguments={"closing_id": closing.pk, "from_id": from_id})


def grant_slice(closing_id: int, from_id: int, *, now: datetime) -> int | None:
    """Grant a slice of the prizes that wait, each in a transaction of its own; return the id to go on from, or None.

    Not inside a transaction: what was granted stays granted whatever becomes of the next.
    """
    closing = BoardClosing.objects.select_related("campaign").get(pk=closing_id)
    waiting = closing.prizes.filter(state=State.WAITING, pk__gte=from_id).order_by("pk")
    slice_ = list(waiting.values_list("pk", flat=True)[: SLICE + 1])
    definition = published.definition_of(closing.campaign.slug)
    if definition is None:
        raise LookupError(f"no campaign {closing.campaign.slug} is published")
    for prize_id in slice_[:SLICE]:
        grant(prize_id, definition, closing, now=now)
    return slice_[SLICE] if len(slice_) > SLICE else None


@touches.together()
def grant(prize_id: int, definition: Definition, closing: BoardClosing, *, now: datetime) -> str:
    """Grant one prize, once; return its state."""
    prize = RankPrize.objects.select_related("enrolment").get(pk=prize_id)
    member_id = prize.enrolment.member_id
    # The member comes before anything of theirs, and is not erased meanwhile.
    is_there = locking.hold_by_id(member_id)
    locked = RankPrize.objects.select_for_update(no_key=True).get(pk=prize_id)
    if locked.state != State.WAITING:
        return locked.state
    locked.state = _given(locked, definition, closing, member_id, now=now) if is_there else State.ERASED
    locked.granted_at = now if locked.state == State.GRANTED else None
    locked.save(update_fields=["state", "granted_at"])
    if locked.state == State.GRANTED:
        told = inbox_words.rank_prize(member_id, definition, rank=locked.rank, prize_id=locked.pk)
        inbox.put([told], now=now)
    return locked.state


def _given(prize: RankPrize, definition: Definition, closing: BoardClosing, member_id: int, *, now: datetime) -> State:
    key = f"rank:{definition.slug}:{closing.period}:{member_id}"
    try:
        with transaction.atomic():
            reward, title = parse_reward(prize.reward), f"#{prize.rank}"
            completing.give(definition, member_id, reward, key=key, title=title, now=now)
    except OutOfGifts:
        return State.OUT_OF_GIFTS
    return State.GRANTED


@transaction.atomic
def try_again(closing: BoardClosing, *, by: audit.Actor, now: datetime) -> int:
    """Have the prizes of a board that were out of gifts granted after all; return how many."""
    found = closing.prizes.filter(state=State.OUT_OF_GIFTS).update(state=State.WAITING)
    if found:
        changes = {"period": [None, closing.period], "prizes": [None, found]}
        audit.record("board.prizes_tried_again", closing.campaign, by=by, now=now, changes=changes)
        grant_later(closing, from_id=0, again=f":{now.isoformat()}")
    return found
