"""What every list of the API has in common: pages, refusals, and tags for what changes seldom."""

import gzip

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign
from members.models import Level
from operations.api_keys import create_api_key
from operations.models import ApiKey
from rewards import ledger
from rewards.awards import grant_award
from rewards.models import Gift, MallItem
from segmentation import recomputing
from segmentation.definitions import save_rule
from segmentation.models import Segment, Tag, TagGroup
from tests.campaigns.scenes import make_coupon, make_member, publish

pytestmark = pytest.mark.django_db
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "profile.uid", "operator": "is_not_null"}]}
PUBLISHED = ["levels/", "levels/gold/", "tag-groups/", "tags/", "segments/", "segments/all/", "campaigns/"]
CONDITIONAL = [*PUBLISHED, "campaigns/autumn/", "gifts/", "gifts/coupon/"]
LISTS = {
    "levels/": "levels",
    "tag-groups/": "tag_groups",
    "tags/": "tags",
    "segments/": "segments",
    "segments/all/members/": "uids",
    "segments/all/versions/": "versions",
    "campaigns/": "campaigns",
    "campaigns/autumn/offers/refunds/": "refunds",
    "gifts/": "gifts",
    "awards/": "awards",
    "draws/": "draws",
    "entries/": "entries",
    "members/": "members",
    "members/ann/entries/": "entries",
    "members/ann/awards/": "awards",
    "members/ann/mall-orders/": "orders",
    "mall/items/": "items",
}


@pytest.fixture
def shop():
    now = timezone.now()
    ann = make_member("ann")
    Level.objects.create(slug="gold", name="金", name_en="Gold", rank=1, growth_needed=9)
    Tag.objects.create(group=TagGroup.objects.create(slug="club", name="Club"), slug="vip", name="VIP")
    segment = Segment(slug="all", name="All")
    save_rule(segment, RULE, by=None, now=now)
    recomputing.recompute(segment, now=now)
    publish()
    grant_award(make_coupon("SECRET-1"), ann.pk, key="a", source="test", now=now)
    ledger.post_entry(ann.pk, "points", amount=5, key="e", reason="test", now=now)
    MallItem.objects.create(slug="mug", gift=Gift.objects.get(slug="coupon"), price=1, state="on_sale")


def client(*scopes, language="en"):
    _key, plain, _secret = create_api_key("shop", scopes or ApiKey.Scope.values)
    return APIClient(headers={"Authorization": f"Api-Key {plain}", "Accept-Language": language})


def get(api, path, tag=None, **headers):
    return api.get(f"/api/v1/{path}", headers=headers | ({"If-None-Match": tag} if tag else {}))


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("path", "name"), LISTS.items())
def test_every_list_has_pages_and_refuses_what_it_does_not_know(path, name):
    api = client()
    answer = get(api, path)
    assert answer.status_code == 200
    assert isinstance(answer.json()[name], list)
    assert answer.json()["next"] is None
    assert get(api, f"{path}?limit=9999").json()[name] == answer.json()[name]
    for query, code, field in (
        ("limit=x", "invalid", "limit"),
        ("cursor=x", "bad_cursor", "cursor"),
        ("limt=1", "invalid", "limt"),
        ("%00=1", "invalid", "\x00"),
    ):
        refused = get(api, f"{path}?{query}")
        assert (refused.status_code, refused.json()["code"]) == (400, code)
        assert field in refused.json()["fields"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("path", LISTS)
def test_every_list_answers_head_and_options_and_names_what_it_does_not_do(path):
    api = client()
    head, options = api.head(f"/api/v1/{path}"), api.options(f"/api/v1/{path}")
    assert (head.status_code, head.content, options.status_code) == (200, b"", 200)
    for method in (api.put, api.delete, api.patch):
        refused = method(f"/api/v1/{path}")
        assert refused.status_code == 405
        assert (refused.json()["code"], refused.json()["fields"]) == ("method_not_allowed", {})
        assert "GET" in refused["Allow"]
    without_slash = api.get(f"/api/v1/{path.rstrip('/')}")
    assert (without_slash.status_code, without_slash.json()["code"]) == (404, "not_found")
    assert "end with a slash" in without_slash.json()["message"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("path", CONDITIONAL)
def test_what_the_client_holds_is_not_sent_again(path):
    api = client("eligibility")
    first = get(api, path)
    assert first["ETag"].startswith('W/"')
    for held in (first["ETag"], first["ETag"].removeprefix("W/"), f'"x", {first["ETag"]}', "*"):
        again = get(api, path, held)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Cache-Control"] == "private, no-cache"
        assert {"Accept-Language", "Authorization"} <= {each.strip() for each in again["Vary"].split(",")}
    for other in ('"x"', "x", "", '"é"'):
        assert get(api, path, other).content == first.content


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("path", CONDITIONAL)
def test_another_language_other_scopes_and_another_page_have_tags_of_their_own(path):
    tags = [get(client("eligibility"), path)["ETag"], get(client("eligibility", language="zh-hans"), path)["ETag"]]
    tags.append(get(client("eligibility", "rewards"), path)["ETag"])
    if path in LISTS:
        tags.append(get(client("eligibility"), f"{path}?limit=7")["ETag"])
    # One campaign is told by what it says: the words of its rules are those of the language.
    assert len(set(tags)) == len(tags)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("path", PUBLISHED)
def test_that_nothing_changed_costs_one_query(path, django_assert_max_num_queries):
    api = client("eligibility")
    tag = get(api, path)["ETag"]
    with django_assert_max_num_queries(1):
        assert get(api, path, tag).status_code == 304


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("levels/", lambda: Level.objects.update(benefits="Tea")),
        ("levels/gold/", lambda: Level.objects.update(benefits="Tea")),
        ("levels/", lambda: Level.objects.all().delete()),
        ("tag-groups/", lambda: TagGroup.objects.update(name="Other")),
        ("tags/", lambda: TagGroup.objects.update(name="Other")),
        ("tags/", lambda: Tag.objects.create(group=TagGroup.objects.get(), slug="x", name="X")),
        ("segments/", lambda: Segment.objects.update(description="Everybody")),
        ("segments/all/", lambda: recomputing.recompute(Segment.objects.get(), now=timezone.now())),
        ("campaigns/", lambda: Campaign.objects.update(state="paused")),
        ("campaigns/autumn/", lambda: Gift.objects.update(description="New")),
        ("gifts/", lambda: Gift.objects.filter(slug="coupon").update(face_value=3)),
        ("gifts/coupon/", lambda: Gift.objects.filter(slug="coupon").update(face_value=3)),
    ],
)
def test_whatever_changes_is_sent(path, change):
    api = client("eligibility")
    first = get(api, path)
    change()
    second = get(api, path, first["ETag"])
    assert (second.status_code, second["ETag"] != first["ETag"]) == (200, True)


@pytest.mark.usefixtures("shop")
def test_a_compressed_answer_has_the_same_tag():
    api = client("eligibility")
    plain = get(api, "campaigns/autumn/")
    packed = get(api, "campaigns/autumn/", **{"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", plain.content)
    assert packed["ETag"] == plain["ETag"]
    assert "Accept-Encoding" in packed["Vary"]
    assert get(api, "campaigns/autumn/", packed["ETag"], **{"Accept-Encoding": "gzip"}).status_code == 304


@pytest.mark.usefixtures("shop")
def test_a_request_that_is_refused_has_no_tag():
    answer = get(client("eligibility"), "levels/?kind=x", "*")
    assert (answer.status_code, "ETag" in answer) == (400, False)
    assert get(client("play"), "levels/", "*").status_code == 403
    assert APIClient().get("/api/v1/levels/", headers={"If-None-Match": "*"}).status_code == 401
