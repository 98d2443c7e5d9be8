"""What API clients may ask of segments and tags."""

import json

import pytest
from django.utils import timezone
from pyroaring import BitMap
from rest_framework.test import APIClient

from members.models import Member
from operations.api_keys import create_api_key
from segmentation import member_sets, memberships, recomputing
from segmentation.definitions import save_rule
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
RULE = {
    "version": 1,
    "combinator": "and",
    "rules": [
        {"field": "tag.club", "operator": "in", "value": ["vip"]},
        {"field": "profile.uid", "operator": "is_not_null"},
    ],
}


@pytest.fixture
def client() -> APIClient:
    _key, plain, _secret = create_api_key("shop", ["facts", "eligibility"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {plain}")
    return client


@pytest.fixture
def segment() -> Segment:
    group = TagGroup.objects.create(slug="club", name="Club", exclusive=True)
    for slug in ("vip", "plain"):
        Tag.objects.create(group=group, slug=slug, name=slug)
    Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(3))
    return Segment.objects.create(slug="vips", name="VIPs", rule=RULE)


def row(uid: str, tag: str = "vip", **more: str) -> dict:
    return {"uid": uid, "group": "club", "tag": tag} | more


def post(client: APIClient, path: str, body: object):
    return client.post(f"/api/v1/{path}", body, format="json")


def test_good_rows_of_tags_are_kept_and_bad_ones_come_back(client, segment):
    rows = [row("u0"), row("u1", expires_at="2027-01-01"), row("nobody"), row("u1", "gone"), {"uid": "u2"}, row("\x00")]
    answer = post(client, "tags/bulk/", rows).json()
    assert (answer["created"], answer["updated"], answer["unchanged"]) == (2, 0, 0)
    assert [(each["index"], each["code"]) for each in answer["rejected"]] == [
        (2, "unknown_member"),
        (3, "unknown_tag"),
        (4, "missing"),
        (5, "control_character"),
    ]
    assert MemberTag.objects.get(member__uid="u0").source == "api"


def test_a_row_with_a_wrong_field_or_number_costs_itself_only(client, segment):
    body = json.dumps([row("u0"), row("u1", expire="2027-01-01"), row("u1", tag="NUMBER")]).replace('"NUMBER"', "NaN")
    answer = client.post("/api/v1/tags/bulk/", body, content_type="application/json").json()
    assert answer["created"] == 1
    assert [(each["index"], each["column"], each["code"]) for each in answer["rejected"]] == [
        (1, "expire", "unknown_column"),
        (2, "tag", "not_text"),
    ]


def test_repeating_tags_changes_nothing(client, segment):
    rows = [row("u0"), row("u1")]
    post(client, "tags/bulk/", rows)
    answer = post(client, "tags/bulk/", rows).json()
    assert answer == {"created": 0, "updated": 0, "unchanged": 2, "rejected": []}


def test_of_two_rows_that_exclude_each_other_the_later_one_holds(client, segment):
    post(client, "tags/bulk/", [row("u0"), row("u0", "plain")])
    assert client.get("/api/v1/members/u0/tags/").json()["tags"][0]["tag"] == "plain"


def test_segments_are_listed_and_shown(client, segment):
    run = recomputing.recompute(segment, now=NOW)
    listed = client.get("/api/v1/segments/").json()
    assert [(each["slug"], each["size"]) for each in listed["segments"]] == [("vips", 0)]
    assert listed["next"] is None
    shown = client.get("/api/v1/segments/vips/").json()
    assert shown["rule"] == RULE
    assert shown["last_run"]["state"] == run.state == "done"


def test_members_of_a_segment_come_in_pages(client, segment):
    post(client, "tags/bulk/", [row(f"u{n}") for n in range(3)])
    recomputing.recompute(segment, now=NOW)
    first = client.get("/api/v1/segments/vips/members/", {"limit": 2}).json()
    rest = client.get("/api/v1/segments/vips/members/", {"limit": 2, "cursor": first["next"]}).json()
    assert (first["uids"], rest) == (["u0", "u1"], {"uids": ["u2"], "next": None})


def test_why_a_member_is_in_a_segment(client, segment):
    post(client, "tags/bulk/", [row("u0", "plain")])
    why = client.get("/api/v1/segments/vips/members/u0/").json()
    assert (why["is_member"], why["holds_now"]) == (False, False)
    assert [(each["path"], each["value"], each["held"]) for each in why["clauses"]] == [
        ("", None, False),
        ("rules[0]", ["plain"], False),
        ("rules[1]", ["u0"], True),
    ]


def test_an_estimate_counts(client, segment):
    post(client, "tags/bulk/", [row("u0"), row("u2")])
    assert post(client, "segments/estimate/", {"rule": RULE}).json() == {"count": 2}


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        ([], "rule_missing", {"rule": "missing"}),
        ({}, "rule_missing", {"rule": "missing"}),
        ({"rule": 3}, "bad_rule", {"rule": "wrong_type"}),
        (
            {"rule": RULE | {"rules": [{"field": "tag.gone", "operator": "is_null"}]}},
            "bad_rule",
            {"rule.rules[0].field": "unknown_name"},
        ),
        ({"rule": RULE | {"rules": [{"field": "segment", "operator": "=", "value": "vips"}]}}, "not_computed", {}),
    ],
)
def test_a_bad_rule_is_refused_with_its_path(client, segment, body, code, fields):
    answer = post(client, "segments/estimate/", body)
    assert answer.status_code in (400, 409)
    assert (answer.json()["code"], answer.json()["fields"]) == (code, fields)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("segments/gone/", 404),
        ("segments/vips/members/", 409),
        ("segments/vips/members/?cursor=x", 409),
        ("segments/vips/members/gone/", 404),
        ("segments/vips/members/%00/", 404),
        ("members/gone/tags/", 404),
        ("members/%00/tags/", 404),
        ("segments/?cursor=%00", 400),
    ],
)
def test_what_is_not_there_is_told(client, segment, path, status):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert answer.json()["code"] in ("not_found", "not_computed", "bad_cursor")


@pytest.mark.parametrize("cursor", ["-7", "4294967295", "9999999999", "²"])
def test_a_strange_cursor_is_refused(client, segment, cursor):
    recomputing.recompute(segment, now=NOW)
    answer = client.get("/api/v1/segments/vips/members/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_a_segment_tells_its_kind_version_and_freshness(client, segment):
    shown = client.get("/api/v1/segments/vips/", headers={"Accept-Language": "en"}).json()
    assert (shown["kind"], shown["version"], shown["as_of"], shown["last_run_state"]) == (
        "rule",
        None,
        "not computed yet",
        None,
    )
    save_rule(segment, RULE, by=None, now=NOW)
    recomputing.recompute(segment, now=timezone.now())
    (listed,) = client.get("/api/v1/segments/", headers={"Accept-Language": "en"}).json()["segments"]
    assert (listed["version"], listed["last_run_state"]) == (1, "done")
    assert listed["as_of"].replace("\xa0", " ") == "computed 0 minutes ago; new facts are followed"


def test_versions_come_with_words_and_changes_in_pages(client, segment):
    for count in (1, 2, 3):
        more = {"field": "orders.count", "operator": ">=", "value": count}
        save_rule(segment, RULE | {"rules": [RULE["rules"][0], more]}, by=None, now=NOW)
    english = {"Accept-Language": "en"}
    first = client.get("/api/v1/segments/vips/versions/?limit=2", headers=english).json()
    assert [(each["number"], each["changes"]) for each in first["versions"]] == [
        (3, ["changed: orders: ≥ 2 → ≥ 3"]),
        (2, ["changed: orders: ≥ 1 → ≥ 2"]),
    ]
    assert first["versions"][0]["words"] == "tag of Club is vip, and at least 3 orders"
    rest = client.get("/api/v1/segments/vips/versions/", {"cursor": first["next"]}).json()
    assert ([each["number"] for each in rest["versions"]], rest["next"]) == ([1], None)
    assert client.get("/api/v1/segments/vips/versions/?cursor=x").json()["code"] == "bad_cursor"
    assert client.get("/api/v1/segments/gone/versions/").status_code == 404


def test_the_segments_of_a_member_are_asked_in_one_query(client, segment, django_assert_num_queries):
    members = {each.uid: each.pk for each in Member.objects.all()}
    for slug, uids in (("a", ["u0", "u1"]), ("b", ["u1"]), ("c", [])):
        stored = member_sets.store(BitMap(members[uid] for uid in uids))
        Segment.objects.create(slug=slug, name=slug.upper(), rule=RULE, members=stored, refreshed_at=NOW)
    held = {"u0": ["a"], "u1": ["a", "b"], "u2": []}
    for _again in range(2):
        for uid, slugs in held.items():
            with django_assert_num_queries(1):
                found = memberships.segments_of(uid)
            assert [each.slug for each in found] == slugs
    answer = client.get("/api/v1/members/u1/segments/").json()
    assert [(each["slug"], each["name"], each["kind"]) for each in answer["segments"]] == [
        ("a", "A", "rule"),
        ("b", "B", "rule"),
    ]
    assert client.get("/api/v1/members/gone/segments/").status_code == 404
    assert client.get("/api/v1/members/%00/segments/").status_code == 404


def test_a_new_version_of_a_set_is_asked_anew(client, segment):
    member = Member.objects.earliest("pk")
    for inside in ([], [member.pk], []):
        Segment.objects.filter(pk=segment.pk).update(members=member_sets.store(BitMap(inside)))
        assert [each.slug for each in memberships.segments_of(member.uid)] == ["vips"] * len(inside)


def test_why_tells_the_own_and_the_needed_value(client, segment):
    post(client, "tags/bulk/", [row("u0", "plain")])
    why = client.get("/api/v1/segments/vips/members/u0/", headers={"Accept-Language": "en"}).json()
    assert why["told"] == "The segment has not been computed yet."
    assert [(each["needed"], each["told"]) for each in why["clauses"]] == [
        ("all", "1 of 2 holds, needed: all"),
        ("vip", "tag of Club: plain, needed vip"),
        ("known", "uid: u0, needed known"),
    ]


def test_a_package_holds_whom_it_holds(client, segment):
    stored = member_sets.store(BitMap([Member.objects.get(uid="u0").pk]))
    Segment.objects.create(slug="pack", name="Pack", kind="package", members=stored, refreshed_at=NOW)
    why = client.get("/api/v1/segments/pack/members/u0/").json()
    assert (why["is_member"], why["holds_now"], why["clauses"]) == (True, True, [])
    shown = client.get("/api/v1/segments/pack/").json()
    assert (shown["kind"], shown["rule"]) == ("package", None)
