"""Scores that come at once are all on the board; a board is closed once, and each of its prizes granted once."""

import pytest

from campaigns import board_rules, rank_prizes, scoring
from campaigns.models import BoardClosing, BoardScore, Enrolment, RankPrize
from campaigns.published import definition_of
from operations.books import count_violations
from operations.models import AuditRecord
from rewards.ledger import balances
from tests.campaigns import scenes
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

OVER = scenes.CLOSES + rank_prizes.GRACE
CROWD = 20
BOARDS = {"boards": ["all"], "prizes": [{"from": 1, "to": 9, "reward": {"points": 10}}]}


@pytest.fixture
def campaign():
    return scenes.publish(features={"boards": BOARDS})


def enrolled(campaign, uid):
    return Enrolment.objects.create(campaign=campaign, member=scenes.make_member(uid), joined_at=scenes.NOW)


def test_scores_of_one_member_at_once_are_all_counted(campaign):
    ann = enrolled(campaign, "ann")
    at_once(CROWD, lambda _caller: scoring.add(ann.pk, 3, now=scenes.NOW))
    assert set(BoardScore.objects.values_list("period", "score")) == {("all", 60), ("2026-W46", 60)}
    assert [count for count in count_violations() if count.violations] == []


def test_a_board_is_closed_once(campaign):
    scoring.add(enrolled(campaign, "ann").pk, 3, now=scenes.NOW)
    told = at_once(CROWD, lambda _caller: rank_prizes.close(campaign, board_rules.parse(BOARDS), "all", now=OVER))
    assert sorted(told) == [False] * (CROWD - 1) + [True]
    assert AuditRecord.objects.filter(action="board.closed").count() == RankPrize.objects.count() == 1


def test_a_prize_is_granted_once(campaign):
    ann = enrolled(campaign, "ann")
    scoring.add(ann.pk, 3, now=scenes.NOW)
    rank_prizes.close_due(now=OVER)
    closing, prize = BoardClosing.objects.get(), RankPrize.objects.get()
    told = at_once(CROWD, lambda _caller: rank_prizes.grant(prize.pk, definition_of("autumn"), closing, now=OVER))
    assert set(told) == {"granted"}
    assert balances(ann.member_id)["points"] == 10
