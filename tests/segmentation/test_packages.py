"""Packages: versions with an origin, sets joined in order, splits that can be made again; read as any segment."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from members import erasing
from members.models import Member
from operations.models import AuditRecord, Job
from segmentation import evaluation, explaining, member_sets, packages, rules, splitting, uid_lists, world
from segmentation.exporting import page_of, uids_of
from segmentation.models import MemberSet, Package, PackageVersion, Segment, SegmentRun
from segmentation.packages import Content, Operation, Step
from segmentation.sources import SourceError
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


BitMap = member_sets.BitMap


def rule(field: str, operator: str, value: object) -> dict:
    clause = {"field": field, "operator": operator, "value": value}
    return {"version": 1, "combinator": "and", "rules": [clause]}


@pytest.fixture
def ids() -> list[int]:
    return [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(10))]


def package(slug: str, members) -> Package:
    return packages.make(slug, slug.title(), Content(BitMap(members), {"how": "upload"}), by=None, now=NOW)


def test_a_list_becomes_a_package_and_the_next_list_its_second_version(ids):
    first = packages.of_list(uid_lists.bring("u1\nu2\nnobody", None, by=None, now=NOW))
    made = packages.make("vip", "VIP", first, by=None, now=NOW)
    assert (made.kind, made.rule, made.members.size, made.origin["unknown"]) == ("package", None, 2, 1)
    second = packages.of_list(uid_lists.bring("u3", None, by=None, now=NOW))
    packages.renew(made, second, by=None, now=NOW)
    assert list(made.contents.values_list("number", "size")) == [(2, 1), (1, 2)]
    assert set(member_sets.load(Segment.objects.get().members_id)) == {ids[3]}
    packages.renew(made, packages.of_version(made.contents.get(number=1)), by=None, now=NOW)
    assert Segment.objects.get().origin == {"how": "restore", "version": 1}
    assert set(member_sets.load(Segment.objects.get().members_id)) == set(ids[1:3])
    actions = AuditRecord.objects.filter(action__startswith="package").order_by("pk")
    assert [each.action for each in actions] == ["package.added", "package.renewed", "package.renewed"]


def test_a_version_is_never_changed(ids):
    package("vip", ids[:2])
    with pytest.raises(IntegrityError, match="not rewritten"), transaction.atomic():
        PackageVersion.objects.update(size=9)


def test_a_segment_is_frozen_as_of_now(ids):
    segment = Segment.objects.create(slug="late", name="Late", rule=rule("profile.uid", "in", ["u1", "u2"]))
    frozen = packages.of_now(segment, now=NOW)
    assert set(frozen.members) == set(ids[1:3])
    assert frozen.origin["segment"] == "late"
    made = packages.make("late-now", "Late now", frozen, by=None, now=NOW)
    Member.objects.filter(uid="u1").update(uid="other")
    assert set(packages.of_now(made, now=NOW).members) == set(ids[1:3])


def test_sets_are_joined_in_order_with_a_count_after_each(ids):
    a, b, c = package("a", ids[:6]), package("b", ids[3:9]), package("c", ids[4:5])
    steps = [Step(Operation.AND, a), Step(Operation.AND, b), Step(Operation.MINUS, c), Step(Operation.OR, c)]
    content, counts = packages.combined(steps)
    assert counts == [6, 3, 2, 3]
    assert set(content.members) == set(ids[3:6])
    assert [each["operation"] for each in content.origin["steps"]] == ["and", "and", "minus", "or"]
    swapped = packages.combined([Step(Operation.OR, c), Step(Operation.MINUS, c), Step(Operation.OR, a)])
    assert swapped[1] == [1, 0, 6]


def test_a_segment_without_members_yet_cannot_be_joined(ids):
    with pytest.raises(SourceError, match="Later"):
        packages.combined([Step(Operation.OR, Segment.objects.create(slug="x", name="Later", rule={}))])


def test_a_split_parts_all_members_and_can_be_made_again(ids):
    whole = package("whole", ids)
    groups = packages.split(whole, salt="spring", shares=[3000, 7000])
    made = packages.make_groups("test", "Test", groups, by=None, now=NOW)
    assert [each.slug for each in made] == ["test-a", "test-b"]
    parts = [set(member_sets.load(each.members_id)) for each in made]
    assert parts[0] | parts[1] == set(ids)
    assert not parts[0] & parts[1]
    again = splitting.split(ids, made[0].origin["salt"], made[0].origin["shares"])
    assert [set(each.tolist()) for each in again] == parts


def test_of_a_split_whose_key_is_taken_nothing_is_left(ids):
    whole = package("whole", ids)
    package("test-b", ids)
    sets = MemberSet.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        packages.make_groups("test", "Test", packages.split(whole, salt="x", shares=[5000] * 2), by=None, now=NOW)
    assert sorted(Package.objects.values_list("slug", flat=True)) == ["test-b", "whole"]
    assert MemberSet.objects.count() == sets


def test_rules_read_packages_and_are_computed_anew_with_them(ids):
    vip = package("vip", ids[:2])
    reading = rule("segment", "in", ["vip"])
    reader = Segment.objects.create(slug="readers", name="Readers", rule=reading)
    assert set(evaluation.members_of(rules.parse(reading), world.everyone(now=NOW))) == set(ids[:2])
    packages.renew(vip, Content(BitMap(ids[5:]), {"how": "upload"}), by=None, now=NOW)
    assert Job.objects.get().arguments == {"segment_id": reader.pk}


def test_whoever_is_erased_drops_out_of_every_answer(ids):
    vip = package("vip", ids[:3])
    erasing.erase(ids[0], by=None, reason="asked", now=NOW)
    assert set(evaluation.members_of(rules.parse(rule("segment", "=", "vip")), world.everyone(now=NOW))) == set(
        ids[1:3]
    )
    assert set(packages.published(vip)) == set(ids[1:3])
    assert list(uids_of(vip.members_id)) == ["u1", "u2"]
    assert page_of(vip.members_id, after=-1, size=9) == (["u1", "u2"], None)


def test_why_says_that_a_package_has_no_rule(ids):
    vip = package("vip", ids[:1])
    for member, held in ((ids[0], True), (ids[1], False)):
        (clause,) = explaining.explain(vip, Member.objects.get(pk=member), now=NOW)
        told = "is in the package as it was made" if held else "is not in the package as it was made"
        assert (clause.held, clause.words) == (held, told)


def test_recomputing_passes_packages_over_with_a_line(ids, capsys):
    package("vip", ids[:1])
    Segment.objects.create(slug="late", name="Late", rule=rule("profile.uid", "=", "u1"))
    call_command("recompute_segment", "--all")
    said = capsys.readouterr().out
    assert "vip: a package, which changes by hand only: passed over" in said
    assert "late: 1 members" in said
    assert SegmentRun.objects.count() == 1
    call_command("recompute_segment", "vip")
    assert set(member_sets.load(Segment.objects.get(slug="vip").members_id)) == {ids[0]}
