"""Eligibility by the API: explained clause by clause, for strangers, for many members at once, and what it costs."""

import pytest

from campaigns import playing
from members import erasing, profiling
from operations import pictures
from segmentation import recomputing, tagging
from segmentation.models import Segment, Tag, TagGroup
from tests.campaigns.scenes import NOW, chain, make_level, make_member, pool, publish, task
from tests.campaigns.test_api import Shop
from tests.images import image

pytestmark = pytest.mark.django_db
CHEATS = {"tags_none": ["risk.cheat"]}
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 1}]}


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def shop(client):
    return Shop(client, "eligibility", "play")


@pytest.fixture
def ann():
    """A member of level new who likes sweets, with a campaign that asks for everything there is to ask for."""
    make_level("paid").save()
    new = make_level("new", rank=2)
    group = TagGroup.objects.create(slug="taste", name="Taste")
    tags = [Tag.objects.create(group=group, slug=slug, name=slug.title()) for slug in ("sweet", "sour")]
    risk = TagGroup.objects.create(slug="risk", name="Risk")
    Tag.objects.create(group=risk, slug="cheat", name="Cheat")
    recomputing.recompute(Segment.objects.create(slug="buyers", name="Buyers", rule=RULE), now=NOW)
    ann = make_member(level=new)
    tagging.set_tag([ann.pk], tags[0], source="import", now=NOW)
    publish(
        audience={"levels": ["new", "paid"]} | CHEATS,
        tasks=[
            task("check-in", reward={"chances": 1}),
            task("sour", audience={"tags_any": ["taste.sour"], "segments_in": ["buyers"]}),
            task("scarce", quotas=[{"quota": 1, "per": "day"}]),
            task("first"),
            task("second"),
        ],
        chains=[chain("path", "first", "second", audience={"levels": ["new"]})],
        pools=[pool("paid", audience={"levels": ["paid"]}), pool("everyone")],
    )
    return ann


def explained(shop, path="members/ann/eligibility/?campaign=autumn&explain=1"):
    status, answer = shop.get(path)
    assert status == 200
    return answer["campaigns"][0]["explanation"]


def the(parts, key):
    (found,) = (each for each in parts if each["key"] == key)
    return found


def told(part):
    return {each["asks"]: (each["held"], each["words"], each["told"]) for each in part["clauses"]}


def test_each_clause_is_told_with_what_is_needed_and_what_the_member_has(shop, ann):
    why = explained(shop)

    assert told(why["campaign"]) == {
        "opens_at": (True, "Open from 2026-11-01 08:00", ""),
        "closes_at": (True, "Open until 2026-12-01 08:00", ""),
        "paused": (True, "Not paused", ""),
        "levels": (True, "One of these levels: new, paid", "has new"),
        "tags_none": (True, "None of these tags: Risk · Cheat", "has none"),
    }
    sour = the(why["tasks"], "sour")
    assert (sour["eligible"], sour["state"], sour["reason"]["code"]) == (False, "refused", "tags_any")
    assert told(sour)["tags_any"] == (
        False,
        "At least one of these tags: Taste · Sour",
        "has Taste · Sweet",
    )
    (asked,) = (each for each in sour["clauses"] if each["asks"] == "tags_any")
    assert (asked["needed"], asked["value"], asked["reason"]["code"]) == (["taste.sour"], ["taste.sweet"], "tags_any")


def test_a_clause_on_a_segment_says_how_fresh_it_is_and_where_it_says_why(shop, ann):
    (clause,) = (each for each in the(explained(shop)["tasks"], "sour")["clauses"] if each["asks"] == "segments_in")

    assert clause["segments"] == [
        {
            "segment": "buyers",
            "is_member": False,
            "as_of": NOW.isoformat(),
            "why": "http://testserver/api/v1/segments/buyers/members/ann/",
        }
    ]
    status, why = shop.get(clause["segments"][0]["why"].removeprefix("http://testserver/api/v1/"))
    assert (status, why["is_member"]) == (200, False)


def test_a_full_quota_a_step_before_and_a_pool_of_others_are_named(shop, ann):
    playing.submit(make_member("bob", level=ann.level), "autumn", "scarce", {}, now=NOW)

    why = explained(shop)

    scarce = told(the(why["tasks"], "scarce"))["quota"]
    assert scarce == (False, "Done fewer than 1 times today by everyone together", "1 times done")
    second = the(why["tasks"], "second")
    assert second["reason"]["code"] == "step_locked"
    assert told(second)["step"] == (False, "The step “first” comes first", "")
    assert the(why["chains"], "path")["eligible"]
    assert the(why["pools"], "paid")["reason"]["code"] == "level"
    assert the(why["pools"], "everyone") == {
        "key": "everyone",
        "eligible": True,
        "reason": None,
        "clauses": [
            {
                "asks": "campaign",
                "held": True,
                "asked": True,
                "reason": None,
                "needed": None,
                "value": None,
                "words": "The campaign is open and for this member",
                "told": "",
                "segments": None,
            }
        ],
    }


def test_the_explanation_agrees_with_the_answer_beside_it(shop, ann):
    playing.submit(ann, "autumn", "first", {}, now=NOW)
    _, answer = shop.get("members/ann/eligibility/?campaign=autumn&explain=true")

    (campaign,) = answer["campaigns"]
    reasons = {each["key"]: each["reason"] for each in campaign["tasks"]}
    reasons |= {step["key"]: step["reason"] for each in campaign["chains"] for step in each["steps"]}
    assert {each["key"]: each["reason"] for each in campaign["explanation"]["tasks"]} == reasons
    assert len(reasons) == 5


def test_who_has_begun_is_not_asked_again_but_for_the_tags_that_shut_out(shop, ann):
    playing.enrol(ann, "autumn", now=NOW)

    asked = {each["asks"]: each["asked"] for each in explained(shop)["campaign"]["clauses"]}

    assert (asked["levels"], asked["tags_none"]) == (False, True)


def test_what_a_member_who_has_refused_profiling_carries_is_not_told(shop, ann):
    profiling.refuse(ann, by=None, now=NOW)

    why = explained(shop)

    assert why["profiling_refused"]
    sour = the(why["tasks"], "sour")
    assert sour["reason"]["code"] == "profiling_refused"
    assert told(sour)["tags_any"][2] == "not looked at: the member has refused profiling"
    assert [each["is_member"] for each in sour["clauses"][2]["segments"]] == [None]


def test_without_explain_nothing_is_explained_and_nothing_more_is_asked(shop, ann, django_assert_num_queries):
    shop.get("members/ann/eligibility/")

    with django_assert_num_queries(1):
        _, answer = shop.get("members/ann/eligibility/")
    assert "explanation" not in answer["campaigns"][0]
    shop.get("members/ann/eligibility/?campaign=autumn")
    with django_assert_num_queries(1):
        assert shop.get("members/ann/eligibility/?campaign=autumn&explain=0")[1] == answer


def test_every_running_campaign_is_explained_where_none_is_named(shop, ann):
    publish(slug="winter")

    _, answer = shop.get("members/ann/eligibility/?explain=1")

    assert [each["explanation"]["campaign"]["eligible"] for each in answer["campaigns"]] == [True, True]


@pytest.mark.parametrize("flag", ["explain", "default"])
def test_a_flag_that_is_none_is_named(shop, ann, flag):
    status, answer = shop.get(f"members/ann/eligibility/?{flag}=perhaps")

    assert (status, answer["code"], list(answer["fields"])) == (400, "invalid", [flag])


def test_a_stranger_gets_what_is_there_for_everyone_if_asked_for(shop, ann):
    publish(slug="winter", tasks=[task("all"), task("loyal", audience={"segments_in": ["buyers"]})])

    _, answer = shop.get("members/nobody/eligibility/?default=1&explain=1")

    assert (answer["uid"], answer["known"]) == ("nobody", False)
    autumn, winter = answer["campaigns"]
    assert (autumn["eligible"], autumn["reason"]["code"]) == (False, "level")
    assert [(each["key"], each["state"]) for each in winter["tasks"]] == [("all", "open"), ("loyal", "refused")]
    assert the(winter["explanation"]["tasks"], "loyal")["clauses"][1]["segments"][0]["why"] is None
    assert shop.get("members/ann/eligibility/?default=1") == shop.get("members/ann/eligibility/")


def test_a_stranger_finds_full_what_is_full(shop, ann):
    publish(slug="winter", tasks=[task("scarce", quotas=[{"quota": 1}])])
    playing.submit(ann, "winter", "scarce", {}, now=NOW)

    _, answer = shop.get("members/nobody/eligibility/?default=1&campaign=winter")

    assert answer["campaigns"][0]["tasks"][0]["reason"]["code"] == "quota"


@pytest.mark.parametrize("query", ["", "?campaign=autumn"])
def test_a_member_who_was_erased_is_unknown(shop, ann, query):
    gone = erasing.erase(ann.pk, by=None, reason="asked for it", now=NOW)

    for uid in ("ann", gone.uid):
        status, answer = shop.get(f"members/{uid}/eligibility/{query}")
        assert (status, answer["code"]) == (404, "unknown_member")
        _, answer = shop.post("eligibility/", {"uids": [uid], "campaign": "autumn"}, key=None)
        assert (answer["members"], answer["unknown"]) == ([], [uid])


def test_many_are_answered_as_one_by_one(shop, ann):
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    for uid in ("bob", "cyd"):
        make_member(uid, level=ann.level)
    uids = ["cyd", "nobody", "ann", "bob"]

    _, many = shop.post("eligibility/", {"uids": uids, "campaign": "autumn", "default": True}, key=None)

    assert many["unknown"] == ["nobody"]
    for uid, member in zip(uids, many["members"], strict=True):
        _, one = shop.get(f"members/{uid}/eligibility/?campaign=autumn&default=1")
        assert member == {"uid": uid, "known": one["known"]} | one["campaigns"][0]
    _, without = shop.post("eligibility/", {"uids": uids, "campaign": "autumn"}, key=None)
    assert without["members"] == [each for each in many["members"] if each["known"]]


def test_many_are_explained_as_one_by_one(shop, ann):
    _, many = shop.post("eligibility/", {"uids": ["ann"], "campaign": "autumn", "explain": True}, key=None)

    assert many["members"][0]["explanation"] == explained(shop)


def test_of_no_named_campaign_many_get_all_that_run(shop, ann):
    publish(slug="winter")

    status, many = shop.post("eligibility/", {"uids": ["nobody", "ann"], "default": True}, key=None)

    assert (status, many["campaign"], many["unknown"]) == (200, None, ["nobody"])
    for member in many["members"]:
        assert (200, member) == shop.get(f"members/{member['uid']}/eligibility/?default=1")
    assert [len(member["campaigns"]) for member in many["members"]] == [2, 2]


@pytest.mark.parametrize("campaign", ["autumn", None])
def test_however_many_they_are_it_is_one_query(shop, ann, campaign, django_assert_num_queries):
    uids = [make_member(f"m{number}", level=ann.level).uid for number in range(20)]
    shop.post("eligibility/", {"uids": uids, "campaign": campaign}, key=None)

    with django_assert_num_queries(1):
        _, answer = shop.post("eligibility/", {"uids": [*uids, "ann"], "campaign": campaign}, key=None)
    assert len(answer["members"]) == 21


def test_nobody_who_is_known_is_an_answer_and_an_unknown_campaign_is_not(shop, ann):
    _, answer = shop.post("eligibility/", {"uids": ["nobody"], "campaign": "autumn"}, key=None)
    assert answer == {"campaign": "autumn", "members": [], "unknown": ["nobody"]}

    for uids in (["nobody"], ["ann"]):
        status, answer = shop.post("eligibility/", {"uids": uids, "campaign": "nothing"}, key=None)
        assert (status, answer["code"]) == (404, "not_published")


def test_the_poster_has_what_the_shops_home_page_needs(shop, ann, settings):
    settings.ALLOWED_HOSTS = ["shop.example", "testserver"]
    reference = pictures.keep(image(), now=NOW)
    publish(slug="winter", tagline="Snow", colour="#00aaff", banner=str(reference))

    headers = {"Authorization": f"Api-Key {shop.key}", "Host": "shop.example"}
    answer = shop.client.get("/api/v1/members/ann/eligibility/?campaign=winter", headers=headers).json()

    poster = answer["campaigns"][0]["poster"]
    assert poster["banner"].startswith("http://shop.example/h5/pictures/")
    assert shop.client.get(poster["banner"].removeprefix("http://shop.example")).status_code == 200
    assert (poster["colour"], poster["tagline"]) == ("#00aaff", "Snow")
    assert poster["address"] == "http://shop.example/h5/c/winter/"


def test_answers_that_are_kept_name_the_site_they_were_asked_at(shop, ann, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]

    def address(host):
        headers = {"Authorization": f"Api-Key {shop.key}", "Host": host}
        told = shop.client.get("/api/v1/members/ann/eligibility/", headers=headers).json()
        return told["campaigns"][0]["poster"]["address"]

    assert [address(host) for host in ("one.example", "two.example", "one.example")] == [
        "http://one.example/h5/c/autumn/",
        "http://two.example/h5/c/autumn/",
        "http://one.example/h5/c/autumn/",
    ]
