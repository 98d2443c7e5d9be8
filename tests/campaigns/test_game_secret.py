import pytest
from django.core.management import CommandError, call_command

from campaigns import playing
from campaigns.games import signing
from campaigns.refusals import Refused
from tests.campaigns.scenes import DAY, NOW, make_member, publish, task

pytestmark = pytest.mark.django_db
OUTSIDE = {"game": "outside", "pass": 10, "best": 100}


def printed(capsys, *names):
    call_command("game_secret", *names)
    return capsys.readouterr().out.strip()


def test_a_result_signed_with_the_printed_secret_counts(capsys):
    publish(tasks=[task("game", "mini_game", config=OUTSIDE), task("other", "mini_game", config=OUTSIDE)])
    ann = make_member()
    begun = playing.accept(ann, "autumn", "game", now=NOW).result["round"]
    payload = {"round": begun, "score": 50, "moves": ""}
    for names, counts in ((("autumn", "other"), False), (("autumn", "game"), True)):
        signed = payload | {"signature": signing.signature(printed(capsys, *names), begun, 50)}
        if counts:
            assert playing.submit(ann, "autumn", "game", signed, now=NOW + DAY / 48).completed
        else:
            with pytest.raises(Refused, match="game_not_signed"):
                playing.submit(ann, "autumn", "game", signed, now=NOW + DAY / 48)


def test_another_number_makes_another_secret(capsys):
    publish(tasks=[task("game", "mini_game", config=OUTSIDE), task("new", "mini_game", config=OUTSIDE | {"secret": 2})])
    assert (
        printed(capsys, "autumn", "new")
        == signing.secret_of("autumn", "new", 2)
        != signing.secret_of("autumn", "new", 1)
    )


def test_a_secret_of_a_key_that_is_being_replaced_still_signs(settings):
    settings.PERSONAL_DATA_KEYS = ["old"]
    old = signing.secret_of("autumn", "game", 1)
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    assert signing.secret_of("autumn", "game", 1) != old
    signing.check(signing.secrets_of("autumn", "game", 1), signing.signature(old, "r", 1), "r", 1)


@pytest.mark.parametrize("names", [("autumn", "gone"), ("gone", "game"), ("autumn", "check-in")])
def test_a_task_without_an_outside_game_has_no_secret(names):
    publish(tasks=[task("game", "mini_game", config=OUTSIDE), task("check-in")])
    with pytest.raises(CommandError, match="no task"):
        call_command("game_secret", *names)
