"""Tags, segments and members as API clients list them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Attribute, AttributeValue, Identity, Level, Member
from segmentation import recomputing
from segmentation.definitions import save_rule
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from tests.members.test_api import client_with

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "level", "operator": "in", "value": ["gold"]}]}


@pytest.fixture
def client():
    return client_with("eligibility")


@pytest.fixture
def shop():
    """u0 … u9, joined a day after each other; the odd ones are gold and in the segment, every third is vip."""
    now = timezone.now()
    gold = Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    group = TagGroup.objects.create(slug="club", name="Club")
    vip = Tag.objects.create(group=group, slug="vip", name="VIP")
    Tag.objects.create(group=TagGroup.objects.create(slug="taste", name="Taste"), slug="sweet", name="Sweet", rule=RULE)
    people = Member.objects.bulk_create(
        Member(uid=f"u{n}", level=gold if n % 2 else None, joined_at=now - (10 - n) * DAY) for n in range(10)
    )
    MemberTag.objects.bulk_create(MemberTag(member=each, tag=vip, set_at=now) for each in people[::3])
    MemberTag.objects.filter(member__uid="u9").update(expires_at=now)
    segment = Segment(slug="golden", name="Golden")
    save_rule(segment, RULE, by=None, now=now)
    recomputing.recompute(segment, now=now)
    return now


def found(client, path, listed, key, **query):
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, answer.content
    return [each[key] for each in answer.json()[listed]]


def uids(client, **query):
    return [int(uid[1:]) for uid in found(client, "members/", "members", "uid", **query)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"ordering": "id", "limit": 2}, [0, 1]),
        ({"level": "gold"}, [9, 7, 5, 3, 1]),
        ({"tag": "club.vip"}, [6, 3, 0]),
        ({"segment": "golden"}, [9, 7, 5, 3, 1]),
        ({"segment": "golden", "tag": "club.vip"}, [3]),
        ({"segment": "golden", "ordering": "id", "limit": 3}, [1, 3, 5]),
        ({"level": "gold", "tag": "club.vip"}, [3]),
    ],
)
def test_members_are_found_by_what_the_filters_say(client, shop, query, numbers):
    assert uids(client, **query) == numbers


def test_members_by_the_time_of_joining(client, shop):
    since, until = (shop - 4 * DAY).isoformat(), (shop - 2 * DAY).isoformat()
    assert uids(client, joined_since=since) == [9, 8, 7, 6]
    assert uids(client, joined_since=since, joined_until=until) == [7, 6]


@pytest.mark.parametrize("ordering", ["id", "-id"])
@pytest.mark.parametrize("more", [{}, {"tag": "club.vip"}])
def test_the_pages_of_a_segment_hold_each_of_its_members_once(client, shop, monkeypatch, ordering, more):
    monkeypatch.setattr("segmentation.member_list_api.LOOKED_AT", 2)
    met, cursor = [], {}
    for _page in range(9):
        page = client.get("/api/v1/members/", {"segment": "golden", "ordering": ordering, "limit": 1} | more | cursor)
        met += [each["uid"] for each in page.json()["members"]]
        if page.json()["next"] is None:
            break
        cursor = {"cursor": page.json()["next"]}
    everyone = ["u3"] if more else ["u1", "u3", "u5", "u7", "u9"]
    assert met == (everyone if ordering == "id" else everyone[::-1])


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"level": "silver"}, {"level"}),
        ({"tag": "club"}, {"tag"}),
        ({"tag": "club.none"}, {"tag"}),
        ({"segment": "none"}, {"segment"}),
        ({"joined_since": "soon"}, {"joined_since"}),
        ({"name": "u"}, {"name"}),
        ({"phone": "138"}, {"phone"}),
    ],
)
def test_bad_filters_of_members_are_named(client, shop, query, fields):
    answer = client.get("/api/v1/members/", query)
    assert (answer.status_code, answer.json()["fields"].keys()) == (400, fields)


def test_a_segment_that_was_never_computed_is_told(client):
    Segment.objects.create(slug="new", name="New", rule=RULE)
    answer = client.get("/api/v1/members/", {"segment": "new"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_computed")


def test_a_member_is_listed_as_it_is_shown_alone_and_who_was_erased_is_not(client, shop):
    who = Member.objects.get(uid="u3")
    Identity.objects.create(member=who, provider="wechat-openid", subject="o-1")
    city = Attribute.objects.create(slug="city", label="City", kind="text")
    AttributeValue.objects.create(member=who, attribute=city, text="Suzhou")
    Member.objects.filter(uid="u5").update(erased_at=shop)
    listed = {each["uid"]: each for each in client.get("/api/v1/members/").json()["members"]}
    assert listed["u3"] == client.get("/api/v1/members/u3/").json()
    assert listed["u3"]["attributes"] == {"city": "Suzhou"}
    assert "u5" not in listed
    assert 5 not in uids(client, segment="golden")


@pytest.mark.parametrize(("query", "queries"), [({}, 3), ({"segment": "golden"}, 4), ({"tag": "club.vip"}, 4)])
def test_a_page_of_members_costs_as_many_queries_whatever_its_length(
    client, shop, query, queries, django_assert_num_queries
):
    client.get("/api/v1/members/", query)
    for limit in (1, 3, 500):
        with django_assert_num_queries(queries):
            client.get("/api/v1/members/", query | {"limit": limit})


def test_tags_come_by_group_with_how_many_carry_them(client, shop):
    vip, sweet = client.get("/api/v1/tags/").json()["tags"]
    assert vip == {
        "group": "club", "tag": "vip", "name": "VIP", "description": "", "valid_days": None, "set_by": "hand",
        "members": None, "refreshed_at": None,
    }  # fmt: skip
    assert (sweet["group"], sweet["set_by"]) == ("taste", "rule")
    assert found(client, "tags/", "tags", "tag", group="club") == ["vip"]
    assert found(client, "tags/", "tags", "tag", set_by="rule") == ["sweet"]
    assert found(client, "tags/", "tags", "tag", set_by="hand") == ["vip"]
    assert found(client, "tags/", "tags", "tag", name="WEE") == ["sweet"]
    assert client.get("/api/v1/tags/?group=none").json()["fields"].keys() == {"group"}
    first = client.get("/api/v1/tags/?limit=1").json()
    assert found(client, "tags/", "tags", "tag", limit=1, cursor=first["next"]) == ["sweet"]


def test_tag_groups_come_by_key(client, shop):
    assert client.get("/api/v1/tag-groups/").json() == {
        "tag_groups": [
            {"slug": "club", "name": "Club", "exclusive": False},
            {"slug": "taste", "name": "Taste", "exclusive": False},
        ],
        "next": None,
    }
    assert found(client, "tag-groups/", "tag_groups", "slug", name="tas") == ["taste"]


def test_segments_are_found_by_what_the_filters_say(client, shop):
    Segment.objects.create(slug="box", name="Parcel", kind="package")
    for query, keys in (
        ({}, ["box", "golden"]),
        ({"kind": "package"}, ["box"]),
        ({"name": "OLD"}, ["golden"]),
        ({"uid": "u1"}, ["golden"]),
        ({"uid": "u2"}, []),
        ({"uid": "nobody"}, []),
        ({"refreshed_since": (shop - DAY).isoformat()}, ["golden"]),
        ({"refreshed_since": (shop + DAY).isoformat()}, []),
    ):
        assert found(client, "segments/", "segments", "slug", **query) == keys
    assert client.get("/api/v1/segments/?kind=x").json()["fields"].keys() == {"kind"}


@pytest.mark.parametrize("path", ["tags/", "tag-groups/", "segments/"])
def test_a_page_of_a_list_is_two_queries_its_edition_and_its_rows(client, shop, path, django_assert_num_queries):
    client.get(f"/api/v1/{path}")
    for limit in (1, 500):
        with django_assert_num_queries(2):
            client.get(f"/api/v1/{path}", {"limit": limit})
