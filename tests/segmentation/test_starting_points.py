"""Each model of the trade makes rules that can be saved, finds whom it means, and counts before anything is kept."""

import pytest
from django.urls import reverse

from members.models import Member, OrderItem
from operations.models import AuditRecord, Job
from segmentation.counting import read_rule
from segmentation.evaluation import members_of
from segmentation.models import Segment
from segmentation.starting_form import StartingForm
from segmentation.starting_points import BY_KEY, STARTING_POINTS
from segmentation.starting_segments import count_each, create_each
from segmentation.world import everyone
from tests.segmentation import oracle, people
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}
VALUES = {
    "category": "milk", "other": "bread", "days": 30, "low": 20, "high": 120, "amount": "100.00", "model": "default",
}  # fmt: skip


@pytest.fixture
def shop():
    invented = people.invent(7)
    people.write(invented)
    return invented


def filled(key: str, **more: object) -> StartingForm:
    form = StartingForm(BY_KEY[key], VALUES | more)
    assert form.is_valid(), form.errors
    return form


@pytest.mark.parametrize("point", STARTING_POINTS, ids=lambda point: point.key)
def test_each_makes_segments_that_are_counted_and_created(shop, admin_user, point):
    made = filled(point.key).made()
    counted = count_each(made, now=NOW)
    assert [each.fault for each in counted] == [""] * len(made)
    assert all(each.words for each in counted)
    assert not Segment.objects.filter(kind="rule").exclude(slug__in="ab").exists()
    created = create_each(made, by=admin_user, now=NOW)
    for segment, each in zip(created, counted, strict=True):
        assert len(members_of(read_rule(segment.rule), everyone(now=NOW))) == each.count
        assert segment.versions.get().saved_by == "admin"
        assert segment.name
        assert segment.description
    assert AuditRecord.objects.filter(action="segment.added").count() == len(made)
    assert Job.objects.filter(function="segmentation.jobs.recompute").count() == len(made)


def of(category: str) -> dict:
    return {"where": {"category": [category]}}


def test_the_three_ways_to_a_category_find_whom_they_mean(shop):
    never, interested, others = (made.rule for made in filled("newcomers").made())
    world = everyone(now=NOW)

    def found(rule: dict) -> set[int]:
        return set(members_of(read_rule(rule), world))

    def bought(person, category: str) -> bool:
        return oracle.admits({"field": "orders.count", "operator": ">", "value": 0} | of(category), person)

    without = {each.id for each in shop if not bought(each, "milk")}
    assert found(never) == without
    assert found(others) == {each.id for each in shop if each.id in without and bought(each, "bread")}
    assert found(interested) <= without


def test_the_eight_classes_are_eight_segments(shop):
    assert len(filled("rfm_classes").made()) == 8


def test_a_key_that_is_taken_gets_a_number(shop, admin_user):
    made = filled("first_order").made()
    slugs = [segment.slug for _ in range(3) for segment in create_each(made, by=admin_user, now=NOW)]
    assert slugs == ["first-order", "first-order-2", "first-order-3"]


@pytest.mark.parametrize(
    ("key", "values", "field"),
    [
        ("newcomers", {"other": "milk"}, "other"),
        ("newcomers", {"days": 0}, "days"),
        ("newcomers", {"category": "x" * 201}, "category"),
        ("newcomers", {"category": "\x00"}, "category"),
        ("repurchase", {"low": 50, "high": 40}, "high"),
        ("big_spenders", {"amount": "-1"}, "amount"),
        ("lapsed", {"model": "gone"}, "model"),
    ],
)
def test_values_that_make_no_sense_are_refused(key, values, field):
    form = StartingForm(BY_KEY[key], VALUES | values)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_an_operator_chooses_fills_in_counts_and_creates(shop, admin_client):
    gallery = admin_client.get(reverse("admin:segmentation_segment_starting_points"), headers=ENGLISH).content.decode()
    assert all(str(point.title) in gallery for point in STARTING_POINTS)
    address = reverse("admin:segmentation_segment_starting_point", args=["newcomers"])
    page = admin_client.get(address, headers=ENGLISH).content.decode()
    assert OrderItem.objects.exists()
    assert '<option value="milk">' in page
    page = admin_client.post(address, VALUES | {"count": "1"}, headers=ENGLISH).content.decode()
    assert "Never bought milk" in page
    assert "no orders of milk" in page
    before = Segment.objects.count()
    answer = admin_client.post(address, VALUES | {"create": "1"}, follow=True, headers=ENGLISH)
    assert "3 segments created." in answer.content.decode()
    assert Segment.objects.count() == before + 3


def test_the_count_follows_the_values(shop, admin_client):
    address = reverse("admin:segmentation_segment_starting_count", args=["first_order"])
    page = admin_client.post(address, {}, headers=ENGLISH).content.decode()
    none = {"field": "orders.count", "operator": "=", "value": 0}
    without = sum(oracle.admits(none, each) for each in shop)
    assert f"{without} members" in page
    broken = reverse("admin:segmentation_segment_starting_count", args=["newcomers"])
    assert "Fill in the values" in admin_client.post(broken, {}, headers=ENGLISH).content.decode()


def test_a_model_that_was_never_computed_is_told(admin_client):
    Member.objects.create(uid="ann")
    address = reverse("admin:segmentation_segment_starting_count", args=["lapsed"])
    page = admin_client.post(address, VALUES, headers=ENGLISH).content.decode()
    assert "has not been computed yet" in page


@pytest.mark.parametrize("name", ["points", "point", "count"])
def test_it_takes_the_permission_to_add(client, django_user_model, name):
    client.force_login(django_user_model.objects.create_user("viewer", password="x", is_staff=True))
    arguments = [] if name == "points" else ["newcomers"]
    assert client.get(reverse(f"admin:segmentation_segment_starting_{name}", args=arguments)).status_code == 403


def test_what_is_no_model_is_not_found(admin_client):
    assert admin_client.get(reverse("admin:segmentation_segment_starting_point", args=["gone"])).status_code == 404
