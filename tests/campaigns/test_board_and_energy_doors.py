"""Leaderboards and energy through the pages of participants and the API."""

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.test import APIClient

from campaigns import energy_drops, energy_rules, friends, playing, scoring
from campaigns.models import EnergyDrop, Enrolment
from campaigns.published import definition_of
from members.participants import sign_in
from operations.api_keys import create_api_key
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db

ENERGY = {
    "sources": [{"event": "view", "amount": 30, "per_day": 9}],
    "help": {"bonus": 2, "per_day": 9},
    "milestones": [{"at": 30, "reward": {"points": 5}}],
    "cause": {"title": "A wood in the desert", "goal": 500},
}
BOARDS = {"boards": ["all", "week"], "shown": 2, "prizes": [{"from": 1, "to": 1, "reward": {"points": 9}}]}
PAGE = "/h5/c/autumn/"
API = "/api/v1/campaigns/autumn/"


@pytest.fixture(autouse=True)
def ripe(settings):
    settings.SECURE_SSL_REDIRECT = False
    with time_machine.travel(scenes.NOW + timedelta(days=2), tick=False):
        yield


@pytest.fixture
def people(monkeypatch):
    """Ann and her friend Ben, and Cyd and Dot who are strangers; Ann is fourth."""
    scenes.publish(features={"energy": ENERGY, "boards": BOARDS})
    made = {uid: scenes.make_member(uid, name=f"{uid.title()} Fang") for uid in ("ann", "ben", "cyd", "dot")}
    for score, member in zip((5, 20, 20, 10), made.values(), strict=True):
        playing.enrol(member, "autumn", now=scenes.OPENS)
        enrolment = Enrolment.objects.get(member=member)
        scoring.add(enrolment.pk, score, now=scenes.NOW)
        rules = energy_rules.parse(ENERGY)
        fact = {"key": "e", "happened_at": scenes.NOW, "now": scenes.NOW}
        energy_drops.produce(definition_of("autumn"), rules, enrolment.pk, rules.sources["event:view"], **fact)
    pair = {made["ann"].pk: [made["ben"].pk], made["ben"].pk: [made["ann"].pk]}
    monkeypatch.setattr(friends, "_known", [lambda member, _campaign: pair.get(member, [])])
    return made


@pytest.fixture
def visitor(client, people):
    answer = HttpResponse()
    sign_in(answer, people["ann"], RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def api(people):
    made = APIClient()
    key = create_api_key("shop", ["eligibility", "play"])[1]
    made.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return made


def drop(member):
    return EnergyDrop.objects.get(enrolment__member=member).pk


def post(api, path, body, key="k"):
    return api.post(f"{API}members/{path}", body, format="json", headers={"Idempotency-Key": key})


def test_the_campaign_leads_there(visitor):
    page = visitor.get(PAGE).content.decode()
    assert f'href="{PAGE}board/"' in page
    assert f'href="{PAGE}energy/"' in page


def test_the_page_masks_names_and_keeps_the_own_place_in_view(visitor):
    page = visitor.get(f"{PAGE}board/").content.decode()
    assert "B**" in page
    assert "Ben Fang" not in page
    assert "D**" not in page
    assert "places-own" in page
    assert "9 points" in page


@pytest.mark.parametrize("query", ["?board=friends", "?board=none"])
def test_a_board_that_is_not_there_is_a_dead_end(visitor, query):
    assert visitor.get(f"{PAGE}board/{query}").status_code == 404


def test_a_tap_collects_and_brings_the_milestone(visitor, people):
    page = visitor.post(f"{PAGE}energy/collect/", {"drop": drop(people["ann"])}, follow=True).content.decode()
    assert "You collected 30." in page
    assert "Milestone reached!" in page
    assert "A wood in the desert" in page


def test_a_friend_is_helped_and_a_stranger_is_not_there(visitor, people):
    ben, cyd = (Enrolment.objects.get(member=people[uid]).pk for uid in ("ben", "cyd"))
    assert "30" in visitor.get(f"{PAGE}energy/f/{ben}/").content.decode()
    helped = visitor.post(f"{PAGE}energy/f/{ben}/help/", {"drop": drop(people["ben"])}, follow=True).content.decode()
    assert "Collected for your friend: 30." in helped
    assert visitor.get(f"{PAGE}energy/f/{cyd}/").status_code == 404
    assert visitor.post(f"{PAGE}energy/f/{cyd}/help/", {"drop": drop(people["cyd"])}).status_code == 404


def test_the_api_tells_the_board_and_one_member_s_place(api):
    told = api.get(f"{API}leaderboard/", {"uid": "ann"}).json()
    assert [(each["rank"], each["uid"]) for each in told["places"]] == [(1, "ben"), (1, "cyd")]
    assert told["own"] == {"rank": 4, "score": 5}
    assert api.get(f"{API}leaderboard/", {"board": "friends"}).status_code == 400
    assert api.get(f"{API}leaderboard/", {"uid": "nobody"}).status_code == 404


def test_the_api_collects_once_for_one_key(api, people):
    first = post(api, "ann/energy/collect/", {"drop": drop(people["ann"])})
    again = post(api, "ann/energy/collect/", {"drop": drop(people["ann"])})
    assert first.json() == again.json() == {"gained": 30, "helped": 0, "total": 30, "milestones": [30]}
    other = post(api, "ann/energy/collect/", {"drop": drop(people["ann"])}, key="other")
    assert (other.status_code, other.json()["code"]) == (409, "drop_gone")
    assert api.get(f"{API}members/ann/energy/").json()["shared"]["total"] == 30


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("ann/energy/collect/", {"amount": 9}, 400, "invalid"),
        ("ann/energy/collect/", {"drop": "1"}, 400, "invalid"),
        ("ann/energy/collect/", {"drop": 2**63}, 400, "invalid"),
        ("ann/energy/collect/", {"drop": 2**62}, 404, "no_drop"),
        ("ann/energy/steal/", {"friend": "ben", "drop": 1}, 409, "no_stealing"),
        ("ann/energy/help/", {"friend": "cyd", "drop": 1}, 409, "not_friends"),
        ("ann/energy/help/", {"drop": 1}, 400, "invalid"),
        ("nobody/energy/collect/", {}, 404, "unknown_member"),
    ],
)
def test_what_the_api_refuses(api, path, body, status, code):
    answer = post(api, path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
