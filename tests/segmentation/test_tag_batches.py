"""Tags of many members at once: looked at first, few done at once, many by workers, each member once."""

from datetime import timedelta

import pytest
from django.utils import translation

from members.models import Member
from operations.models import AuditRecord, Job
from segmentation import jobs, tag_batches
from segmentation.member_sets import BitMap
from segmentation.models import MemberTag, Tag, TagBatch, TagChange, TagGroup
from segmentation.tag_batches import NotPossible, cancel, prepare, preview, start
from segmentation.tagging import TagRefused, set_tag
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def ids() -> list[int]:
    return [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(7))]


@pytest.fixture
def tags() -> list[Tag]:
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=True)
    return [Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high")]


def batch(tag: Tag, members: list[int], action: str = "set", **more) -> TagBatch:
    return prepare(tag, action, BitMap(members), origin={"how": "list"}, by=None, now=NOW, **more)


def work_off() -> int:
    done = 0
    while waiting := list(Job.objects.exclude(state="done")):
        for job in waiting:
            jobs.work_off_tag_batch(**job.arguments)
            Job.objects.filter(pk=job.pk).update(state="done")
            done += 1
    return done


def test_what_would_change_is_told_before_anything_does(ids, tags):
    low, high = tags
    set_tag(ids[:2], low, source="api", now=NOW)
    set_tag(ids[2:3], high, source="api", now=NOW)
    told = preview(batch(high, ids[:5]), now=NOW)
    assert (told.changes, told.as_before, told.replaced) == (4, 1, [(low, 2)])
    told = preview(batch(low, ids[:5], "remove"), now=NOW)
    assert (told.changes, told.as_before, told.replaced) == (2, 3, [])
    assert TagChange.objects.count() == 3


def test_few_members_are_done_at_once(ids, tags):
    asked = batch(tags[0], ids, expires_at=NOW + timedelta(days=9))
    start(asked, by=None, now=NOW)
    assert (asked.state, asked.done, asked.changed) == ("done", 7, 7)
    assert set(MemberTag.objects.values_list("source", "expires_at")) == {("hand", NOW + timedelta(days=9))}
    assert not Job.objects.exists()
    assert AuditRecord.objects.get().action == "tag_batch.set"


def test_many_members_are_done_by_workers_in_slices(ids, tags, monkeypatch):
    monkeypatch.setattr(tag_batches, "AT_ONCE", 0)
    monkeypatch.setattr(tag_batches, "SLICE", 3)
    asked = batch(tags[0], ids)
    start(asked, by=None, now=NOW)
    first = Job.objects.get()
    jobs.work_off_tag_batch(**first.arguments)
    jobs.work_off_tag_batch(**first.arguments)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.percent) == ("running", 3, 42)
    assert work_off() == 3
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.changed) == ("done", 7, 7)
    remove = batch(tags[0], ids, "remove")
    start(remove, by=None, now=NOW)
    work_off()
    assert not MemberTag.objects.exists()
    assert TagChange.objects.count() == 14


def test_a_batch_is_started_once_and_a_cancelled_one_not(ids, tags):
    asked = batch(tags[0], ids)
    start(asked, by=None, now=NOW)
    with pytest.raises(NotPossible):
        start(asked, by=None, now=NOW)
    other = batch(tags[1], ids)
    cancel(other, by=None, now=NOW)
    with pytest.raises(NotPossible):
        start(other, by=None, now=NOW)
    assert not MemberTag.objects.filter(tag=tags[1]).exists()


def test_a_tag_by_rule_is_refused_also_if_the_rule_came_later(ids, tags):
    asked = batch(tags[0], ids)
    Tag.objects.filter(pk=tags[0].pk).update(rule={})
    with pytest.raises(TagRefused):
        batch(Tag.objects.get(pk=tags[0].pk), ids)
    start(asked, by=None, now=NOW)
    assert (asked.state, "follows its rule" in asked.error) == ("failed", True)


def test_a_batch_whose_worker_gave_up_says_so(ids, tags, monkeypatch):
    monkeypatch.setattr(tag_batches, "AT_ONCE", 0)
    start(batch(tags[0], ids), by=None, now=NOW)
    Job.objects.update(state="dead", error="Traceback\nOSError: gone")
    tag_batches.note_lost(now=NOW)
    assert (TagBatch.objects.get().state, TagBatch.objects.get().error) == ("failed", "OSError: gone")
