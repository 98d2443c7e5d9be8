"""Published campaigns as API clients list them, and one as its participants may read it."""

from datetime import timedelta

import pytest

from campaigns import publishing
from campaigns.models import Campaign
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, chain, draft, make_level, pool, publish, task
from tests.members.test_api import client_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_with("eligibility")


def slugs(client, **query):
    answer = client.get("/api/v1/campaigns/", query)
    assert answer.status_code == 200, answer.content
    return [each["slug"] for each in answer.json()["campaigns"]]


def test_campaigns_are_listed_as_they_were_published_not_as_they_are_drafted(client):
    published = publish(tasks=[task("check-in"), task("quiz", "quiz")])
    Campaign.objects.filter(pk=published.pk).update(name="Changed", opens_at=OPENS - DAY)
    draft(slug="secret")
    assert client.get("/api/v1/campaigns/").json() == {
        "campaigns": [
            {
                "slug": "autumn",
                "name": "Campaign autumn",
                "revision": 1,
                "state": published.state,
                "opens_at": "2026-11-01T00:00:00Z",
                "closes_at": "2026-12-01T00:00:00Z",
                "features": [],
                "tasks": [
                    {"key": "check-in", "kind": "checkin", "title": "Task check-in"},
                    {"key": "quiz", "kind": "quiz", "title": "Task quiz"},
                ],
                "pools": ["everyone"],
            }
        ],
        "next": None,
    }
    assert client.get("/api/v1/campaigns/secret/").status_code == 404
    assert client.get("/api/v1/campaigns/none/").status_code == 404


@pytest.fixture
def three():
    """One of November, one of December that is paused, and one whose window lies between."""
    publish(slug="first")
    second = publish(slug="second", opens_at=CLOSES.isoformat(), closes_at=(CLOSES + 31 * DAY).isoformat())
    publish(slug="third", opens_at=(OPENS + 9 * DAY).isoformat(), closes_at=(CLOSES + 9 * DAY).isoformat())
    Campaign.objects.filter(pk=second.pk).update(state="live")
    Campaign.objects.filter(pk=second.pk).update(state="paused")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["third", "second", "first"]),
        ({"ordering": "id"}, ["first", "second", "third"]),
        ({"ordering": "opens_at"}, ["first", "third", "second"]),
        ({"ordering": "-closes_at"}, ["second", "third", "first"]),
        ({"open_at": OPENS.isoformat()}, ["first"]),
        ({"open_at": NOW.isoformat()}, ["third", "first"]),
        ({"open_at": CLOSES.isoformat()}, ["third"]),
        ({"state": "paused"}, ["second"]),
        ({"name": "TH"}, ["third"]),
        ({"feature": "energy"}, []),
    ],
)
def test_campaigns_are_found_by_what_the_filters_say(client, query, found):
    assert slugs(client, **query) == found


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("ordering", ["-id", "id", "opens_at", "-opens_at", "closes_at", "-closes_at"])
def test_pages_follow_each_other_in_every_order(client, ordering):
    whole, met, cursor = slugs(client, ordering=ordering), [], {}
    while cursor is not None:
        page = client.get("/api/v1/campaigns/", {"ordering": ordering, "limit": 1} | cursor).json()
        met += [each["slug"] for each in page["campaigns"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert met == whole


@pytest.mark.parametrize(
    "query", [{"state": "draft"}, {"open_at": "now"}, {"feature": "magic"}, {"ordering": "name"}, {"task": "x"}]
)
def test_bad_filters_are_named(client, query):
    answer = client.get("/api/v1/campaigns/", query)
    assert (answer.status_code, answer.json()["fields"].keys()) == (400, query.keys())


def test_one_campaign_tells_prizes_and_odds_but_no_answers_and_nobody_s_audience(client):
    make_level("gold-level")
    tasks = [task("check-in", audience={"levels": ["gold-level"]}), task("quiz", "quiz", reward={"chances": 1})]
    publish(tasks=tasks, chains=[chain("both", "check-in", "quiz")], offers=[offer(key="milk")])
    answer = client.get("/api/v1/campaigns/autumn/")
    told = answer.json()
    (everyone,) = told["pools"]
    assert [(each["key"], each["odds"], each["percent"]) for each in everyone["prizes"]] == [
        ("win", 500_000, "50%"),
        ("thanks", 500_000, "50%"),
    ]
    assert (everyone["key"], everyone["version"], everyone["stage"]) == ("everyone", 1, "wheel")
    assert told["tasks"][1]["reward"] == {"chances": 1}
    assert (told["chains"][0]["steps"], told["offers"][0]["key"]) == (["check-in", "quiz"], "milk")
    text = answer.content.decode()
    assert "gold-level" not in text
    assert "Which is fresh?" not in text


def test_a_new_revision_is_told_at_once(client):
    campaign = publish()
    first = client.get("/api/v1/campaigns/")
    campaign.tagline, campaign.name = "New", "Renamed"
    campaign.save()
    publishing.publish(campaign, by=None, now=NOW + timedelta(hours=1))
    again = client.get("/api/v1/campaigns/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.json()["campaigns"][0]["revision"]) == (200, 2)
    assert client.get("/api/v1/campaigns/autumn/").json()["tagline"] == "New"


def test_a_page_of_campaigns_is_two_queries_whatever_its_length(client, django_assert_num_queries):
    for number in range(3):
        publish(slug=f"c{number}", pools=[pool(f"p{number}")])
    client.get("/api/v1/campaigns/")
    for limit in (1, 500):
        with django_assert_num_queries(2):
            client.get("/api/v1/campaigns/", {"limit": limit})


def test_campaigns_need_the_scope_of_eligibility():
    for path in ("campaigns/", "campaigns/autumn/"):
        assert client_with("play", "rewards", "facts").get(f"/api/v1/{path}").json()["code"] == "scope_missing"
