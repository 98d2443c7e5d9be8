"""Draws follow from their records, and simulated ones from the seed."""

import secrets
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from rewards.drawing import draw
from rewards.models import Draw
from rewards.replaying import replay_version
from rewards.simulating import simulate
from tests.rewards.build import NOW, SCOPE, gift, published, with_chances

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
    assert replay.wrong == []
    assert (replay.rolled["gold"], replay.given["gold"], replay.given["thanks"]) == (200, 20, 180)
    assert replay.fallbacks == {"out_of_stock": 180}
    assert replay.fairness.p_value < 1e-9


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


@pytest.mark.parametrize("command", [("replay_draws",), ("simulate_pool", "--draws", "5")])
def test_an_unknown_pool_is_a_clear_error(command):
    with pytest.raises(CommandError, match="no prize pool"):
        run(*command, "nowhere")


def test_a_simulation_follows_from_its_seed_and_keeps_to_the_stock():
    version = published((gift("gold", cost=Decimal("12.50")), 300_000, 20), consolation=(gift("thanks"), 700_000))
    first, again = (simulate(version, draws=10_000, seed=7) for _time in range(2))
    assert first == again
    gold, thanks = first
    assert (gold.given, gold.cost, thanks.given) == (20, Decimal("250.00"), 9_980)
    assert 20 <= gold.dry_at <= 200


def test_a_simulation_without_limits_gives_the_published_shares():
    version = published((gift("gold"), 300_000, None), consolation=(gift("thanks"), 700_000))
    gold, thanks = simulate(version, draws=1_000_000, seed=7)
    assert gold.given + thanks.given == 1_000_000
    assert gold.given / 1_000_000 == pytest.approx(0.3, abs=0.003)


def test_the_simulation_command_prints_shares_and_the_cost():
    published((gift("gold", cost=2), 300_000, 10), consolation=(gift("thanks"), 700_000))
    output = run("simulate_pool", "wheel", "--draws", "1000", "--seed", "1")
    assert "runs out at draw" in output
    assert "total cost 20.00 for 1000 draws, seed 1" in output
