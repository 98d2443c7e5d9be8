"""Draws follow from their records, and simulated ones from the seed."""

import secrets
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from rewards.drawing import draw
from rewards.models import Draw
from rewards.replaying import replay_version
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


def test_an_unknown_pool_is_a_clear_error():
    with pytest.raises(CommandError, match="no prize pool"):
        run("replay_draws", "nowhere")
