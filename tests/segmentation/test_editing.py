"""What the rule editor asks the server: the fields, values to choose from, and the live count with every fault."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Level
from segmentation import recomputing, suggesting
from segmentation.catalogue import Catalogue
from segmentation.models import Segment, Tag, TagGroup
from segmentation.overlap_matrix import matrix
from segmentation.rule_faults import faults_of, split_path
from tests.segmentation import people

pytestmark = pytest.mark.django_db
COUNT = {"field": "orders.count", "operator": ">=", "value": 1}
LIVE = "/admin/segmentation/segment/editor/live/"
EMPTY = Catalogue({}, {})


def rule(*clauses: object, **more: object) -> dict:
    return {"version": 1, "combinator": "and", "rules": list(clauses)} | more


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("op", password="op"))
    return client


def user_with(*permissions: str, username: str = "someone") -> Client:
    user = User.objects.create_user(username, password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, rule_json: object, **more: object):
    body = json.dumps({"rule": rule_json} | more)
    return client.post(LIVE, body, content_type="application/json", headers={"Accept-Language": "en"})


@pytest.fixture
def shop() -> list[people.Person]:
    invented = people.invent(1)
    people.write(invented)
    return invented


def test_the_count_comes_with_the_sentence_who_they_are_and_some_of_them(operator, shop):
    buyers = sum(1 for each in shop if any(order.status == "paid" for order in each.orders))
    answer = ask(operator, rule(COUNT)).json()
    assert 0 < answer["count"] <= buyers
    assert answer["faults"] == []
    for shown in ("By level", "By region", "at least 1 order", "Some of them"):
        assert shown in answer["panel"]
    assert f"{answer['count']}</b> members" in answer["head"]


def test_a_saved_segment_is_compared_with_its_last_good_version(operator, shop):
    segment = Segment.objects.create(slug="buyers", name="Buyers", rule=rule(COUNT))
    recomputing.recompute(segment, now=timezone.now())
    nobody = rule(COUNT | {"value": 10_000})
    segment.refresh_from_db()
    answer = ask(operator, nobody, segment=segment.pk).json()
    assert f"<b>−{segment.members.size}</b> against the saved rule" in answer["head"]
    assert "against the saved rule" not in ask(operator, nobody).json()["head"]


def test_every_clause_has_its_own_fault_at_its_path(operator):
    broken = rule(
        COUNT,
        COUNT | {"value": "two"},
        {"combinator": "or", "rules": [COUNT | {"window": {"last_days": 0}}, {"field": "shoe.size"}]},
    )
    found = {each["path"]: each["words"] for each in ask(operator, broken).json()["faults"]}
    assert found == {
        "rules[1].value": "A whole number is needed.",
        "rules[2].rules[0].window.last_days": "From 1 to 36500 days.",
        "rules[2].rules[1].field": "There is no field “shoe.size”.",
    }


@pytest.mark.parametrize(
    ("rule_json", "path"),
    [
        (None, ""),
        ([], ""),
        ({"version": 2}, "version"),
        (rule(), "rules"),
        (rule(COUNT, combinator="xor"), "combinator"),
    ],
)
def test_a_fault_of_the_whole_rule_comes_first(rule_json, path):
    assert faults_of(rule_json, EMPTY)[0].path == path


def test_faults_are_told_of_so_many_clauses_at_most():
    broken = COUNT | {"value": "two"}
    many = rule(*[broken] * 10_000)
    assert len(faults_of(many, EMPTY)) <= 201
    deep: dict = rule(broken)
    for _ in range(40):
        deep = rule(deep)
    assert faults_of(deep, EMPTY)


def test_a_part_that_is_not_computed_yet_is_told_at_its_clause(operator):
    Segment.objects.create(slug="waiting", name="Waiting", rule=rule(COUNT))
    asked = rule(COUNT, {"field": "segment", "operator": "in", "value": ["waiting"]})
    (fault,) = ask(operator, asked).json()["faults"]
    assert fault["path"] == "rules[1]"
    assert "waiting" in fault["words"]
    assert split_path("no path in front") == ("", "no path in front")


def test_samples_are_for_those_who_may_see_members(shop):
    panel = ask(user_with("view_segment"), rule(COUNT)).json()["panel"]
    assert "By level" in panel
    assert "/admin/members/member/" not in panel


def test_who_writes_rules_of_tags_counts_but_is_told_nothing_of_segments(shop):
    segment = Segment.objects.create(slug="buyers", name="Secret buyers", rule=rule(COUNT))
    recomputing.recompute(segment, now=timezone.now())
    body = {"rule": rule(COUNT), "segment": segment.pk}
    reader = user_with("view_segment", username="una")
    shown = user_with("change_tag").post(LIVE, body, content_type="application/json").json()
    assert shown["count"] > 0
    assert "Secret buyers" not in shown["panel"]
    assert "against the saved rule" not in shown["head"]
    assert "Secret buyers" in ask(reader, rule(COUNT)).json()["panel"]


@pytest.mark.parametrize("name", ["fields", "values", "live"])
def test_whoever_may_not_see_segments_is_refused(name):
    address = reverse(f"admin:segmentation_editor_{name}")
    client = user_with("view_member")
    answer = client.post(address, "{}", content_type="application/json") if name == "live" else client.get(address)
    assert answer.status_code == 403
    assert Client().get(address).status_code in (302, 405)


def test_the_count_needs_the_token_of_the_page():
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("op", password="op"))
    assert ask(client, rule(COUNT)).status_code == 403
    assert client.get(LIVE).status_code in (403, 405)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("no JSON", 400),
        ("[]", 400),
        ('{"rule": "\\u0000"}', 400),
        ("[" * 5_000 + "]" * 5_000, 400),
        ('{"rule": "' + "x" * 256 * 1024 + '"}', 413),
        ('{"rule": {}, "segment": "no number"}', 200),
    ],
)
def test_a_bad_body_is_refused_in_words(operator, body, status):
    answer = operator.post(LIVE, body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()


def test_every_field_comes_with_its_words_operators_and_values(operator, shop):
    group = TagGroup.objects.create(slug="taste", name="Taste")
    Tag.objects.create(group=group, slug="milk", name="Milk lover")
    Level.objects.update(name_en="")
    told = operator.get(reverse("admin:segmentation_editor_fields"), headers={"Accept-Language": "en"}).json()
    fields = {field["name"]: field for family in told["groups"] for field in family["fields"]}
    assert [family["label"] for family in told["groups"]][:3] == ["Profile", "Attributes", "Level"]
    assert fields["tag.taste"]["label"] == "Taste"
    assert fields["tag.taste"]["values"] == [["milk", "Milk lover"]]
    assert fields["attribute.married"]["kind"] == "boolean"
    assert {key["key"] for key in fields["orders.count"]["where"]} == {"category", "sku", "channel", "payment_method"}
    assert fields["orders.count"]["windowed"]
    assert "is_null" not in fields["segment"]["operators"]
    assert all(told["operators"][each] for field in fields.values() for each in field["operators"])
    assert all(told["words"].values())


def test_values_are_suggested_from_the_facts_and_from_names(operator, shop):
    suggesting._texts.cache_clear()
    address = reverse("admin:segmentation_editor_values")
    found = operator.get(address, {"of": "orders.category", "q": "mil"}).json()["values"]
    assert found == [["milk", "milk"]]
    assert operator.get(address, {"of": "level", "q": ""}).json()["values"]
    assert operator.get(address, {"of": "members_member; drop", "q": ""}).json()["values"] == []


def test_many_names_are_searched_and_bounded(operator):
    Segment.objects.bulk_create(Segment(slug=f"s-{n}", name=f"Segment {n}", rule=rule(COUNT)) for n in range(50))
    told = operator.get(reverse("admin:segmentation_editor_fields")).json()
    (field,) = [each for family in told["groups"] for each in family["fields"] if each["name"] == "segment"]
    assert len(field["values"]) == suggesting.OFFERED
    assert field["of"] == "segment"
    assert suggesting.suggest("segment", "segment 49") == [("s-49", "Segment 49")]


def test_the_matrix_counts_what_each_two_have_in_common(shop):
    found = []
    for slug, least in (("some", 1), ("more", 2)):
        segment = Segment.objects.create(slug=slug, name=slug, rule=rule(COUNT | {"value": least}))
        recomputing.recompute(segment, now=timezone.now())
        found.append(Segment.objects.select_related("members").get(pk=segment.pk))
    some, more = found
    drawn = matrix(found, linked=True)
    counts = [[cell.count for cell in row.cells] for row in drawn.rows]
    assert counts == [[some.members.size, more.members.size], [more.members.size, more.members.size]]
    assert drawn.rows[1].cells[0].note == "100.0 %"
    assert "/add/?name=" in drawn.rows[0].cells[1].link


def test_a_link_fills_the_form_of_a_new_segment_in(operator):
    filled = {"name": "Both", "slug": "both", "rule": json.dumps(rule(COUNT))}
    page = operator.get(reverse("admin:segmentation_segment_add"), filled).content.decode()
    assert 'value="Both"' in page
    assert "orders.count" in page
