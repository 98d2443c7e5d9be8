"""The admin's screens: they refuse with the path of the fault, ask workers, and never write a worker's result back."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from members.models import Member
from operations.models import AuditRecord, Job
from segmentation import recomputing, rfm
from segmentation.models import MemberTag, RfmModel, Segment, SegmentRun, Tag, TagGroup
from segmentation.tagging import set_tag
from tests.segmentation import people
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 1}]}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("op", password="op"))
    return client


def post_segment(client: Client, rule: object, **more: str):
    text = rule if isinstance(rule, str) else json.dumps(rule)
    body = {"slug": "buyers", "name": "Buyers", "description": "", "rule": text} | more
    existing = Segment.objects.filter(slug="buyers").first()
    address = (
        reverse("admin:segmentation_segment_change", args=[existing.pk])
        if existing
        else reverse("admin:segmentation_segment_add")
    )
    return client.post(address, body, headers={"Accept-Language": "en"})


def test_a_saved_segment_is_computed_by_a_worker_and_audited(operator):
    assert post_segment(operator, RULE).status_code == 302
    segment = Segment.objects.get()
    assert Job.objects.get().arguments == {"segment_id": segment.pk}
    assert AuditRecord.objects.get().action == "segment.added"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{", "This is not JSON"),
        ("[" * 3000, "This is not JSON|nested too deep"),
        ("[" * 900 + "]" * 900, "nested too deep"),
        ("9" * 5000, "This is not JSON"),
        ({"version": 1, "combinator": "and", "rules": []}, "rules: A group holds at least one rule."),
        (
            RULE | {"rules": [RULE["rules"][0] | {"window": {"last_days": "x"}}]},
            r"rules\[0\].window.last_days: A whole number of days is needed.",
        ),
        (
            RULE | {"rules": [{"field": "segment", "operator": "=", "value": "buyers"}]},
            "knows no “buyers”",
        ),
    ],
)
def test_a_faulty_rule_is_refused_with_its_path(operator, rule, said):
    answer = post_segment(operator, rule)
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors["rule"]
    assert re.search(said, errors[0])
    assert not Segment.objects.exists()


def test_a_segment_that_would_read_itself_is_refused(operator):
    post_segment(operator, RULE)
    answer = post_segment(operator, RULE | {"rules": [{"field": "segment", "operator": "=", "value": "buyers"}]})
    assert answer.context["adminform"].form.errors["rule"] == [
        "rules[0].value: The segment would read itself: buyers → buyers."
    ]


def test_saving_a_form_does_not_write_an_old_version_back(operator, monkeypatch):
    post_segment(operator, RULE)
    segment = Segment.objects.get()

    def publish_meanwhile(rule_json, *, slug):
        return recomputing.recompute(Segment.objects.get(), now=NOW)

    monkeypatch.setattr("segmentation.forms.check_rule", publish_meanwhile)
    post_segment(operator, RULE, name="Renamed")
    segment.refresh_from_db()
    assert segment.name == "Renamed"
    assert segment.members_id is not None


def test_the_screen_of_a_segment_tells_rule_run_and_error(operator):
    people.write(people.invent(1))
    post_segment(operator, RULE)
    segment = Segment.objects.get(slug="buyers")
    recomputing.recompute(segment, now=NOW)
    address = reverse("admin:segmentation_segment_change", args=[segment.pk])
    page = operator.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "at least 1 order" in page
    assert f"<dd>{segment.members.size}</dd>" in page
    Segment.objects.filter(pk=segment.pk).update(rule={})
    assert recomputing.recompute(segment, now=NOW).state == SegmentRun.State.FAILED
    page = operator.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "The version of a rule is 1." in page
    assert "The version before it goes on serving." in page


def test_an_operator_counts_without_saving(operator):
    people.write(people.invent(1))
    post_segment(operator, RULE)
    segment = Segment.objects.get(slug="buyers")
    answer = operator.get(
        f"/admin/segmentation/segment/{segment.pk}/estimate/", follow=True, headers={"Accept-Language": "en"}
    )
    message = list(answer.context["messages"])[-1]
    assert str(message).startswith("The rule holds for ")
    assert not segment.runs.exists()


def test_recomputing_needs_its_own_permission(client):
    user = get_user_model().objects.create_user("viewer", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_segment", "change_segment"]))
    client.force_login(user)
    segment = Segment.objects.create(slug="buyers", name="Buyers", rule=RULE)
    chosen = {"action": "recompute", "_selected_action": [segment.pk]}
    client.post(reverse("admin:segmentation_segment_changelist"), chosen)
    assert not Job.objects.exists()
    user.user_permissions.add(Permission.objects.get(codename="recompute_segment"))
    client.post(reverse("admin:segmentation_segment_changelist"), chosen)
    assert Job.objects.count() == 1


def test_the_heat_map_says_where_parts_are_fewer(operator):
    people.write(people.invent(1))
    RfmModel.objects.update(current=None)
    model = RfmModel.objects.get()
    rfm.recompute(model, at=NOW.date(), now=NOW)
    address = reverse("admin:segmentation_rfmmodel_change", args=[model.pk])
    page = operator.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "The frequency score has" in page
    assert "important: value" in page
    assert 'style="' not in page[page.index("rfm-columns") : page.index("rfm-note")]


def test_thresholds_are_checked_when_they_are_used(operator):
    body = {"slug": "d", "name": "D", "method": "thresholds", "r_parts": 5, "f_parts": 5, "m_parts": 5}
    answer = operator.post(
        reverse("admin:segmentation_rfmmodel_add"),
        body | {"thresholds": '{"r": [90, 30], "f": [2], "m": ["1"]}'},
        headers={"Accept-Language": "en"},
    )
    assert answer.context["adminform"].form.errors["thresholds"] == ["r[1]: Thresholds ascend."]
    operator.post(reverse("admin:segmentation_rfmmodel_add"), body | {"method": "quantiles", "thresholds": ""})
    assert RfmModel.objects.get(slug="d").thresholds == {}


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ('{"r": NaN}', "A number is not finite."),
        ('{"r": 1e999}', "A number is not finite."),
        (r'{"r": "\u0000"}', "The text holds characters that cannot be stored."),
        (r'{"\ud800": 1}', "The text holds characters that cannot be stored."),
    ],
)
def test_json_that_the_database_would_refuse_is_refused_by_the_form(operator, thresholds, said):
    body = {"slug": "d", "name": "D", "method": "quantiles", "r_parts": 5, "f_parts": 5, "m_parts": 5}
    answer = operator.post(
        reverse("admin:segmentation_rfmmodel_add"),
        body | {"thresholds": thresholds, "window_days": 4_000_000},
        headers={"Accept-Language": "en"},
    )
    errors = answer.context["adminform"].form.errors
    assert errors["thresholds"] == [said]
    assert errors["window_days"] == ["From 1 to 36500 days."]


def test_a_tag_set_by_hand_takes_the_place_of_the_other(operator):
    member = Member.objects.create(uid="u1")
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=True)
    low, high = (Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high"))
    set_tag([member.pk], low, source="api", now=NOW)
    answer = operator.post(
        reverse("admin:segmentation_membertag_add"),
        {"member": member.pk, "tag": high.pk, "expires_at_0": "", "expires_at_1": ""},
    )
    assert answer.status_code == 302
    assert (MemberTag.objects.get().tag, MemberTag.objects.get().source) == (high, "hand")
    operator.post(reverse("admin:segmentation_membertag_delete", args=[MemberTag.objects.get().pk]), {"post": "yes"})
    assert not MemberTag.objects.exists()


def test_a_group_cannot_become_exclusive_while_members_carry_several(operator):
    member = Member.objects.create(uid="u1")
    group = TagGroup.objects.create(slug="power", name="Power")
    for slug in ("low", "high"):
        set_tag([member.pk], Tag.objects.create(group=group, slug=slug, name=slug), source="api", now=NOW)
    inline = {"tags-TOTAL_FORMS": 0, "tags-INITIAL_FORMS": 0}
    answer = operator.post(
        reverse("admin:segmentation_taggroup_change", args=[group.pk]),
        {"slug": "power", "name": "Power", "exclusive": "on"} | inline,
        headers={"Accept-Language": "en"},
    )
    assert answer.context["adminform"].form.errors["exclusive"] == ["1 members carry several tags of this group."]


@pytest.mark.parametrize("name", ["segment", "segmentrun", "taggroup", "membertag", "rfmmodel"])
def test_a_list_takes_the_same_queries_however_long_it_is(operator, name, django_assert_max_num_queries):
    people.write(people.invent(2))
    for segment in Segment.objects.filter(slug__in=["a", "b"]):
        recomputing.recompute(segment, now=NOW)
    with django_assert_max_num_queries(12):
        assert operator.get(reverse(f"admin:segmentation_{name}_changelist")).status_code == 200
