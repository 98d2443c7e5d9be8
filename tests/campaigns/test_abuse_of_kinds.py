"""The ways to cheat in single kinds of tasks, over HTTP: links, friends, quizzes, games. Each is refused clearly."""

from datetime import timedelta

import pytest

from campaigns.games import signing
from campaigns.models import Completion
from campaigns.share_links import ShareLink, address, seal
from tests.campaigns.friends import answer, enrol, link_of
from tests.campaigns.scenes import CLOSES, DAY, NOW, QUIZ, make_member, publish, task
from tests.campaigns.test_abuse import points
from tests.campaigns.test_api import Shop
from tests.campaigns.test_pages import signed_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
CATCH = {"game": "catch", "seconds": 10, "pass": 1, "best": 60}
HOSTED = {"game": "hosted", "url": "https://games.example/jump/", "pass": 90, "best": 100}
HOSTED |= {"least_seconds": 5, "most_score": 100, "most_per_second": 5}


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def call(client):
    """A move by the API: its status and its answer."""
    shop, asked = Shop(client, "play"), iter(range(100))

    def move(uid, key, payload=None, move="submit"):
        path = f"campaigns/autumn/members/{uid}/tasks/{key}/{move}/"
        return shop.post(path, payload or {}, key=f"key-{next(asked)}")

    return move


def invite(**config):
    return task("invite", "invite", config={"count": 1, "qualify": "enter"} | config)


# Links


def links(ann):
    """Bad links of ann's to the task "help", and the status of each."""
    enrolment = ann.enrolments.get().pk
    token = link_of(ann, "help")
    altered = token[:5] + ("A" if token[5] != "A" else "B") + token[6:]
    return [
        (altered, 400, "link_altered"),
        (token[:-1], 400, "link_altered"),
        (seal(ShareLink(enrolment, "help", NOW - DAY)), 410, "link_expired"),
        (seal(ShareLink(enrolment, "gone", CLOSES)), 404, "link_unknown"),
        (seal(ShareLink(10**9, "help", CLOSES)), 404, "link_unknown"),
    ]


def test_an_altered_an_expired_and_a_foreign_link(client, call, settings):
    settings.SECURE_SSL_REDIRECT = False
    publish(tasks=[task("help", "assist", config={"helps": 2})])
    ann, bob = enrol("ann"), make_member("bob")
    bad = links(ann)

    for token, status, code in bad:
        told = call("bob", "help", {"link": token})
        assert (told[0], told[1]["code"]) == (status, code)
    signed_in(client, bob)
    for token, status, _code in bad:
        assert client.get(address(token)).status_code == client.post(address(token)).status_code == status
    assert not Completion.objects.exists()


# Friends


def test_an_invitation_of_oneself(call):
    publish(tasks=[invite()])
    ann = enrol("ann")
    assert call("ann", "invite", {"link": link_of(ann, "invite")})[1]["code"] == "own_link"
    assert points(ann) == 0


def test_a_ring_of_invitations(call):
    publish(tasks=[invite(count=2)])
    ann, bob, cas = enrol("ann"), make_member("bob"), make_member("cas")
    answer(bob, link_of(ann, "invite"), "invite")
    answer(cas, link_of(bob, "invite"), "invite")
    for inviter in (bob, cas):
        status, told = call("ann", "invite", {"link": link_of(inviter, "invite")})
        assert (status, told["code"]) == (409, "entered_before")
    assert points(bob) == points(cas) == 0


def test_a_second_inviter(call):
    publish(tasks=[invite()])
    ann, cas, bob = enrol("ann"), enrol("cas"), make_member("bob")
    answer(bob, link_of(ann, "invite"), "invite")
    status, told = call("bob", "invite", {"link": link_of(cas, "invite")})
    assert (status, told["code"]) == (409, "invited_before")
    assert (points(ann), points(cas)) == (10, 0)


def test_credit_before_the_friend_has_done_what_counts(call):
    publish(tasks=[invite(qualify="buy") | {"claim_mode": "by_hand"}])
    ann, bob = enrol("ann"), make_member("bob")
    answer(bob, link_of(ann, "invite"), "invite")

    assert call("ann", "invite", move="claim")[1]["code"] == "not_done"
    assert call("ann", "invite", {"qualified": 1})[1]["code"] == "bad_submission"
    assert call("ann", "invite")[1]["completed"] is False
    assert points(ann) == 0


def test_a_friend_on_the_inviters_own_device(client):
    publish(tasks=[invite(), task("check-in")])
    ann = enrol("ann")
    token = link_of(ann, "invite")
    make_member("bob")
    headers = Shop(client, "play")._headers() | {"Participant-Device": "phone-1"}
    for uid, key, payload in [("ann", "check-in", {}), ("bob", "invite", {"link": token})]:
        path = f"/api/v1/campaigns/autumn/members/{uid}/tasks/{key}/submit/"
        sent = headers | {"Idempotency-Key": uid}
        assert client.post(path, payload, content_type="application/json", headers=sent).status_code == 200
    held = Completion.objects.get(task_key="invite")
    assert held.held_for == ["same_device"]
    assert points(ann) == 10


# Quizzes and games


def test_a_quiz_handed_in_within_a_second(call, time_machine):
    publish(tasks=[task("quiz", "quiz", config=QUIZ | {"least_seconds": 5})])
    ann = make_member()
    sheet = call("ann", "quiz", move="accept")[1]["result"]["sheet"]
    right = {"sheet": sheet, "q0": "1", "q1": "2"}

    time_machine.move_to(NOW + timedelta(seconds=1), tick=False)
    status, told = call("ann", "quiz", right)
    assert (status, told["code"]) == (409, "quiz_too_quick")
    make_member("bob")
    assert call("bob", "quiz", right)[1]["code"] == "quiz_not_begun"
    assert points(ann) == 0
    time_machine.move_to(NOW + MINUTE, tick=False)
    assert call("ann", "quiz", right)[1]["completed"]


def test_a_forged_game_score(call, time_machine):
    publish(tasks=[task("catch", "mini_game", config=CATCH), task("jump", "mini_game", config=HOSTED)])
    ann = make_member()
    played = call("ann", "catch", move="accept")[1]["result"]["round"]
    jumped = call("ann", "jump", move="accept")[1]["result"]

    assert call("ann", "catch", {"round": played, "score": 59, "moves": ""})[1]["code"] == "round_too_fast"
    time_machine.move_to(NOW + MINUTE, tick=False)
    assert call("ann", "catch", {"round": played, "score": 59, "moves": ""})[1]["code"] == "game_altered"
    signed = signed_result(jumped, 80)
    assert call("ann", "jump", signed | {"score": 99})[1]["code"] == "game_not_signed"
    assert call("ann", "jump", signed | {"score": 99})[0] == 403
    assert call("ann", "jump", signed_result(jumped, 101))[1]["code"] == "game_beyond_limits"
    assert points(ann) == 0


def test_a_replayed_game_score(call, time_machine):
    publish(tasks=[task("jump", "mini_game", config=HOSTED)])
    ann = make_member()
    make_member("bob")
    signed = signed_result(call("ann", "jump", move="accept")[1]["result"], 80)
    time_machine.move_to(NOW + MINUTE, tick=False)
    assert call("ann", "jump", signed)[0] == 200

    assert call("ann", "jump", signed)[1]["code"] == "round_used"
    assert call("bob", "jump", signed)[1]["code"] == "round_not_begun"
    assert points(ann) == 0


def signed_result(begun, score):
    named = begun["round"]
    return {"round": named, "score": score, "signature": signing.signature(begun["key"], named, score)}
