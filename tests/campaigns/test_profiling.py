"""A member who refuses profiling gets what is there for everyone, and is told why not the rest."""

import json

import pytest
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from campaigns import definition
from campaigns.eligibility import Subject, TaskState, decide, refusal_by
from campaigns.refusals import Refusal
from campaigns.subjects import load_members, load_published, load_subject
from campaigns.wordings import wording
from members import participants
from members.models import Member
from operations.api_keys import create_api_key
from operations.models import AuditRecord
from segmentation import tagging
from segmentation.models import Tag, TagGroup
from tests.campaigns.scenes import NOW, make_level, pool, publish, task


def subject(**changes):
    known = {"tags": frozenset({"taste.milk"}), "segments": frozenset({"buyers"}), "level": "gold"}
    return Subject(member_id=1, uid="ann", now=NOW, **(known | {"profiling_refused": True} | changes))


@pytest.mark.parametrize(
    ("audience", "refusal"),
    [
        ({}, None),
        ({"levels": {"gold"}}, None),
        ({"levels": {"base"}}, Refusal.LEVEL),
        ({"tag_groups": {"taste"}}, Refusal.PROFILING_REFUSED),
        ({"tags_any": {"taste.milk"}}, Refusal.PROFILING_REFUSED),
        ({"tags_all": {"taste.milk"}}, Refusal.PROFILING_REFUSED),
        ({"tags_all": {"taste.tea"}}, Refusal.PROFILING_REFUSED),
        ({"segments_in": {"buyers"}}, Refusal.PROFILING_REFUSED),
        ({"segments_not_in": {"buyers"}}, None),
        ({"tags_none": {"taste.milk"}}, Refusal.TAGS_NONE),
        ({"score_from": 5}, Refusal.SCORE),
    ],
)
def test_tags_and_segments_count_as_none_but_cheats_stay_out(audience, refusal):
    asked = definition.Audience(
        **{name: value if isinstance(value, int) else frozenset(value) for name, value in audience.items()}
    )
    assert refusal_by(asked, subject()) is refusal


def test_without_the_refusal_the_same_member_is_picked():
    asked = definition.Audience(tags_any=frozenset({"taste.milk"}), segments_in=frozenset({"buyers"}))
    assert refusal_by(asked, subject(profiling_refused=False)) is None


@pytest.mark.parametrize(("language", "words"), [("en", "chosen group"), ("zh-hans", "关闭个性化推荐")])
def test_the_reason_is_said_in_both_languages(language, words):
    with translation.override(language):
        assert words in wording(Refusal.PROFILING_REFUSED)


@pytest.fixture
def ann(db):
    member = Member.objects.create(uid="ann", level=make_level("gold"))
    group = TagGroup.objects.create(slug="taste", name="Taste")
    tagging.set_tag([member.pk], Tag.objects.create(group=group, slug="milk", name="Milk"), source="import", now=NOW)
    picked = {"tags_any": ["taste.milk"]}
    publish(
        tasks=[task("for-all"), task("for-milk", audience=picked)],
        pools=[pool("milk", audience=picked), pool("everyone")],
    )
    return member


def decision_of(member):
    _definition, facts = load_published(member.uid, "autumn", now=NOW)
    return decide(_definition, facts.for_campaign(_definition))


def test_the_default_for_everyone_is_what_they_get(ann):
    assert decision_of(ann).pool.slug == "milk"
    Member.objects.filter(pk=ann.pk).update(profiling_refused_at=NOW)
    decided = decision_of(ann)
    assert decided.refusal is None
    assert decided.pool.slug == "everyone"
    assert decided.task("for-all").state is TaskState.OPEN
    assert decided.task("for-milk").refusal is Refusal.PROFILING_REFUSED


def test_every_way_of_loading_a_member_knows_of_the_refusal(ann):
    Member.objects.filter(pk=ann.pk).update(profiling_refused_at=NOW)
    published, facts = load_published("ann", "autumn", now=NOW)
    assert facts.for_campaign(published).profiling_refused
    assert load_subject(ann, published, now=NOW).profiling_refused
    assert load_members(["ann"], published, now=NOW)["ann"].profiling_refused
    Member.objects.filter(pk=ann.pk).update(profiling_refused_at=None)
    assert not load_subject(ann, published, now=NOW).profiling_refused


@pytest.fixture
def api(db):
    _, plain, _ = create_api_key("shop", ["facts"])
    return APIClient(headers={"Authorization": f"Api-Key {plain}", "Accept-Language": "en"})


def test_the_shop_passes_the_choice_on_by_the_api(ann, api):
    first = api.post("/api/v1/members/ann/profiling/", {"refused": True}, format="json").json()
    assert first["refused"] is True
    assert api.post("/api/v1/members/ann/profiling/", {"refused": True}, format="json").json() == first
    assert api.post("/api/v1/members/ann/profiling/", {"refused": False}, format="json").json() == {
        "refused": False,
        "since": None,
    }
    assert list(AuditRecord.objects.filter(target_name=f"member #{ann.pk}").values_list("action", flat=True)) == [
        "member.profiling_refused",
        "member.profiling_allowed",
    ]
    assert AuditRecord.objects.latest("id").actor_name.startswith("shop")


@pytest.mark.parametrize("body", [{}, [], {"refused": "yes"}, {"refused": None}, 5])
def test_a_choice_that_is_none_is_refused(ann, api, body):
    answer = api.post("/api/v1/members/ann/profiling/", json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_choice")


def test_nobody_is_asked_for_an_unknown_member(api):
    assert api.post("/api/v1/members/nobody/profiling/", {"refused": True}, format="json").status_code == 404


def enter(client, member, rf):
    from django.http import HttpResponse

    response = HttpResponse()
    request = rf.get("/")
    request.session = client.session
    participants.sign_in(response, member, request)
    client.cookies[participants.COOKIE] = response.cookies[participants.COOKIE].value


def test_a_member_refuses_and_allows_again_on_their_own_page(ann, client, rf):
    page = reverse("h5-privacy")
    assert client.get(page).status_code == 403
    enter(client, ann, rf)
    assert "Do not pick offers for me" in client.get(page, headers={"Accept-Language": "en"}).content.decode()
    assert client.post(page, {"profiling": "refuse"}).status_code == 302
    ann.refresh_from_db()
    assert ann.profiling_refused_at is not None
    assert "Pick offers for me again" in client.get(page, headers={"Accept-Language": "en"}).content.decode()
    client.post(page, {"profiling": "allow"})
    ann.refresh_from_db()
    assert ann.profiling_refused_at is None
    assert AuditRecord.objects.filter(actor_name="", target_name=f"member #{ann.pk}").count() == 2


def test_the_cookie_of_an_erased_member_opens_no_page(ann, client, rf):
    enter(client, ann, rf)
    Member.objects.filter(pk=ann.pk).update(erased_at=NOW)
    assert client.get(reverse("h5-privacy")).status_code == 403
    assert client.get(reverse("h5-me")).status_code == 403
