"""Leaderboards: who is where, in which week, and the one query that says so."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns import board_rules, friends, leaderboards, playing, published, scoring
from campaigns.definition import DefinitionError
from campaigns.models import BoardScore, Completion, Enrolment, Help, Invitation
from campaigns.zones import zone_of
from members import erasing
from operations.books import count_violations
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db

BOARDS = {"boards": ["all", "week", "friends"]}


def enrolled(uid, **fields):
    campaign = scenes.Campaign.objects.get(slug="autumn")
    return Enrolment.objects.create(campaign=campaign, member=scenes.make_member(uid, **fields), joined_at=scenes.NOW)


def score(enrolment, amount, minutes=0):
    return scoring.add(enrolment.pk, amount, now=scenes.NOW + timedelta(minutes=minutes))


def listed(places):
    return [(each.rank, each.uid, each.score) for each in places]


@pytest.fixture
def campaign():
    return scenes.publish(features={"boards": BOARDS}, time_zone="Asia/Shanghai")


@pytest.fixture
def four(campaign):
    """Ann 30, Ben 20 and Cyd 20, Ben first, Dot 10."""
    ann, ben, cyd, dot = (enrolled(uid, name=f"{uid} Fang") for uid in ("ann", "ben", "cyd", "dot"))
    score(ann, 30)
    score(ben, 20, minutes=1)
    score(cyd, 20, minutes=2)
    score(dot, 10)
    return ann, ben, cyd, dot


def test_ties_share_the_rank_and_the_earlier_score_is_listed_first(campaign, four):
    assert listed(leaderboards.top(campaign.pk, "all", limit=10)) == [
        (1, "ann", 30), (2, "ben", 20), (2, "cyd", 20), (4, "dot", 10),
    ]  # fmt: skip
    assert [leaderboards.own_place(campaign.pk, each.pk, "all").rank for each in four] == [1, 2, 2, 4]


def test_whoever_gets_there_again_is_later(campaign, four):
    _ann, ben, cyd, _dot = four
    score(ben, 5, minutes=9)
    score(cyd, 5, minutes=8)
    assert listed(leaderboards.top(campaign.pk, "all", limit=3)) == [(1, "ann", 30), (2, "cyd", 25), (2, "ben", 25)]


def test_names_are_masked(campaign, four):
    assert leaderboards.top(campaign.pk, "all", limit=1)[0].name == "a**"


def test_whoever_was_erased_is_on_no_board(campaign, four):
    erasing.erase(four[0].member_id, by=None, reason="asked", now=scenes.NOW)
    assert [each.rank for each in leaderboards.top(campaign.pk, "all", limit=3)] == [1, 1, 3]
    assert leaderboards.own_place(campaign.pk, four[3].pk, "all").rank == 3


def test_whoever_is_held_back_for_review_is_on_no_board_until_it_is_decided(campaign, four):
    Completion.objects.create(
        enrolment=four[0], task_key="check-in", period="once", completed_at=scenes.NOW, held_at=scenes.NOW
    )
    Completion.objects.create(
        enrolment=four[0], task_key="check-in", period="twice", completed_at=scenes.NOW, held_at=scenes.NOW
    )
    assert listed(leaderboards.top(campaign.pk, "all", limit=2)) == [(1, "ben", 20), (1, "cyd", 20)]
    assert leaderboards.own_place(campaign.pk, four[3].pk, "all").rank == 3
    assert leaderboards.own_place(campaign.pk, four[0].pk, "all") == leaderboards.OwnPlace(None, 30)
    Completion.objects.filter(task_key="check-in").update(refused_at=scenes.NOW)
    assert leaderboards.own_place(campaign.pk, four[0].pk, "all").rank == 1


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 11, 15, 15, 59, 59, 999_000, UTC), "2026-W46"),
        (datetime(2026, 11, 15, 16, tzinfo=UTC), "2026-W47"),
        (datetime(2027, 1, 3, 15, 59, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 16, tzinfo=UTC), "2027-W01"),
    ],
)
def test_a_week_is_that_of_the_campaign_s_zone(campaign, moment, week):
    ann = enrolled("ann")
    scoring.add(ann.pk, 5, now=moment)
    assert set(BoardScore.objects.values_list("period", "score")) == {("all", 5), (week, 5)}
    zone = zone_of(published.definition_of("autumn"))
    assert leaderboards.period_of("week", moment, zone) == week


def test_a_new_week_begins_at_nought(campaign):
    ann = enrolled("ann")
    assert score(ann, 5) == 5
    assert scoring.add(ann.pk, 7, now=scenes.NOW + timedelta(days=7)) == 12
    assert sorted(BoardScore.objects.values_list("period", "score")) == [("2026-W46", 5), ("2026-W47", 7), ("all", 12)]
    assert all(count.violations == 0 for count in count_violations() if count.name.startswith("campaigns: "))


def test_friends_are_ranked_among_themselves(campaign, four, monkeypatch):
    _ann, ben, _cyd, dot = four
    assert listed(leaderboards.among_friends(campaign.pk, dot.member_id)) == [(1, "dot", 10)]
    monkeypatch.setattr(
        friends, "_known", [lambda member, _campaign: [ben.member_id] if member == dot.member_id else []]
    )
    assert listed(leaderboards.among_friends(campaign.pk, dot.member_id)) == [(1, "ben", 20), (2, "dot", 10)]


def test_a_completed_task_is_on_the_board(campaign):
    scenes.publish(slug="spring", features={"boards": BOARDS}, tasks=[scenes.task("check-in", reward={"score": 8})])
    ann = scenes.make_member("ann")
    playing.submit(ann, "spring", "check-in", {}, now=scenes.NOW)
    assert listed(leaderboards.top(scenes.Campaign.objects.get(slug="spring").pk, "all", limit=9)) == [(1, "ann", 8)]


def test_the_own_rank_and_the_top_are_read_from_the_index_of_the_board(campaign, four):
    """Of so few rows a scan and a sort would be cheaper: they are switched off, and no plan may need them."""
    values = {"campaign": campaign.pk, "period": "all", "enrolment": four[0].pk, "limit": 50}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        for sql in (leaderboards.RANK, leaderboards.TOP):
            cursor.execute(f"EXPLAIN {sql}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan" not in plan
            assert "board_score_in_order" in plan
            assert "Sort" not in plan


FAULTY = [
    ({}, "boards"),
    ({"boards": []}, "boards"),
    ({"boards": ["all", "all"]}, "boards"),
    ({"boards": ["month"]}, "boards[0]"),
    ({"boards": ["all"], "shown": 101}, "shown"),
    ({"boards": ["all"], "prizes_for": "friends"}, "prizes_for"),
    ({"boards": ["all"], "prizes": [{"from": 2, "to": 1, "reward": {"points": 1}}]}, "prizes[0].to"),
    ({"boards": ["all"], "prizes": [{"from": 1, "to": 1, "reward": {}}]}, "prizes[0].reward"),
    ({"boards": ["all"], "prizes": [{"from": 1, "to": 1, "reward": {"score": 1}}]}, "prizes[0].reward.score"),
    (
        {
            "boards": ["all"],
            "prizes": [{"from": 1, "to": 3, "reward": {"points": 1}}, {"from": 3, "to": 4, "reward": {"points": 1}}],
        },
        "prizes[1].from",
    ),
    ({"boards": ["all"], "more": 1}, "more"),
]


@pytest.mark.parametrize(("config", "path"), FAULTY, ids=[path for _config, path in FAULTY])
def test_what_is_wrong_with_a_configuration_is_named_by_its_path(config, path):
    with pytest.raises(DefinitionError) as error:
        board_rules.parse(config)
    assert error.value.path == path


def test_the_weeks_of_a_campaign_end_with_it():
    zone = timezone.get_fixed_timezone(480)
    opens, closes = datetime(2026, 11, 11, tzinfo=zone), datetime(2026, 11, 25, tzinfo=zone)
    assert [(key, ends.date().isoformat()) for key, ends in board_rules.weeks(opens, closes, zone)] == [
        ("2026-W46", "2026-11-16"),
        ("2026-W47", "2026-11-23"),
        ("2026-W48", "2026-11-25"),
    ]


@pytest.mark.parametrize(
    ("scores", "ranks"), [([], []), ([5], [1]), ([9, 5, 5, 3], [1, 2, 2, 4]), ([4, 4, 4], [1, 1, 1])]
)
def test_shared_ranks(scores, ranks):
    assert list(board_rules.shared_ranks(scores)) == ranks


def test_whoever_invited_or_helped_whom_is_a_friend_of_the_other(campaign, four):
    ann, ben, cyd, dot = four
    Invitation.objects.create(inviter=ann, invitee=ben, task_key="invite", invited_at=scenes.NOW)
    where = {"task_key": "assist", "period": "once"}
    Help.objects.create(helped=cyd, helper=ann, number=1, of=2, helped_at=scenes.NOW, **where)
    found = {each.member.uid: set(friends.of(each.member_id, campaign.pk)) for each in four}
    assert found == {
        "ann": {ben.member_id, cyd.member_id},
        "ben": {ann.member_id},
        "cyd": {ann.member_id},
        "dot": set(),
    }
    assert friends.are(ben.member_id, ann.member_id, campaign.pk)
    assert not friends.are(ben.member_id, dot.member_id, campaign.pk)
