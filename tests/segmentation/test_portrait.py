"""What a member's page says of segments, scores and tags is what the sets say, on both sides of a chunk's border."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from members import portrait
from members.models import Member
from members.portrait import Visit
from segmentation import member_sets, recomputing, rfm
from segmentation import portrait as panels
from segmentation.models import MemberTag, RfmModel, RfmSet, Segment, Tag, TagGroup
from segmentation.tagging import set_tag
from tests.segmentation import people
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
BUYERS = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 2}]}


@pytest.fixture
def shop(admin_user):
    people.write(people.invent(3))
    recomputing.recompute(Segment.objects.create(slug="buyers", name="Buyers", rule=BUYERS), now=NOW)
    Segment.objects.create(slug="fresh", name="Fresh", rule=BUYERS)
    return admin_user


def visits(user):
    for member in portrait.with_facts(Member.objects.order_by("pk"), user=user, now=NOW):
        yield member, lambda name, member=member: Visit(member, user, NOW, getattr(member, f"portrait_{name}"))


def test_segments_are_those_whose_set_holds_the_member(shop):
    buyers, seen = Segment.objects.get(slug="buyers"), {True: 0, False: 0}
    for member, visit in visits(shop):
        shown = panels.segments(visit("segments"))
        inside = member_sets.holds(buyers.members_id, member.pk)
        assert ("Buyers" in {each["name"] for each in shown["inside"]}) is inside
        assert ("Buyers" in {each["name"] for each in shown["outside"]}) is not inside
        assert "Fresh" in {each["name"] for each in shown["unknown"]}
        seen[inside] += 1
    assert all(seen.values())


def test_the_cell_that_is_marked_is_the_members(shop):
    model = RfmModel.objects.get(slug="default")
    version = rfm.recompute(model, at=NOW.date(), now=NOW)
    sets = list(RfmSet.objects.filter(version=version))
    scored = 0
    for member, visit in visits(shop):
        (shown,) = (each for each in panels.scores(visit("rfm"))["models"] if each.model == model.name)
        held = {each.dimension: each.value for each in sets if member_sets.holds(each.members_id, member.pk)}
        assert shown.scores == tuple(int(held[key]) for key in "rfm" if key in held)
        marked = [
            (row.label, shown.map.columns[index])
            for row in shown.map.rows
            for index, cell in enumerate(row.cells)
            if cell.marked
        ]
        assert marked == ([(f"R {held['r']}", f"F {held['f']}")] if held else [])
        assert bool(shown.name) is bool(held)
        scored += bool(held)
    assert 0 < scored < Member.objects.count()


def test_a_tag_that_has_run_out_is_not_told(shop):
    member = Member.objects.earliest("pk")
    group = TagGroup.objects.create(slug="own", name="Own")
    for slug, days in (("past", -1), ("today", 0), ("coming", 1)):
        tag = Tag.objects.create(group=group, slug=slug, name=slug)
        set_tag([member.pk], tag, source=MemberTag.Source.API, now=NOW, expires_at=NOW + timedelta(days=days))
    (visit,) = (visit for each, visit in visits(shop) if each == member)
    own = [each for each in panels.tags(visit("tags"))["tags"] if each["group"] == "Own"]
    assert [(each["tag"], each["source"], each["expires_at"]) for each in own] == [
        ("coming", "API", NOW + timedelta(days=1))
    ]


def why(client, segment, member):
    return client.get(
        reverse("admin:segmentation_segment_why", args=[segment.pk, member.pk]), headers={"Accept-Language": "en"}
    )


def test_the_page_says_why_clause_by_clause(admin_client, shop):
    segment = Segment.objects.get(slug="buyers")
    for member in Member.objects.order_by("pk")[:5]:
        inside = member_sets.holds(segment.members_id, member.pk)
        answer = why(admin_client, segment, member)
        text = answer.content.decode()
        assert re.search(r"orders?: \d+, needed ≥ 2", text)
        assert ("✓ yes" if inside else "✗ no") in text
        assert ("✗ no" if inside else "✓ yes") not in text
        assert answer.context["published"] is answer.context["holds_now"] is inside


def test_a_rule_that_cannot_be_read_is_told_as_such(admin_client, shop):
    segment = Segment.objects.get(slug="buyers")
    Segment.objects.filter(pk=segment.pk).update(rule={})
    assert "The version of a rule is 1." in why(admin_client, segment, Member.objects.earliest("pk")).content.decode()


def test_a_segment_never_computed_says_so(admin_client, shop):
    text = why(admin_client, Segment.objects.get(slug="fresh"), Member.objects.earliest("pk")).content.decode()
    assert "not computed yet" in text


@pytest.mark.parametrize("permission", ["view_member", "view_segment"])
def test_it_takes_both_permissions_to_ask_why(client, shop, permission):
    user = User.objects.create_user("half", password="half", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client.force_login(user)
    assert why(client, Segment.objects.get(slug="buyers"), Member.objects.earliest("pk")).status_code == 403
