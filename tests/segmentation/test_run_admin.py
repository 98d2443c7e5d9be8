"""Runs are watched while they work, and tell afterwards who came and who went."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from members.models import Member
from segmentation import recomputing, scheduling
from segmentation.models import MemberSet, Segment, SegmentRun
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "profile.region", "operator": "=", "value": "here"}]}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("op", password="op"))
    return client


@pytest.fixture
def segment() -> Segment:
    Member.objects.bulk_create(Member(uid=f"u{n}", region="here" if n < 3 else "") for n in range(5))
    return Segment.objects.create(slug="here", name="Here", rule=RULE)


def page(client: Client, model: str, pk: int) -> str:
    answer = client.get(reverse(f"admin:segmentation_{model}_change", args=[pk]), headers=ENGLISH)
    assert answer.status_code == 200
    return answer.content.decode()


def save(client: Client, segment: Segment, **fields: str):
    body = {"slug": "here", "name": "Here", "description": "", "rule": json.dumps(segment.rule), "follows": "on"}
    address = reverse("admin:segmentation_segment_change", args=[segment.pk])
    return client.post(address, body | fields, headers=ENGLISH)


def test_a_run_lists_who_entered_and_who_left(operator, segment):
    recomputing.recompute(segment, now=NOW)
    Member.objects.filter(uid="u0").update(region="")
    Member.objects.filter(uid="u4").update(region="here")
    run = recomputing.recompute(segment, now=NOW)
    text = page(operator, "segmentrun", run.pk)
    entered, left = text.split('aria-label="Left"')
    assert ">u4</a>" in entered.split('aria-label="Entered"')[1]
    assert ">u0</a>" in left
    assert reverse("admin:members_member_change", args=[Member.objects.get(uid="u4").pk]) in text


def test_the_first_run_lists_everybody_as_entered(operator, segment):
    run = recomputing.recompute(segment, now=NOW)
    assert page(operator, "segmentrun", run.pk).count("/admin/members/member/") >= 3


def test_a_run_whose_sets_are_pruned_says_so(operator, segment):
    run = recomputing.recompute(segment, now=NOW)
    Segment.objects.update(members=None)
    MemberSet.objects.all().delete()
    assert "older sets are deleted" in page(operator, "segmentrun", run.pk)


def test_many_members_are_paged(operator, segment):
    Member.objects.bulk_create(Member(uid=f"m{n:04}", region="here") for n in range(240))
    run = recomputing.recompute(segment, now=NOW)
    address = reverse("admin:segmentation_segmentrun_change", args=[run.pk])
    text = operator.get(address, {"entered": "3"}, headers=ENGLISH).content.decode()
    assert "page 3 of 3" in text
    assert text.count(">m0") == 43
    assert operator.get(address, {"entered": "nonsense"}).status_code == 200


def test_progress_is_fetched_until_the_run_ends(operator, segment):
    run = SegmentRun.objects.create(segment=segment, state="running", started_at=NOW, clauses=4, clauses_done=1)
    address = reverse("admin:segmentation_segmentrun_progress", args=[run.pk])
    running = operator.get(address, headers=ENGLISH).content.decode()
    assert 'value="25.0"' in running
    assert "hx-get" in running
    assert "1 of 4 clauses answered" in page(operator, "segment", segment.pk)
    SegmentRun.objects.update(state="done", size=0, entered=0, left=0)
    assert "hx-get" not in operator.get(address).content.decode()
    assert operator.get(reverse("admin:segmentation_segmentrun_progress", args=[4711])).status_code == 404


def test_the_segment_tells_how_fresh_it_is_and_how_often_it_failed(operator, segment):
    recomputing.recompute(segment, now=NOW)
    assert "new facts follow within seconds" in page(operator, "segment", segment.pk)
    Segment.objects.update(rule=RULE | {"rules": []})
    for _time in range(2):
        recomputing.recompute(segment, now=NOW)
    text = page(operator, "segment", segment.pk)
    assert "The last 2 runs failed" in text
    listed = operator.get(reverse("admin:segmentation_segment_changelist"), headers=ENGLISH).content.decode()
    assert "failed" in listed


def test_a_schedule_is_saved_with_its_next_time(operator, segment):
    recomputing.recompute(segment, now=NOW)
    assert save(operator, segment, cron=" 30  3 * * * ").status_code == 302
    saved = Segment.objects.get()
    assert (saved.cron, saved.every_minutes, saved.follows) == ("30 3 * * *", None, True)
    assert saved.next_run_at is not None
    assert scheduling.scan(now=NOW) == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cron": "61 3 * * *"}, "The minute (the first field) cannot be read"),
        ({"cron": "* * * * *"}, "At most once in 5 minutes."),
        ({"cron": "soon"}, "Five fields are needed"),
        ({"every_minutes": "0"}, "From 5 to 10080 minutes."),
        ({"every_minutes": "-1"}, "greater than or equal to 0"),
        ({"every_minutes": "99999999999"}, "From 5 to 10080 minutes."),
        ({"every_minutes": "60", "cron": "30 3 * * *"}, "not both"),
    ],
)
def test_a_bad_schedule_is_refused_with_the_reason(operator, segment, fields, said):
    answer = save(operator, segment, **fields)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Segment.objects.get().next_run_at is None


def test_saving_a_form_does_not_write_a_workers_result_back(operator, segment):
    recomputing.recompute(segment, now=NOW)
    before = Segment.objects.get()
    save(operator, segment, name="Renamed")
    after = Segment.objects.get()
    assert (after.members_id, after.as_of, after.families) == (before.members_id, before.as_of, before.families)
