"""A segment is recomputed, published whole, and keeps its last good version when that fails."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pyroaring import BitMap

from members.models import Level, Member
from operations.models import Job
from segmentation import jobs, member_sets, recomputing, sources
from segmentation.definitions import check_rule, in_order
from segmentation.models import MemberSet, Segment, SegmentRun, Tag, TagGroup
from segmentation.rule_errors import RuleError
from segmentation.tagging import set_tag
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


def rule(*leaves: dict) -> dict:
    return {"version": 1, "combinator": "and", "rules": list(leaves)}


def reads(*slugs: str) -> dict:
    return rule({"field": "segment", "operator": "in", "value": list(slugs)})


@pytest.fixture
def members() -> list[Member]:
    return Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(5))


@pytest.fixture
def vip() -> Tag:
    return Tag.objects.create(group=TagGroup.objects.create(slug="club", name="Club"), slug="vip", name="VIP")


@pytest.fixture
def segment(vip: Tag) -> Segment:
    tagged = rule({"field": "tag.club", "operator": "=", "value": "vip"})
    return Segment.objects.create(slug="vips", name="VIPs", rule=tagged)


def tag(members: list[Member], vip: Tag) -> None:
    set_tag([member.pk for member in members], vip, source="hand", now=NOW)


def test_a_run_tells_who_entered_and_who_left(segment, members, vip):
    tag(members[:3], vip)
    first = recomputing.recompute(segment, now=NOW)
    assert (first.state, first.size, first.entered, first.left) == ("done", 3, 3, 0)

    vip.member_tags.filter(member=members[0]).delete()
    tag(members[3:], vip)
    second = recomputing.recompute(segment, now=NOW)
    assert (second.size, second.entered, second.left) == (4, 2, 1)
    entered, left = recomputing.entered_and_left(first.members_id, second.members_id)
    assert (set(entered), set(left)) == ({members[3].pk, members[4].pk}, {members[0].pk})


def test_a_version_without_change_is_not_stored_again(segment, members, vip):
    tag(members, vip)
    first = recomputing.recompute(segment, now=NOW)
    again = recomputing.recompute(segment, now=NOW + timedelta(hours=1))
    assert again.members_id == first.members_id
    assert Segment.objects.get().refreshed_at == NOW + timedelta(hours=1)


def test_the_last_good_version_serves_when_a_tag_has_vanished(segment, members, vip):
    tag(members, vip)
    good = recomputing.recompute(segment, now=NOW)
    segment.rule = rule({"field": "tag.club", "operator": "=", "value": "gone"})
    segment.save()
    run = recomputing.recompute(segment, now=NOW)
    assert run.state == SegmentRun.State.FAILED
    assert run.error == "rules[0].value: tag.club knows no “gone”."
    segment.refresh_from_db()
    assert segment.members_id == good.members_id
    assert member_sets.load(segment.members_id) == BitMap(member.pk for member in members)


class Broken(sources.Source):
    """A source that writes halfway and then raises."""

    def members_of(self, leaf, world):
        Level.objects.create(slug="half", name="half", rank=9, kind="paid")
        raise ZeroDivisionError("the source broke")

    def values_of(self, leaf, member_id, world):
        return []


def test_the_last_good_version_serves_when_a_source_breaks(segment, members, vip, monkeypatch):
    tag(members, vip)
    good = recomputing.recompute(segment, now=NOW)
    monkeypatch.setitem(sources.SOURCES, "level", Broken())
    Segment.objects.filter(pk=segment.pk).update(rule=rule({"field": "level", "operator": "is_null"}))
    run = recomputing.recompute(segment, now=NOW)
    assert (run.state, run.error) == ("failed", "the source broke")
    assert Segment.objects.get().members_id == good.members_id
    assert not Level.objects.filter(slug="half").exists()


def test_a_segment_over_one_without_members_fails_with_its_name(segment):
    reader = Segment.objects.create(slug="reader", name="Reader", rule=reads("vips"))
    run = recomputing.recompute(reader, now=NOW)
    assert (run.state, run.error) == ("failed", "rules[0]: segment vips has no members computed yet")


def test_old_versions_are_pruned_and_one_that_is_held_stays(segment, members, vip):
    versions = []
    for number in range(8):
        vip.member_tags.all().delete()
        tag(members[: number % 5 + 1], vip)
        run = recomputing.recompute(segment, now=NOW)
        versions.append(run.members_id)
        if number == 0:
            Segment.objects.create(slug="frozen", name="Frozen", rule={}, members_id=run.members_id)
    kept = set(MemberSet.objects.values_list("pk", flat=True))
    assert kept == {versions[0], *versions[-recomputing.KEPT_VERSIONS :]}


@pytest.mark.parametrize(
    ("stored", "slug", "asked", "chain"),
    [
        ({}, "a", reads("a"), "a → a"),
        ({"b": "a"}, "a", reads("b"), "a → b → a"),
        ({"b": "c", "c": "a"}, "a", reads("b"), "a → b → c → a"),
    ],
)
def test_a_segment_may_not_read_itself(stored, slug, asked, chain):
    Segment.objects.create(slug=slug, name=slug, rule={})
    for other, read in stored.items():
        Segment.objects.create(slug=other, name=other, rule=reads(read))
    with pytest.raises(RuleError) as refused:
        check_rule(asked, slug=slug)
    assert (refused.value.path, refused.value.code) == ("rules[0].value", "cycle")
    assert chain in refused.value.message


def test_a_segment_may_read_what_others_read_too():
    for other, read in {"c": "d", "d": "c"}.items():
        Segment.objects.create(slug=other, name=other, rule=reads(read))
    assert check_rule(reads("c"), slug="a")


def test_all_are_recomputed_after_what_they_read(members, segment, vip, capsys):
    tag(members, vip)
    Segment.objects.create(slug="a-reader", name="A", rule=reads("b-reader"))
    Segment.objects.create(slug="b-reader", name="B", rule=reads("vips"))
    assert [each.slug for each in in_order(Segment.objects.all())] == ["vips", "b-reader", "a-reader"]
    call_command("recompute_segment", "--all")
    assert "a-reader: 5 members, 5 entered, 0 left" in capsys.readouterr().out
    call_command("export_segment", "a-reader")
    assert capsys.readouterr().out.split() == [member.uid for member in members]


def asked_for(segment: Segment) -> int:
    return Job.objects.filter(function="segmentation.jobs.recompute", arguments={"segment_id": segment.pk}).count()


def test_readers_without_a_version_are_asked_for_once_when_members_changed(segment, members, vip):
    reader = Segment.objects.create(slug="reader", name="Reader", rule=reads("vips"))
    tag(members[:3], vip)
    jobs.recompute(segment.pk)
    tag(members, vip)
    jobs.recompute(segment.pk)
    assert asked_for(reader) == 1


def test_a_failed_run_is_raised_so_that_the_job_is_tried_again(segment, vip):
    vip.delete()
    with pytest.raises(recomputing.RunFailed, match="tag.club knows no “vip”"):
        jobs.recompute(segment.pk)


def test_a_deleted_segment_needs_no_members():
    jobs.recompute(4711)


def test_a_worker_is_asked_inside_the_transaction(segment):
    with transaction.atomic():
        recomputing.request_recompute(segment, now=NOW)
    assert Job.objects.get().arguments == {"segment_id": segment.pk}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["recompute_segment"], "name the segments, or give --all"),
        (["recompute_segment", "vips", "--all"], "name the segments, or give --all"),
        (["recompute_segment", "gone"], "no segment is called gone"),
        (["export_segment", "gone"], "no segment is called gone"),
        (["export_segment", "vips"], "vips has not been computed yet"),
        (["explain_segment", "vips", "gone"], "no member has the uid gone"),
    ],
)
def test_a_command_says_what_is_wrong(segment, arguments, said):
    with pytest.raises(CommandError, match=said):
        call_command(*arguments)


def test_a_failed_segment_makes_the_command_fail(segment, vip):
    vip.delete()
    with pytest.raises(CommandError, match="1 of 1 failed"):
        call_command("recompute_segment", "vips")
