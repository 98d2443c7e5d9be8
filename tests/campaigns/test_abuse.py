"""Every way to cheat that was thought of, over HTTP as a shop's backend and as a browser: each is refused, clearly.

What belongs to one kind of task alone is here too, so that the list can be read in one place.
"""

from datetime import timedelta

import pytest

from campaigns import playing
from campaigns.models import Completion, Progress
from rewards.ledger import balances
from tests.campaigns.scenes import DAY, NOW, RIGHT, chain, make_member, publish, task
from tests.campaigns.test_api import Shop
from tests.campaigns.test_pages import signed_in

pytestmark = pytest.mark.django_db
TASK = "campaigns/autumn/members/ann/tasks/"


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def ann():
    return make_member()


@pytest.fixture
def shop(client):
    return Shop(client, "eligibility", "play")


@pytest.fixture
def visitor(ann, settings):
    from django.test import Client

    settings.SECURE_SSL_REDIRECT = False
    return signed_in(Client(), ann)


def points(member):
    return balances(member.pk).get("points", 0)


def told(visitor, address, payload=None):
    """What a browser reads after it has sent a form: the status that ended it, and the page."""
    answer = visitor.post(f"/h5/c/autumn/t/{address}/", payload or {}, follow=True)
    return answer.status_code, answer.text


def test_a_second_check_in_on_the_day(shop, visitor, ann, time_machine):
    publish(tasks=[task("check-in", period="daily")])
    # 23:59 of the 11th in Shanghai, by whichever door.
    time_machine.move_to(NOW.replace(hour=15, minute=59), tick=False)
    assert shop.post(f"{TASK}check-in/submit/")[0] == 200

    assert shop.post(f"{TASK}check-in/submit/", key="second")[1]["code"] == "done"
    status, page = told(visitor, "check-in")
    assert status == 200
    assert "You have already done this." in page
    assert points(ann) == 10
    time_machine.move_to(NOW.replace(hour=16), tick=False)
    assert shop.post(f"{TASK}check-in/submit/", key="third")[0] == 200


@pytest.mark.parametrize("field", ["date", "day", "now", "time_zone", "tz", "period", "streak", "count"])
def test_a_date_or_a_time_zone_that_the_client_sends(shop, visitor, ann, field):
    publish(tasks=[task("check-in", period="daily")])
    sent = {field: "2026-11-12"}

    status, answer = shop.post(f"{TASK}check-in/submit/", sent)
    assert (status, answer["code"], list(answer["fields"])) == (400, "bad_submission", [field])
    assert told(visitor, "check-in", sent)[0] == 422
    assert not Completion.objects.exists()


def test_a_step_too_early(shop, visitor, ann):
    publish(tasks=[task("one"), task("two", "quiz")], chains=[chain("path", "one", "two")])

    status, answer = shop.post(f"{TASK}two/submit/", RIGHT)
    assert (status, answer["code"]) == (409, "step_locked")
    assert shop.post(f"{TASK}two/accept/", key="b")[1]["code"] == "step_locked"
    assert shop.post(f"{TASK}two/claim/", key="c")[1]["code"] == "step_locked"
    assert "Finish the step before this one first." in told(visitor, "two", {"q0": "1", "q1": "2"})[1]
    assert points(ann) == 0


def test_a_reward_that_is_claimed_before_its_task_is_done_and_twice(shop, ann):
    publish(tasks=[task("check-in", claim_mode="by_hand")])

    assert shop.post(f"{TASK}check-in/claim/", key="a")[1]["code"] == "not_done"
    assert shop.post(f"{TASK}check-in/submit/", key="b")[0] == 200
    assert shop.post(f"{TASK}check-in/claim/", key="c")[0] == 200
    assert shop.post(f"{TASK}check-in/claim/", key="d")[1]["code"] == "done"
    assert points(ann) == 10


def test_more_taps_than_a_person_makes(shop, visitor, settings, ann):
    settings.FRAUD_MEMBER_MOVES = 2
    publish(tasks=[task(key) for key in ("one", "two", "three")])
    assert [shop.post(f"{TASK}{key}/submit/", key=key)[0] for key in ("one", "two")] == [200, 200]

    status, answer = shop.post(f"{TASK}three/submit/", key="three")
    assert (status, answer["code"]) == (429, "too_fast")
    headers = shop._headers() | {"Idempotency-Key": "four"}
    refused = shop.client.post(f"/api/v1/{TASK}three/submit/", "{}", content_type="application/json", headers=headers)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "That was too fast." in told(visitor, "three")[1]
    assert points(ann) == 20


def test_more_days_made_up_than_a_person_taps(visitor, settings):
    settings.FRAUD_MEMBER_MOVES = 2
    rules = {"days_back": 3, "per_month": 2, "unit": "points", "price": 20}
    publish(tasks=[task("check-in", period="daily", config={"make_up": rules})])
    address = "/h5/c/autumn/t/check-in/make-up/"

    pages = [visitor.post(address, {"day": "no day"}, follow=True).content.decode() for _ in range(3)]

    assert ["That was too fast." in page for page in pages] == [False, False, True]


def test_many_accounts_in_one_browser(visitor, client, settings):
    """The cookie of the device stays when another member signs in."""
    publish()
    for number in range(4):
        signed_in(visitor, make_member(f"m{number}"))
        visitor.get("/h5/c/autumn/")
        status, page = told(visitor, "check-in")
        assert status == 200
    assert "We are checking this." in page
    assert Completion.objects.filter(held_at=None).count() == 3


def test_many_accounts_on_a_device_that_the_shop_names(shop):
    publish()
    states = []
    for number in range(4):
        make_member(f"m{number}")
        states.append(named(shop, f"m{number}", "phone-1", "203.0.113.9")[1]["state"])
    assert states == ["done", "done", "done", "held"]
    make_member("m4")
    assert named(shop, "m4", "phone-1", "no address")[1]["code"] == "origin_invalid"


def named(shop, uid, device, address):
    headers = {"Participant-Device": device, "Participant-Address": address, "Idempotency-Key": uid}
    answer = shop.client.post(
        f"/api/v1/campaigns/autumn/members/{uid}/tasks/check-in/submit/",
        "{}",
        content_type="application/json",
        headers=shop._headers() | headers,
    )
    return answer.status_code, answer.json()


def test_answers_are_not_told_before_a_quiz_is_handed_in(shop, visitor, ann):
    secret = {"text": "Which?", "choices": ["this", "that"], "answer": 1}
    publish(tasks=[task("quiz", "quiz", config={"questions": [secret], "pass": 1})])
    told_before = [
        shop.get("members/ann/eligibility/")[1],
        shop.post(f"{TASK}quiz/enter/", key="a")[1],
        shop.post(f"{TASK}quiz/accept/", key="b")[1],
    ]
    for answer in told_before:
        assert "answer" not in str(answer)
    page = visitor.get("/h5/c/autumn/t/quiz/").text
    assert "Which?" in page
    assert "data-answer" not in page
    assert "checked" not in page


@pytest.mark.parametrize("chosen", [{"q0": "2", "q1": "0"}, {"q0": "0", "q1": "7"}, {"q0": "-1", "q1": "0"}])
def test_an_option_of_another_quiz(shop, visitor, ann, chosen):
    publish(tasks=[task("quiz", "quiz"), task("other", "quiz")])

    status, answer = shop.post(f"{TASK}quiz/submit/", chosen)
    assert (status, answer["code"]) == (400, "bad_submission")
    assert told(visitor, "quiz", chosen)[0] == 422
    assert not Completion.objects.exists()
    assert not Progress.objects.filter(count__gt=0).exists()


def test_what_another_member_or_another_campaign_earned_cannot_be_claimed(shop, ann):
    publish(tasks=[task("check-in", claim_mode="by_hand")])
    ben = make_member("ben")
    playing.submit(ben, "autumn", "check-in", {}, now=NOW)

    assert shop.post(f"{TASK}check-in/claim/")[1]["code"] == "not_done"
    assert shop.post("campaigns/winter/members/ann/tasks/check-in/claim/", key="b")[0] == 404
    assert shop.post(f"{TASK}no-task/submit/", key="c")[0] == 404


def test_a_task_finished_after_its_time(shop, ann, time_machine):
    publish(tasks=[task("check-in", claim_mode="accept_first", finish_within=30)])

    assert shop.post(f"{TASK}check-in/submit/", key="a")[1]["code"] == "not_accepted"
    assert shop.post(f"{TASK}check-in/accept/", key="b")[0] == 200
    time_machine.move_to(NOW + timedelta(minutes=30), tick=False)
    assert shop.post(f"{TASK}check-in/submit/", key="c")[1]["code"] == "too_late"
    time_machine.move_to(NOW + DAY, tick=False)
    assert shop.post(f"{TASK}check-in/accept/", key="d")[0] in {200, 409}
    assert points(ann) == 0
