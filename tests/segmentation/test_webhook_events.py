"""Webhooks tell who entered a segment and who left it, with the version that says so."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pyroaring import BitMap

from members.models import Member
from operations.models import WebhookEvent
from segmentation import packages, recomputing
from segmentation.models import Segment, Tag, TagGroup
from segmentation.packages import Content
from segmentation.tagging import set_tag
from tests.listening import kinds_told, listen, told
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
BOTH = ("segment.entered", "segment.left")


@pytest.fixture
def members():
    return Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(4))


@pytest.fixture
def vip():
    return Tag.objects.create(group=TagGroup.objects.create(slug="club", name="Club"), slug="vip", name="VIP")


@pytest.fixture
def segment(vip):
    leaf = {"field": "tag.club", "operator": "=", "value": "vip"}
    return Segment.objects.create(slug="vips", name="VIPs", rule={"version": 1, "combinator": "and", "rules": [leaf]})


def tag(members, vip):
    set_tag([member.pk for member in members], vip, source="hand", now=NOW)


def moves():
    return [(kind.removeprefix("segment."), data["uid"], data["segment"]) for kind, data in told(*BOTH)]


def test_whom_the_first_version_holds_has_entered(segment, members, vip):
    tag(members[:2], vip)
    listen(*BOTH)
    recomputing.recompute(segment, now=NOW)
    assert moves() == [("entered", "u0", "vips"), ("entered", "u1", "vips")]
    assert set(WebhookEvent.objects.values_list("member_id", "occurred_at")) == {
        (member.pk, NOW) for member in members[:2]
    }


def test_later_versions_tell_the_difference_alone(segment, members, vip):
    tag(members[:2], vip)
    recomputing.recompute(segment, now=NOW)
    listen(*BOTH)
    vip.member_tags.filter(member=members[0]).delete()
    tag(members[2:3], vip)
    recomputing.recompute(segment, now=NOW)
    assert moves() == [("entered", "u2", "vips"), ("left", "u0", "vips")]
    recomputing.recompute(segment, now=NOW)
    assert len(moves()) == 2


def test_who_wants_another_segment_is_not_told_and_nothing_is_put_together(segment, members, vip):
    tag(members, vip)
    listen(*BOTH, segments=["others"])
    with CaptureQueriesContext(connection) as asked:
        recomputing.recompute(segment, now=NOW)
    assert kinds_told() == []
    assert [query for query in asked if "members_webhook_tell" in str(query["sql"])] == []


def test_without_an_endpoint_one_question_is_all_that_a_change_costs(segment, members, vip):
    tag(members, vip)
    with CaptureQueriesContext(connection) as asked:
        recomputing.recompute(segment, now=NOW)
    assert len([query for query in asked if "webhook" in str(query["sql"])]) == 1


def test_packages_tell_of_their_versions(members):
    listen(*BOTH)
    ids = [member.pk for member in members]
    made = packages.make("list", "List", Content(BitMap(ids[:2]), {"how": "upload"}), by=None, now=NOW)
    packages.renew(made, Content(BitMap(ids[1:3]), {"how": "upload"}), by=None, now=NOW)
    first = [("entered", "u0", "list"), ("entered", "u1", "list")]
    assert moves() == [*first, ("entered", "u2", "list"), ("left", "u0", "list")]


def test_more_at_once_than_anybody_would_read_one_by_one_are_told_as_one(segment, members, vip, monkeypatch):
    monkeypatch.setattr("segmentation.publishing.MOST_TOLD", 2)
    tag(members[:3], vip)
    listen(*BOTH)
    recomputing.recompute(segment, now=NOW)
    assert told(*BOTH) == [("segment.entered", {"uid": None, "segment": "vips", "count": 3})]
    assert WebhookEvent.objects.get().member_id is None

    vip.member_tags.filter(member__in=members[:2]).delete()
    recomputing.recompute(segment, now=NOW)
    assert moves()[1:] == [("left", "u0", "vips"), ("left", "u1", "vips")]
