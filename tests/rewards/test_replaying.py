"""Draws follow from their records, and simulated ones from the seed."""

import secrets
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from rewards.drawing import draw
from rewards.models import Draw, PrizePool
from rewards.pools import publish_pool
from rewards.replaying import replay_version
from rewards.streaks import broken_streaks
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, pool, published, with_chances

pytestmark = pytest.mark.django_db


def drawn_version(draws=200, roll=lambda: secrets.randbelow(1_000_000)):
    (member,) = with_chances(1, each=draws)
    version = published(
        (gift("gold"), 300_000, 20), (gift("silver"), 200_000, None), consolation=(gift("thanks"), 500_000)
    )
    for number in range(draws):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=roll(), now=NOW)
    return version


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def tamper(sql):
    """Change a draw behind the back of the trigger that refuses it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)


def test_every_draw_replays_and_the_consolation_is_counted_apart():
    version = drawn_version(roll=lambda: 0)
    replay = replay_version(version)
    shares = replay.shares
    assert replay.wrong == []
    assert (shares.rolled["gold"], shares.given["gold"], shares.given["thanks"]) == (200, 20, 180)
    assert shares.fallbacks == {"out_of_stock": 180}
    assert shares.fairness.p_value < 1e-9


def test_the_command_prints_shares_and_the_p_value():
    drawn_version()
    output = run("replay_draws", "wheel")
    assert "version 1: 200 draws" in output
    assert "2 degrees of freedom, p = " in output
    assert output.endswith("200 draws replayed, 0 wrong\n")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rewards_draw SET roll = 999999",
        "UPDATE rewards_draw SET prize = 'silver', rolled = 'silver'",
        "UPDATE rewards_draw SET prize = 'silver', fallback = 'out_of_stock'",
    ],
)
def test_a_draw_that_was_tampered_with_is_found(change):
    drawn_version(draws=1, roll=lambda: 0)
    tamper(change)
    with pytest.raises(CommandError, match=f"#{Draw.objects.get().pk}"):
        run("replay_draws", "wheel")


def guaranteed_version(**rules):
    """Publish a pool in which silver is won at the third draw at the latest."""
    draft = pool((gift("gold"), 1_000, 1), (gift("silver"), 1_000, None), consolation=(gift("thanks"), 998_000))
    PrizePool.objects.update(**({"guarantee_after": 3, "guarantee_prize": "silver"} | rules))
    draft.refresh_from_db()
    return publish_pool(draft, by=None, now=NOW)


def draws_of(version, *rolls):
    (member,) = with_chances(1, each=len(rolls))
    for number, roll in enumerate(rolls):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=roll, now=NOW)
    return list(Draw.objects.order_by("id").values_list("prize", "fallback", "misses"))


def test_guaranteed_wins_replay_from_the_misses_before_them():
    version = guaranteed_version()
    drawn = draws_of(version, 999_999, 999_999, 999_999, 999_999, 0, 999_999, 0, 0)
    assert drawn == [
        ("thanks", "", 0),
        ("thanks", "", 1),
        ("silver", "guaranteed", 2),
        ("thanks", "", 0),
        ("gold", "", 1),
        ("thanks", "", 0),
        ("thanks", "out_of_stock", 1),
        # Gold was hit and is gone, and a win was due.
        ("silver", "out_of_stock", 2),
    ]
    assert replay_version(version).wrong == []
    assert run("replay_draws", "wheel").endswith("8 draws replayed, 0 wrong\n")
    assert books_are_right()


@pytest.mark.parametrize("change", [
    "UPDATE rewards_draw SET prize = 'thanks', fallback = '' WHERE misses = 2",
    "UPDATE rewards_draw SET misses = 1 WHERE misses = 2",
    "UPDATE rewards_draw SET misses = NULL WHERE misses = 0",
    "UPDATE rewards_draw SET closed = '{\"silver\": \"budget\"}' WHERE misses = 2",
    "UPDATE rewards_draw SET closed = '{\"thanks\": \"budget\"}' WHERE misses = 0",
    "UPDATE rewards_draw SET closed = '{\"ufo\": \"budget\"}' WHERE misses = 0",
])  # fmt: skip
def test_a_guaranteed_win_that_was_withheld_is_found(change):
    draws_of(guaranteed_version(), 999_999, 999_999, 999_999)
    tamper(change)
    with pytest.raises(CommandError, match="1 draws do not follow from their records"):
        run("replay_draws", "wheel")


@pytest.mark.parametrize("change", [
    "UPDATE rewards_draw SET misses = 0 WHERE misses = 1",
    "UPDATE rewards_streak SET misses = 1",
    "DELETE FROM rewards_streak",
])  # fmt: skip
def test_misses_that_do_not_follow_from_each_other_are_found(change):
    version = guaranteed_version(guarantee_after=9)
    draws_of(version, 999_999, 999_999, 999_999)
    assert broken_streaks(version.pool) == []
    tamper(change)
    assert broken_streaks(version.pool) == [Draw.objects.first().member_id]
    with pytest.raises(CommandError, match="do not follow from each other"):
        run("replay_draws", "wheel")


def test_draws_from_before_limits_were_told_are_told_what_they_fell_for():
    drawn_version(draws=21, roll=lambda: 0)
    tamper("UPDATE rewards_draw SET closed = '{}'")
    with pytest.raises(CommandError, match="1 draws do not follow"):
        run("replay_draws", "wheel")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(import_module("rewards.migrations.0021_closed_of_earlier_draws").TOLD)
    assert run("replay_draws", "wheel").endswith("21 draws replayed, 0 wrong\n")


def test_an_unknown_pool_is_a_clear_error():
    with pytest.raises(CommandError, match="no prize pool"):
        run("replay_draws", "nowhere")
