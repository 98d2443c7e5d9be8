"""Every rule that was saved is kept as a version; an older one can be the rule again, if it still may."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from members.models import Level, Member
from operations.models import AuditRecord, Job
from segmentation import recomputing
from segmentation.definitions import same_rule, save_rule
from segmentation.models import Segment, SegmentVersion
from segmentation.rolling_back import roll_back
from segmentation.rule_errors import RuleError
from tests.segmentation.people import NOW
from tests.segmentation.test_admin import post_segment

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


def at_least(count: object) -> dict:
    clause = {"field": "orders.count", "operator": ">=", "value": count}
    return {"version": 1, "combinator": "and", "rules": [clause]}


def reads(slug: str) -> dict:
    return {"version": 1, "combinator": "and", "rules": [{"field": "segment", "operator": "in", "value": [slug]}]}


def saved(slug: str, *rules: dict) -> Segment:
    """Return a segment whose rule was each of these in turn, an hour apart."""
    segment = Segment(slug=slug, name=slug.title())
    for hour, rule in enumerate(rules):
        save_rule(segment, rule, by=None, now=NOW + timedelta(hours=hour))
    return segment


def numbers(segment: Segment) -> list[tuple[int, object]]:
    return list(segment.versions.order_by("number").values_list("number", "rule"))


def test_each_rule_that_says_something_new_is_the_next_version():
    segment = saved("buyers", at_least(1), at_least(1), at_least(2), at_least(1))
    assert numbers(segment) == [(1, at_least(1)), (2, at_least(2)), (3, at_least(1))]
    segment.refresh_from_db()
    assert segment.rule == at_least(1)


def test_true_is_not_taken_for_one():
    assert not same_rule({"value": 1}, {"value": True})
    assert same_rule({"value": 1, "not": False}, {"not": False, "value": 1})


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"version": 1, "combinator": "and", "rules": []}, "rules"),
        (at_least("x"), "rules[0].value"),
        (reads("gone"), "rules[0].value"),
        (reads("buyers"), "rules[0].value"),
    ],
)
def test_a_bad_rule_leaves_rule_and_versions_as_they_were(rule, path):
    segment = saved("buyers", at_least(1))
    with pytest.raises(RuleError) as refused:
        save_rule(segment, rule, by=None, now=NOW)
    assert refused.value.path == path
    assert Segment.objects.get().rule == at_least(1)
    assert segment.versions.count() == 1


def test_a_bad_rule_makes_no_segment():
    with pytest.raises(RuleError):
        save_rule(Segment(slug="new", name="New"), reads("gone"), by=None, now=NOW)
    assert not Segment.objects.exists()


def test_going_back_is_a_new_version_on_record_and_is_computed(admin_user):
    segment = saved("buyers", at_least(1), at_least(2))
    version = roll_back(segment, 1, by=admin_user, now=NOW)
    assert (version.number, version.rule, version.restores, version.saved_by) == (3, at_least(1), 1, "admin")
    record = AuditRecord.objects.get()
    assert (record.action, record.changes["version"]) == ("segment.rolled_back", [1, 3])
    assert Job.objects.filter(arguments__segment_id=segment.pk).exists()
    assert roll_back(segment, 3, by=admin_user, now=NOW) is None
    assert segment.versions.count() == 3


def test_going_back_to_a_name_that_is_gone_changes_nothing():
    level = Level.objects.create(slug="gold", name="Gold", kind="paid", rank=9)
    golden = {"version": 1, "combinator": "and", "rules": [{"field": "level", "operator": "=", "value": "gold"}]}
    segment = saved("buyers", golden, at_least(2))
    level.delete()
    with pytest.raises(RuleError, match="knows no “gold”"):
        roll_back(segment, 1, by=None, now=NOW)
    assert Segment.objects.get().rule == at_least(2)
    assert segment.versions.count() == 2


def test_going_back_may_not_close_a_circle():
    other = saved("other", at_least(1))
    segment = saved("buyers", reads("other"), at_least(2))
    save_rule(other, reads("buyers"), by=None, now=NOW)
    with pytest.raises(RuleError, match="buyers → other → buyers"):
        roll_back(segment, 1, by=None, now=NOW)


def test_the_form_saves_by_the_same_path(admin_client):
    post_segment(admin_client, at_least(1))
    post_segment(admin_client, at_least(1), name="Renamed")
    post_segment(admin_client, at_least(3))
    segment = Segment.objects.get()
    assert numbers(segment) == [(1, at_least(1)), (2, at_least(3))]
    assert segment.name == "Buyers"
    assert set(segment.versions.values_list("saved_by", flat=True)) == {"admin"}


def test_the_screen_tells_who_when_how_many_and_what_changed(admin_client):
    Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(3))
    segment = saved("buyers", at_least(0))
    recomputing.recompute(segment, now=NOW + timedelta(minutes=1))
    save_rule(segment, at_least(5), by=None, now=NOW + timedelta(hours=1))
    save_rule(segment, at_least(7), by=None, now=NOW + timedelta(hours=2))
    address = reverse("admin:segmentation_segment_versions", args=[segment.pk])
    page = admin_client.get(address, headers=ENGLISH).content.decode()
    assert "orders: ≥ 5 → ≥ 7" in page
    assert "3 members" in page
    assert "at least 7 orders" in page
    page = admin_client.get(address, {"before": 3, "after": 1}, headers=ENGLISH).content.decode()
    assert "From version 1 to version 3" in page
    assert "orders: ≥ 0 → ≥ 7" in page
    assert admin_client.get(address, {"before": "x", "after": "99"}).status_code == 200


def test_the_screen_goes_back(admin_client):
    segment = saved("buyers", at_least(1), at_least(2))
    address = reverse("admin:segmentation_segment_restore", args=[segment.pk, 1])
    answer = admin_client.post(address, follow=True, headers=ENGLISH)
    assert "Version 1 is the rule again, as version 3." in answer.content.decode()
    assert admin_client.get(address).status_code == 405
    assert admin_client.post(reverse("admin:segmentation_segment_restore", args=[segment.pk, 9])).status_code == 404


def test_the_screen_tells_why_it_cannot_go_back(admin_client):
    segment = saved("buyers", at_least(1), at_least(2))
    SegmentVersion.objects.create(segment=segment, number=9, rule=reads("gone"), saved_at=NOW)
    answer = admin_client.post(
        reverse("admin:segmentation_segment_restore", args=[segment.pk, 9]), follow=True, headers=ENGLISH
    )
    assert "Version 9 cannot be restored: rules[0].value: segment knows no “gone”." in answer.content.decode()
    assert Segment.objects.get().rule == at_least(2)


def test_who_may_look_may_not_go_back(client):
    user = get_user_model().objects.create_user("viewer", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_segment"))
    client.force_login(user)
    segment = saved("buyers", at_least(1), at_least(2))
    assert client.get(reverse("admin:segmentation_segment_versions", args=[segment.pk])).status_code == 200
    assert client.post(reverse("admin:segmentation_segment_restore", args=[segment.pk, 1])).status_code == 403
    assert segment.versions.count() == 2
