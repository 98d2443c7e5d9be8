"""The API of campaigns, called as a client calls it."""

import json

import pytest

from campaigns import playing
from campaigns.models import Completion, Enrolment
from operations.api_keys import create_api_key
from rewards.models import Draw
from tests.campaigns.scenes import CLOSES, NOW, make_level, make_member, pool, publish, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


class Shop:
    """The shop's backend, with a key of its own."""

    def __init__(self, client, *scopes):
        self.client = client
        self.key = create_api_key("shop", scopes)[1]

    def get(self, path):
        return self._answer(self.client.get(f"/api/v1/{path}", headers=self._headers()))

    def post(self, path, body=None, key="first"):
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self._answer(
            self.client.post(
                f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers
            )
        )

    def _headers(self):
        return {"Authorization": f"Api-Key {self.key}", "Accept-Language": "en"}

    def _answer(self, response):
        return response.status_code, response.json()


@pytest.fixture
def shop(client):
    return Shop(client, "eligibility", "play")


@pytest.fixture
def ann():
    pools = [pool("paid", audience={"levels": ["paid"]}), pool("everyone")]
    tasks = [task("check-in", reward={"chances": 1}), task("quiz", "quiz", audience={"levels": ["paid"]})]
    make_level("paid")
    publish(tasks=tasks, pools=pools)
    return make_member()


def test_eligibility_says_what_a_member_gets_and_why_not_the_rest(shop, ann):
    status, answer = shop.get("members/ann/eligibility/")

    assert status == 200
    assert answer == {
        "uid": "ann",
        "known": True,
        "campaigns": [
            {
                "campaign": "autumn",
                "name": "Campaign autumn",
                "revision": 1,
                "eligible": True,
                "reason": None,
                "score": 0,
                "chances": 0,
                "pool": "everyone",
                "draw": {
                    "bucket": "",
                    "chances": 0,
                    "pool": "everyone",
                    "price": None,
                    "stage": "wheel",
                    "why": "everyone",
                    "by": {},
                    "reason": None,
                    "refusals": [{"pool": "paid", "code": "level", "message": "This is for members of another level."}],
                    "passed_over": None,
                    "score_needed": None,
                },
                "draws": [],
                "tasks": [
                    {
                        "key": "check-in",
                        "title": "Task check-in",
                        "kind": "checkin",
                        "state": "open",
                        "reason": None,
                        "count": 0,
                        "target": 1,
                        "times": None,
                        "until": None,
                    },
                    {
                        "key": "quiz",
                        "title": "Task quiz",
                        "kind": "quiz",
                        "state": "refused",
                        "reason": {"code": "level", "message": "This is for members of another level."},
                        "count": 0,
                        "target": 2,
                        "times": None,
                        "until": None,
                    },
                ],
                "chains": [],
                "poster": {
                    "banner": None,
                    "colour": "#d4380d",
                    "tagline": "",
                    "organiser": "The shop",
                    "address": "http://testserver/h5/c/autumn/",
                    "opens_at": "2026-11-01T00:00:00+00:00",
                    "closes_at": "2026-12-01T00:00:00+00:00",
                },
            }
        ],
    }


def test_one_campaign_answers_like_all_of_them(shop, ann):
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    bob = make_member("bob")

    for member in (ann, bob):
        everything = shop.get(f"members/{member.uid}/eligibility/")
        assert shop.get(f"members/{member.uid}/eligibility/?campaign=autumn") == everything
    _, answer = shop.get("members/ann/eligibility/")
    assert (answer["campaigns"][0]["tasks"][0]["state"], answer["campaigns"][0]["chances"]) == ("done", 1)


def test_a_campaign_that_is_over_is_answered_when_asked_for(shop, ann, time_machine):
    time_machine.move_to(CLOSES, tick=False)

    assert shop.get("members/ann/eligibility/")[1]["campaigns"] == []
    _, answer = shop.get("members/ann/eligibility/?campaign=autumn")
    assert (answer["campaigns"][0]["eligible"], answer["campaigns"][0]["reason"]["code"]) == (False, "closed")


def test_messages_come_in_the_language_asked_for(client, ann):
    shop = Shop(client, "eligibility")
    answers = [
        client.get(
            "/api/v1/members/ann/eligibility/",
            headers={"Authorization": f"Api-Key {shop.key}", "Accept-Language": language},
        ).json()["campaigns"][0]["tasks"][1]["reason"]["code"]
        for language in ("en", "zh-hans")
    ]

    assert answers == ["level", "level"]


def test_many_members_are_answered_in_their_order_and_unknown_ones_named(shop, ann):
    make_member("bob", level=make_level("paid"))

    status, answer = shop.post(
        "eligibility/", {"uids": ["bob", "nobody", "ann", "bob"], "campaign": "autumn"}, key=None
    )

    assert status == 200
    assert [(member["uid"], member["pool"]) for member in answer["members"]] == [("bob", "paid"), ("ann", "everyone")]
    assert answer["unknown"] == ["nobody"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"uids"}),
        ({"uids": [], "campaign": "autumn"}, {"uids"}),
        ({"uids": [1], "campaign": "autumn"}, {"uids"}),
        ({"uids": ["a"] * 1001, "campaign": "autumn"}, {"uids"}),
        ({"uids": ["a"], "campaign": 1}, {"campaign"}),
        ({"uids": ["a"], "campaign": "autumn", "explain": "yes"}, {"explain"}),
        ({"uids": ["a"], "campaign": "autumn", "defualt": True}, {"defualt"}),
        ({"uids": ["a"] * 51, "campaign": "autumn", "explain": True}, {"uids"}),
        ({"uids": ["a"] * 51}, {"uids"}),
    ],
)
def test_a_faulty_question_is_named_by_field(shop, ann, body, fields):
    status, answer = shop.post("eligibility/", body, key=None)

    assert (status, answer["code"], set(answer["fields"])) == (400, "invalid", fields)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("members/nobody/eligibility/", "unknown_member"),
        ("members/nobody/eligibility/?campaign=autumn", "unknown_member"),
        ("members/ann/eligibility/?campaign=nothing", "not_published"),
    ],
)
def test_what_is_unknown_is_404_by_name(shop, ann, path, code):
    status, answer = shop.get(path)

    assert (status, answer["code"]) == (404, code)


def test_a_nul_byte_is_a_named_error(shop, ann):
    assert shop.get("members/a%00b/eligibility/")[0] in {400, 404}
    assert shop.post("eligibility/", {"uids": ["a\0b"], "campaign": "autumn"}, key=None)[0] == 400


def test_a_task_moves_and_the_same_key_gives_the_same_answer(shop, ann):
    path = "campaigns/autumn/members/ann/tasks/check-in/submit/"

    first = shop.post(path)
    again = shop.post(path)

    assert first == again
    assert first[0] == 200
    assert first[1]["state"] == "done"
    given = {name: value for name, value in first[1]["reward"].items() if value}
    assert given == {"chances": 1}
    assert Completion.objects.count() == 1
    assert shop.post(path, key="second")[0] == 409


def test_entering_and_accepting_begin(shop, ann):
    assert shop.post("campaigns/autumn/members/ann/tasks/quiz/enter/")[1]["reason"]["code"] == "level"
    assert Enrolment.objects.get().member == ann
    assert shop.post("campaigns/autumn/members/ann/tasks/check-in/accept/")[1]["state"] == "open"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("tasks/check-in/claim/", {}, 409, "not_done"),
        ("tasks/quiz/submit/", {}, 409, "level"),
        ("tasks/nothing/submit/", {}, 404, "no_task"),
        ("tasks/check-in/submit/", [1], 400, "invalid"),
        ("draws/", {}, 409, "no_chance"),
        ("draws/", {"pool": "paid"}, 409, "no_pool"),
        ("draws/", {"pool": 1}, 400, "invalid"),
    ],
)
@pytest.mark.usefixtures("ann")
def test_a_refusal_has_its_code(shop, path, body, status, code):
    answered, answer = shop.post(f"campaigns/autumn/members/ann/{path}", body)

    assert (answered, answer["code"]) == (status, code)


def test_wrong_answers_are_named_by_question(shop, ann):
    ann.level = make_level("paid")
    ann.save()

    status, answer = shop.post("campaigns/autumn/members/ann/tasks/quiz/submit/", {"answers": [0]})

    assert (status, answer["code"]) == (400, "bad_submission")
    assert set(answer["fields"]) == {"q1"}


def test_one_draw_for_one_key(shop, ann):
    shop.post("campaigns/autumn/members/ann/tasks/check-in/submit/")
    path = "campaigns/autumn/members/ann/draws/"

    status, answer = shop.post(path)

    assert shop.post(path) == (status, answer)
    assert status == 201
    draw = Draw.objects.get()
    assert answer["draw"] == draw.pk
    assert answer["prize"]["key"] == draw.prize
    assert (answer["award"], answer["chances_left"]) == (draw.award_id, 0)


@pytest.mark.parametrize("path", ["tasks/check-in/submit/", "draws/"])
def test_what_changes_value_needs_an_idempotency_key(shop, ann, path):
    status, answer = shop.post(f"campaigns/autumn/members/ann/{path}", key=None)

    assert (status, answer["code"]) == (400, "idempotency_key_missing")


def test_each_call_needs_its_scope(client, ann):
    reader, player = Shop(client, "eligibility"), Shop(client, "play")

    assert player.get("members/ann/eligibility/")[0] == 403
    assert reader.post("campaigns/autumn/members/ann/draws/")[0] == 403
    assert client.get("/api/v1/members/ann/eligibility/").status_code == 401


@pytest.mark.parametrize("pay", [[], {}, "cash", 1, True])
def test_a_draw_is_paid_with_points_and_nothing_else(shop, ann, pay):
    status, answer = shop.post("campaigns/autumn/members/ann/draws/", {"pay": pay})
    assert (status, list(answer["fields"])) == (400, ["pay"])


def test_half_of_a_surrogate_pair_is_no_json(shop, ann):
    for body in ({"\ud800": 1}, {"answers": ["\udfff"]}):
        status, answer = shop.post("campaigns/autumn/members/ann/tasks/check-in/submit/", body)
        assert (status, answer["code"]) == (400, "malformed_json")
    status, answer = shop.post("campaigns/autumn/members/ann/tasks/check-in/submit/", {"😀": 1})
    assert (status, answer["code"]) == (400, "bad_submission")
