"""The API plays by exactly the functions that the participants' pages call: seen at work, and by what comes of it."""

import json
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from campaigns import energy as energies
from campaigns import making_up, playing
from campaigns.models import ChainProgress, Completion, Enrolment, Progress
from campaigns.offers import reserving
from campaigns.refusals import Refusal, Refused
from members.models import Member
from members.participants import sign_in
from operations.api_keys import create_api_key
from rewards.models import Award, Chances, Draw, Entry
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import NOW, RIGHT, chain, make_member, publish, task

pytestmark = pytest.mark.django_db
HOME, API = "/h5/c/autumn/", "/api/v1/campaigns/autumn/members/ann/"

ENERGY = {"sources": [{"event": "view", "amount": 30, "per_day": 9}]}

# What is called → the form on a page, and the call, that lead there.
DOORS = {
    "submit": (playing, "submit", "t/quiz/", {"q1": "1"}, "tasks/quiz/submit/", {"answers": [1]}),
    "accept": (playing, "accept", "t/quiz/accept/", {}, "tasks/quiz/accept/", {}),
    "claim": (playing, "claim", "t/quiz/claim/", {}, "tasks/quiz/claim/", {}),
    "draw": (playing, "draw", "draw/", {}, "draws/", {}),
    "make up": (
        making_up, "make_up", "t/quiz/make-up/", {"day": "2026-11-10"}, "tasks/quiz/make-up/", {"day": "2026-11-10"},
    ),
    "collect": (energies, "collect", "energy/collect/", {}, "energy/collect/", {}),
    "reserve": (reserving, "reserve", "o/flash/", {"quantity": "1"}, "offers/flash/reserve/", {}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_now(time_machine, settings):
    settings.SECURE_SSL_REDIRECT = False
    time_machine.move_to(NOW, tick=False)


class Doors:
    """Both ways in for one member: a signed-in browser, and the shop's backend."""

    def __init__(self, client, member):
        answer = HttpResponse()
        sign_in(answer, member, RequestFactory().get("/"))
        client.cookies.update(answer.cookies)
        self.client, self.key = client, create_api_key("shop", ["play"])[1]

    def page(self, path, fields):
        return self.client.post(HOME + path, fields | {"request_key": str(uuid4())})

    def api(self, path, body):
        headers = {"Authorization": f"Api-Key {self.key}", "Idempotency-Key": str(uuid4())}
        return self.client.post(API + path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def ann():
    publish(
        tasks=[
            task("quiz", "quiz", claim_mode="accept_first", finish_within=60),
            task("check-in", reward={"points": 10, "score": 5, "chances": 2}),
            task("by-hand", claim_mode="by_hand", reward={"growth": 3}),
            task("one"),
            task("two", reward={"gift": "hundred-points"}),
        ],
        chains=[chain("path", "one", "two", reward={"chances": 1})],
        features={"energy": ENERGY},
        offers=[offer(key="flash")],
    )
    return make_member()


@pytest.mark.parametrize("door", DOORS)
def test_a_page_and_a_call_lead_to_one_function(client, ann, monkeypatch, door):
    module, name, page, form, call, body = DOORS[door]
    seen = []

    def spy(member, slug, *given, **circumstances):
        who = member.uid if isinstance(member, Member) else member
        # What is done, and not when, from where and by which chance.
        told = [each for each in given if isinstance(each, str)]
        seen.append((who, slug, *told))
        raise Refused(Refusal.PAUSED)

    monkeypatch.setattr(module, name, spy)
    doors = Doors(client, ann)

    assert doors.page(page, form).status_code == 302
    refused = doors.api(call, body)

    assert (refused.status_code, refused.json()["code"]) == (409, "paused")
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0][:2] == ("ann", "autumn")


def footprint(member):
    """All that a member has of the campaign, without its ids and times."""
    enrolment = Enrolment.objects.get(member=member)
    return {
        "score": enrolment.score,
        "progress": sorted(Progress.objects.filter(enrolment=enrolment).values_list("task_key", "period", "count")),
        "done": sorted(
            (each.task_key, each.period, each.rewarded_at is not None)
            for each in Completion.objects.filter(enrolment=enrolment)
        ),
        "chain": sorted(ChainProgress.objects.filter(enrolment=enrolment).values_list("chain_key", "step")),
        "entries": sorted(
            Entry.objects.filter(account__member=member).values_list("account__unit__slug", "kind", "amount", "reason")
        ),
        "chances": sorted(Chances.objects.filter(member=member).values_list("scope", "bucket", "granted", "used")),
        "draws": sorted(Draw.objects.filter(member=member).values_list("scope", "prize", "roll")),
        "awards": sorted(Award.objects.filter(member=member).values_list("gift__slug", "source", "state")),
    }


def test_whoever_plays_by_calls_has_what_one_who_plays_by_pages_has(client, ann, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda _below: 7)
    right = {"q0": str(RIGHT["answers"][0]), "q1": str(RIGHT["answers"][1])}
    by_pages = [
        ("t/check-in/", {}), ("t/quiz/", {}), ("t/quiz/accept/", {}), ("t/quiz/", right), ("t/by-hand/", {}),
        ("t/by-hand/claim/", {}), ("t/two/", {}), ("t/one/", {}), ("t/two/", {}), ("draw/", {}), ("draw/", {}),
    ]  # fmt: skip
    by_calls = [
        ("tasks/check-in/submit/", {}), ("tasks/quiz/submit/", {}), ("tasks/quiz/accept/", {}),
        ("tasks/quiz/submit/", RIGHT), ("tasks/by-hand/submit/", {}), ("tasks/by-hand/claim/", {}),
        ("tasks/two/submit/", {}), ("tasks/one/submit/", {}), ("tasks/two/submit/", {}), ("draws/", {}), ("draws/", {}),
    ]  # fmt: skip
    bob = make_member("bob")

    pages = Doors(client, bob)
    for path, form in by_pages:
        assert pages.page(path, form).status_code in {302, 422}
    calls = Doors(client, ann)
    for path, body in by_calls:
        assert calls.api(path, body).status_code in {200, 201, 400, 409}

    assert footprint(ann) == footprint(bob)
    assert [key for key, *_ in footprint(ann)["done"]] == ["by-hand", "check-in", "one", "quiz", "two"]
    assert len(footprint(ann)["draws"]) == 2
